//! Versions and what a dependency asks of them: a small part of semver.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A semver version: three numbers, perhaps a pre-release and build data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Breaking changes.
    pub major: u64,
    /// Additions.
    pub minor: u64,
    /// Fixes.
    pub patch: u64,
    /// What follows a `-`: `beta.1`; empty for a release.
    pub pre: String,
    /// What follows a `+`; counts nothing when versions are compared.
    pub build: String,
}

/// What a dependency accepts: comparators that must all hold. None of them means any version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    text: String,
    comparators: Vec<Comparator>,
}

/// One bound of a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Comparator {
    operator: Operator,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Version {
    /// Makes a release version.
    pub fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self { major, minor, patch, pre: String::new(), build: String::new() }
    }
}

impl FromStr for Version {
    type Err = String;

    /// Reads `1.2.3`, `1.2.3-beta.1`, `1.2.3+build`; the error says what is wrong.
    fn from_str(text: &str) -> Result<Self, String> {
        let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
        let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
        let parts: Vec<&str> = core.split('.').collect();
        let [major, minor, patch] = parts[..] else {
            return Err(match parts.len() < 3 && !core.is_empty() {
                true => format!("it has {} of three numbers", parts.len()),
                false => "it is not three numbers".to_owned(),
            });
        };
        for suffix in [pre, build].into_iter().flatten() {
            let whole =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !suffix.split('.').all(whole) {
                return Err(format!("`{suffix}` is no pre-release or build name"));
            }
        }
        Ok(Self {
            major: number(major)?,
            minor: number(minor)?,
            patch: number(patch)?,
            pre: pre.unwrap_or("").to_owned(),
            build: build.unwrap_or("").to_owned(),
        })
    }
}

fn number(text: &str) -> Result<u64, String> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain {
        return Err(format!("`{text}` is no number"));
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(format!("`{text}` begins with a zero"));
    }
    text.parse().map_err(|_| format!("`{text}` is too large"))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.build.is_empty() {
            write!(f, "+{}", self.build)?;
        }
        Ok(())
    }
}

