//! A bounded map: what is used survives, what is not goes, without a list to keep in order.

use std::borrow::Borrow;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Entries in two generations: what the younger one was asked for stays when it is full, the rest goes with the older.
///
/// It holds up to twice its size. Asking costs one look-up, or two and a move for what has come of age.
pub(crate) struct Generations<K, V> {
    young: FxHashMap<K, V>,
    old: FxHashMap<K, V>,
    size: usize,
}

impl<K: Hash + Eq, V> Generations<K, V> {
    /// Makes an empty map whose generations have `size` entries each.
    pub fn new(size: usize) -> Self {
        Self { young: FxHashMap::default(), old: FxHashMap::default(), size }
    }

    /// Calls `body` with the value of a key, and returns what it returns; None where there is no value.
    pub fn with<Q: Hash + Eq + ?Sized, R>(&mut self, key: &Q, body: impl FnOnce(&mut V) -> R) -> Option<R>
    where
        K: Borrow<Q>,
    {
        if let Some(value) = self.young.get_mut(key) {
            return Some(body(value));
        }
        let (key, mut value) = self.old.remove_entry(key)?;
        let result = body(&mut value);
        self.insert(key, value);
        Some(result)
    }

    /// Puts a value in.
    pub fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.size {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// Returns how many entries there are.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Generations;

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let mut map = Generations::new(4);
        for number in 0..100 {
            map.insert(number, number);
            assert_eq!(map.with(&0, |value| *value), Some(0), "after {number}");
            assert!(map.len() <= 8);
        }
        assert_eq!(map.with(&50, |value| *value), None);
        assert_eq!(map.with(&99, |value| std::mem::replace(value, 7)), Some(99));
        assert_eq!(map.with(&99, |value| *value), Some(7));
    }
}
