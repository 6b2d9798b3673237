//! Plans by the shape of their arguments, within a bound.

use std::rc::Rc;

use crate::cache::Generations;
use crate::sql::Plan;

/// How many plans one generation of the cache keeps.
const KEPT: usize = 1024;

/// The plans of the shapes that come again.
pub(super) struct PlanCache {
    plans: Generations<Box<[u8]>, Rc<Plan>>,
    /// How many plans were ever put in.
    put: u64,
}

impl Default for PlanCache {
    fn default() -> Self {
        Self { plans: Generations::new(KEPT), put: 0 }
    }
}

impl PlanCache {
    /// The longest shape that is kept, in bytes: a call with thousands of rows is no shape that comes again.
    pub const LONGEST: usize = 8192;

    pub fn get(&mut self, shape: &[u8]) -> Option<Rc<Plan>> {
        self.plans.with(shape, |plan| Rc::clone(plan))
    }

    /// Keeps a plan by its shape; counts one that has none to be kept by.
    pub fn put(&mut self, shape: Option<&[u8]>, plan: Rc<Plan>) {
        self.put += 1;
        if let Some(shape) = shape {
            self.plans.insert(shape.into(), plan);
        }
    }

    /// Returns how many plans were put in, those that are gone and those that were not kept included.
    pub fn total(&self) -> u64 {
        self.put
    }

    /// Returns how many plans are kept.
    pub fn len(&self) -> usize {
        self.plans.len()
    }
}