impl Ord for Version {
    /// Orders as semver does: a pre-release stands before its release; build data only breaks ties.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| compare_pre(&self.pre, &other.pre))
            .then_with(|| self.build.cmp(&other.build))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let mut left = a.split('.');
    let mut right = b.split('.');
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (x.parse::<u64>(), y.parse::<u64>()) {
                (Ok(x), Ok(y)) => x.cmp(&y),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => x.cmp(y),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl Requirement {
    /// Accepts any version.
    pub fn any() -> Self {
        Self { text: "*".to_owned(), comparators: Vec::new() }
    }

    /// Tells whether a version will do. A pre-release will do only where the requirement names one of the same release.
    pub fn accepts(&self, version: &Version) -> bool {
        let release = |other: &Version| (other.major, other.minor, other.patch);
        let named = |bound: &Comparator| !bound.version.pre.is_empty() && release(&bound.version) == release(version);
        if !version.pre.is_empty() && !self.comparators.is_empty() && !self.comparators.iter().any(named) {
            return false;
        }
        let version = Version { build: String::new(), ..version.clone() };
        self.comparators.iter().all(|comparator| match comparator.operator {
            Operator::Equal => version == comparator.version,
            Operator::Less => version < comparator.version,
            Operator::LessOrEqual => version <= comparator.version,
            Operator::Greater => version > comparator.version,
            Operator::GreaterOrEqual => version >= comparator.version,
        })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Requirement {
    type Err = String;

    /// Reads `^1.2`, `~1.2`, `>=1`, `>1`, `<2`, `<=2`, `1.2.3`, `1.2`, `1.x`, `*`, and several of them with spaces or commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut comparators = Vec::new();
        let spaced = text.replace(',', " ");
        let mut words = spaced.split_whitespace().peekable();
        if words.peek().is_none() {
            return Err("it is empty".to_owned());
        }
        while let Some(word) = words.next() {
            let operator = word.trim_end_matches(|c: char| !matches!(c, '^' | '~' | '<' | '>' | '='));
            let number = match &word[operator.len()..] {
                "" => words.next().ok_or_else(|| format!("nothing follows `{operator}`"))?,
                rest => rest,
            };
            comparators.extend(comparators_of(operator, number)?);
        }
        Ok(Self { text: text.trim().to_owned(), comparators })
    }
}

/// Turns an operator and a version, perhaps one that leaves numbers out, into bounds.
fn comparators_of(operator: &str, text: &str) -> Result<Vec<Comparator>, String> {
    let bound = |operator, version| Comparator { operator, version };
    let (low, given) = partial(text)?;
    // The first version past what `given` numbers say: 1.2 covers everything below 1.3.0.
    let next = match given {
        1 => Version::new(low.major.saturating_add(1), 0, 0),
        2 => Version::new(low.major, low.minor.saturating_add(1), 0),
        _ => Version::new(low.major, low.minor, low.patch.saturating_add(1)),
    };
    let next_major = Version::new(low.major.saturating_add(1), 0, 0);
    let next_minor = Version::new(low.major, low.minor.saturating_add(1), 0);
    let between = |low, high| vec![bound(Operator::GreaterOrEqual, low), bound(Operator::Less, high)];
    Ok(match (operator, given) {
        (_, 0) => Vec::new(),
        ("^", _) if low.major > 0 || given == 1 => between(low, next_major),
        ("^", _) if low.minor > 0 || given == 2 => between(low, next_minor),
        ("^", _) => between(low, next),
        ("~", 1) => between(low, next_major),
        ("~", _) => between(low, next_minor),
        ("" | "=", 3) => vec![bound(Operator::Equal, low)],
        ("" | "=", _) => between(low, next),
        (">=", _) => vec![bound(Operator::GreaterOrEqual, low)],
        (">", 3) => vec![bound(Operator::Greater, low)],
        (">", _) => vec![bound(Operator::GreaterOrEqual, next)],
        ("<", _) => vec![bound(Operator::Less, low)],
        ("<=", 3) => vec![bound(Operator::LessOrEqual, low)],
        ("<=", _) => vec![bound(Operator::Less, next)],
        (other, _) => return Err(format!("`{other}` is no operator")),
    })
}

/// Reads a version that may leave numbers out, and returns how many it gives.
fn partial(text: &str) -> Result<(Version, usize), String> {
    let open = |part: &str| matches!(part, "*" | "x" | "X");
    let core = text.split(['-', '+']).next().unwrap_or("");
    let parts: Vec<&str> = core.split('.').collect();
    if parts.len() == 3 && !parts.iter().any(|part| open(part)) {
        let version = Version { build: String::new(), ..text.parse()? };
        return Ok((version, 3));
    }
    if parts.len() > 3 || core.len() != text.len() {
        return Err(format!("`{text}` is no version"));
    }
    let given = parts.iter().take_while(|part| !open(part)).count();
    if parts[given..].iter().any(|part| !open(part)) {
        return Err(format!("`{text}` is no version"));
    }
    let mut numbers = [0; 3];
    for (slot, part) in numbers.iter_mut().zip(&parts[..given]) {
        *slot = number(part)?;
    }
    Ok((Version::new(numbers[0], numbers[1], numbers[2]), given))
}

#[cfg(test)]
mod tests {
    use super::{Requirement, Version};

    #[test]
    fn requirements_accept_what_semver_says() {
        let cases = [
            ("^1.2", "1.2.0 1.9.3", "1.1.9 2.0.0 1.3.0-beta"),
            ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
            ("^0.0.3", "0.0.3", "0.0.4"),
            ("^0", "0.0.0 0.9.0", "1.0.0"),
            ("~1.2", "1.2.0 1.2.9", "1.3.0"),
            ("~1", "1.0.0 1.9.0", "2.0.0"),
            (">=1", "1.0.0 7.0.0", "0.9.9"),
            (">1", "2.0.0", "1.9.0"),
            ("<=1", "1.9.0", "2.0.0"),
            (">=1 <2", "1.5.0", "2.0.0"),
            (">= 1.0, < 1.2", "1.1.9", "1.2.0"),
            ("1.2.3", "1.2.3 1.2.3+build", "1.2.4"),
            ("1.2", "1.2.9", "1.3.0"),
            ("1.x", "1.9.0", "2.0.0"),
            ("*", "0.0.0 9.9.9 1.0.0-beta", ""),
            ("^1.0.0-beta.2", "1.0.0-beta.11 1.0.0 1.4.0", "1.0.0-beta.1 1.1.0-beta.3"),
        ];
        for (requirement, accepted, refused) in cases {
            let parsed: Requirement = requirement.parse().unwrap();
            let accepts = |text: &str| parsed.accepts(&text.parse::<Version>().unwrap());
            for version in accepted.split_whitespace() {
                assert!(accepts(version), "{requirement} should accept {version}");
            }
            for version in refused.split_whitespace() {
                assert!(!accepts(version), "{requirement} should refuse {version}");
            }
        }
    }

    #[test]
    fn what_is_no_version_says_why() {
        for text in
            ["1.2", "1", "", "1.2.3.4", "v1.2.3", "1.2.x", "01.2.3", "1.2.3-", "1.2.3-a b", "99999999999999999999.0.0"]
        {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
        for text in ["", "^", "=>1", "1.2.3.4", "abc", "^1.x.2"] {
            assert!(text.parse::<Requirement>().is_err(), "{text}");
        }
    }
}
