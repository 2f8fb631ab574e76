//! A distribution of times in a line or as points: what never came counts as longer than everything that did.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// A histogram in a line, in microseconds. What never came counts as longer than everything that did: a percentile
/// that would have to be one of these is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// How many came.
    pub count: u64,
    /// How many were due and never came.
    pub missing: u64,
    /// The median.
    pub p50: Option<u64>,
    /// 90 % are at most this.
    pub p90: Option<u64>,
    /// 95 % are at most this.
    pub p95: Option<u64>,
    /// 99 % are at most this.
    pub p99: Option<u64>,
    /// 99.9 % are at most this.
    pub p999: Option<u64>,
    /// The longest of those that came.
    pub max: u64,
}

/// One point of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// So many microseconds at most,
    pub value_us: u64,
    /// took this part of all, what never came included,
    pub quantile: f64,
    /// which are so many.
    pub total: u64,
}

/// Points of a distribution on each halving of the distance to its end, as HdrHistogram's own files have.
const POINTS_PER_HALVING: u32 = 5;

/// A histogram in a line.
pub(crate) fn line(times: &Histogram<u64>, missing: u64) -> Line {
    let (came, all) = (times.len() as f64, (times.len() + missing) as f64);
    let at = |quantile: f64| {
        // Of what came, this many must be at most the answer, for so many of all to be.
        let of_came = if missing == 0 { quantile } else { quantile * all / came };
        (!times.is_empty() && of_came < 1.0 + 1e-9).then(|| times.value_at_quantile(of_came.min(1.0)))
    };
    Line {
        count: times.len(),
        missing,
        p50: at(0.5),
        p90: at(0.9),
        p95: at(0.95),
        p99: at(0.99),
        p999: at(0.999),
        max: times.max(),
    }
}

/// A histogram as points; what never came is a part that no point reaches.
pub(crate) fn points(times: &Histogram<u64>, missing: u64) -> Vec<Point> {
    let (mut total, all) = (0, (times.len() + missing) as f64);
    let part = times.len() as f64 / all;
    let steps = times.iter_quantiles(POINTS_PER_HALVING);
    steps
        .map(|step| {
            total += step.count_since_last_iteration();
            Point { value_us: step.value_iterated_to(), quantile: step.quantile_iterated_to() * part, total }
        })
        .collect()
}
