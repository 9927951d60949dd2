//! Times two programs in turns, so that whatever else the machine does hits both alike.
//! Medians and percentiles of what was seen; never a mean.

use std::time::{Duration, Instant};

/// Times of one thing, sorted.
#[derive(Debug, Clone)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Of these.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that `percent` of all stay within.
    pub fn percentile(&self, percent: usize) -> Duration {
        let last = self.0.len() - 1;
        self.0[(last * percent).div_ceil(100).min(last)]
    }

    /// The middle one.
    pub fn median(&self) -> Duration {
        self.percentile(50)
    }

    /// The longest.
    pub fn longest(&self) -> Duration {
        self.percentile(100)
    }
}

/// How long `work` takes.
pub fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Times `ours` and `bare` in turns, `rounds` times each, after two rounds that do not count.
pub fn in_turns(rounds: usize, mut ours: impl FnMut(usize), mut bare: impl FnMut(usize)) -> (Times, Times) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for round in 0..rounds + 2 {
        let (a, b) = (time(|| ours(round)), time(|| bare(round)));
        if round >= 2 {
            first.push(a);
            second.push(b);
        }
    }
    (Times::of(first), Times::of(second))
}

/// `a` over `b`.
pub fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
