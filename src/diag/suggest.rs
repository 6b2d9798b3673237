//! "Did you mean".

/// Returns the candidate nearest to `name`, when one is near enough to be meant.
///
/// Near enough is an edit distance (insert, delete, replace, swap; letter case counts nothing) of at most a third
/// of the name's length, and at least 1. Ties go to the first candidate.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().take(64).flat_map(char::to_lowercase).collect();
    let bound = (wanted.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let chars: Vec<char> = candidate.chars().take(64).flat_map(char::to_lowercase).collect();
            (distance(&wanted, &chars), candidate)
        })
        .filter(|(distance, candidate)| *distance <= bound && *candidate != name)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Counts the edits between two words (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replace = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let names = ["String", "Int", "Boolean", "DateTime"];
        assert_eq!(closest("Sting", names), Some("String"));
        assert_eq!(closest("datetime", names), Some("DateTime"));
        assert_eq!(closest("Itn", names), Some("Int"));
        assert_eq!(closest("Money", names), None);
    }
}
