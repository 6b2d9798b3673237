//! Rounds, clocks, and what a measurement may use.

use std::path::Path;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What a figure is to be.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// No figure is set.
    None,
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

impl Goal {
    /// Tells whether a figure has reached it.
    pub fn is_met(self, figure: f64) -> bool {
        match self {
            Self::None => true,
            Self::AtMost(most) => figure <= most,
            Self::AtLeast(least) => figure >= least,
        }
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.pad("-"),
            Self::AtMost(goal) | Self::AtLeast(goal) => f.pad(&format!("{goal:.2}")),
        }
    }
}

/// What a measurement may use.
pub struct Setting<'a> {
    /// Whether it is to take as little time as possible.
    pub quick: bool,
    /// How many rounds to run.
    pub rounds: usize,
    /// How time is counted.
    pub clock: Clock,
    /// The database with all rows.
    pub file: &'a Path,
    /// A folder that goes at the end.
    pub folder: &'a Path,
}

/// Calls `measure` once to warm up, and then once a round.
pub fn samples(setting: &Setting, mut measure: impl FnMut() -> f64) -> Vec<f64> {
    measure();
    (0..setting.rounds).map(|_| measure()).collect()
}

/// What rounds of two bodies in turn gave.
pub struct Rounds {
    /// The second one's time divided by the first one's, a round each.
    pub ratios: Vec<f64>,
    /// The least time of the first.
    pub first: Duration,
    /// The least time of the second.
    pub second: Duration,
}

/// Runs two bodies in turn, each after `tidy`, which is not measured; a round before the first warms both up.
pub fn interleaved(setting: &Setting, tidy: impl Fn(), mut first: impl FnMut(), mut second: impl FnMut()) -> Rounds {
    let mut result = Rounds { ratios: Vec::new(), first: Duration::MAX, second: Duration::MAX };
    let measure = |body: &mut dyn FnMut()| {
        tidy();
        setting.clock.time(body)
    };
    for round in 0..=setting.rounds {
        let (one, two) = (measure(&mut first), measure(&mut second));
        if round > 0 {
            result.ratios.push(two.as_secs_f64() / one.as_secs_f64());
            result.first = result.first.min(one);
            result.second = result.second.min(two);
        }
    }
    result
}

/// How time is counted.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// As it passes.
    Wall,
    /// As this thread uses it.
    Processor,
}

impl Clock {
    /// Returns how long `body` takes.
    pub fn time(self, body: impl FnOnce()) -> Duration {
        let begun = self.now();
        body();
        self.now() - begun
    }

    /// Returns the time since some moment.
    fn now(self) -> Duration {
        let clock = match self {
            Self::Wall => ClockId::Monotonic,
            Self::Processor => ClockId::ThreadCPUTime,
        };
        clock_gettime(clock).try_into().expect("a clock runs forwards")
    }
}
