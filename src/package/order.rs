//! Load order.
