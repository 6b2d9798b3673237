//! Raw values to the values that are bound.
