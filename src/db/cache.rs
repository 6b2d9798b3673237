//! Plans by the shape of their arguments, within a bound.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::sql::Plan;

/// How many plans one generation of the cache keeps.
const KEPT: usize = 1024;

/// The longest shape that is kept, in bytes: a call with thousands of rows is no shape that comes again.
const LONGEST: usize = 8192;

/// Plans in two generations: what the younger one was asked for survives when it is full, the rest goes with the older.
#[derive(Default)]
pub(super) struct PlanCache {
    young: FxHashMap<Box<[u8]>, Rc<Plan>>,
    old: FxHashMap<Box<[u8]>, Rc<Plan>>,
    /// How many plans were ever put in.
    put: u64,
}

impl PlanCache {
    pub fn get(&mut self, shape: &[u8]) -> Option<Rc<Plan>> {
        if let Some(plan) = self.young.get(shape) {
            return Some(Rc::clone(plan));
        }
        let (shape, plan) = self.old.remove_entry(shape)?;
        self.insert(shape, Rc::clone(&plan));
        Some(plan)
    }

    pub fn put(&mut self, shape: &[u8], plan: Rc<Plan>) {
        self.put += 1;
        if shape.len() <= LONGEST {
            self.insert(shape.into(), plan);
        }
    }

    /// Returns how many plans were put in, those that are gone and those that were not kept included.
    pub fn total(&self) -> u64 {
        self.put
    }

    /// Returns how many plans are kept.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    fn insert(&mut self, shape: Box<[u8]>, plan: Rc<Plan>) {
        if self.young.len() >= KEPT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(shape, plan);
    }
}
