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

    /// Returns the value of a key.
    pub fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.insert(key, value);
        }
        self.young.get_mut(key)
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
            assert_eq!(map.get_mut(&0), Some(&mut 0), "after {number}");
            assert!(map.len() <= 8);
        }
        assert_eq!(map.get_mut(&50), None);
        assert_eq!(map.get_mut(&99), Some(&mut 99));
    }
}
