//! Load order: every package behind those that it needs.

use std::collections::{BTreeSet, VecDeque};

/// What [`load_order`] found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    /// Those that can be ordered, each behind its needs; of several that could come next, the one with the lowest index.
    pub sorted: Vec<usize>,
    /// Chains that end where they begin: `[a, b]` when a needs b and b needs a. Each member stands in at least one chain.
    pub cycles: Vec<Vec<usize>>,
}

/// Orders the packages `0..needs.len()`; `needs[i]` are those that package `i` needs.
///
/// What stands in a cycle, or needs what does, is not among the sorted.
pub(super) fn load_order(needs: &[Vec<usize>]) -> Order {
    let mut open: Vec<usize> = needs.iter().map(|list| list.iter().collect::<BTreeSet<_>>().len()).collect();
    let mut needed_by = vec![BTreeSet::new(); needs.len()];
    for (index, list) in needs.iter().enumerate() {
        for need in list {
            needed_by[*need].insert(index);
        }
    }
    let mut ready: BTreeSet<usize> = (0..needs.len()).filter(|index| open[*index] == 0).collect();
    let mut order = Order::default();
    while let Some(index) = ready.pop_first() {
        order.sorted.push(index);
        for other in &needed_by[index] {
            open[*other] -= 1;
            if open[*other] == 0 {
                ready.insert(*other);
            }
        }
    }
    let mut named = BTreeSet::new();
    for index in (0..needs.len()).filter(|index| open[*index] > 0) {
        if named.contains(&index) {
            continue;
        }
        if let Some(chain) = way_back(needs, index) {
            named.extend(chain.iter().copied());
            order.cycles.push(chain);
        }
    }
    order
}

/// Finds the shortest chain of needs from `start` to itself.
fn way_back(needs: &[Vec<usize>], start: usize) -> Option<Vec<usize>> {
    let mut came_from = vec![None; needs.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(index) = queue.pop_front() {
        for &need in &needs[index] {
            if need == start {
                let mut chain = vec![index];
                while let Some(before) = came_from[chain[chain.len() - 1]] {
                    chain.push(before);
                }
                chain.reverse();
                return Some(chain);
            }
            if came_from[need].is_none() {
                came_from[need] = Some(index);
                queue.push_back(need);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::load_order;

    #[test]
    fn needs_come_first() {
        let order = load_order(&[vec![2, 1], vec![2], vec![], vec![]]);
        assert_eq!(order.sorted, [2, 1, 0, 3]);
        assert!(order.cycles.is_empty());
    }

    #[test]
    fn a_cycle_is_named_once_and_what_needs_it_is_left_out() {
        let order = load_order(&[vec![1], vec![2], vec![1], vec![], vec![4]]);
        assert_eq!(order.sorted, [3]);
        assert_eq!(order.cycles, [vec![1, 2], vec![4]]);
    }
}
