//! Which bench has a target: a figure that it must not pass, from the design, and whether the bench shows it or a part.

/// A target of one bench.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The bench, `group/function/size`.
    pub bench: &'static str,
    /// Which of its figures.
    pub figure: Figure,
    /// Most nanoseconds.
    pub ns_max: f64,
    /// In words.
    pub words: &'static str,
}

/// A figure of a bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Its median.
    Median,
    /// Its median, for each of what it does at once.
    Each,
    /// CPU time for each of what it does at once.
    CpuEach,
    /// 99 of 100 take at most this.
    P99,
}

/// All targets that a bench can show.
pub const TARGETS: &[Target] = &[
    Target { bench: "matcher/free_and_pair/100000", figure: Figure::P99, ns_max: 5_000.0, words: "p99 ≤ 5 µs" },
    Target { bench: "matcher/arrival/100000", figure: Figure::P99, ns_max: 5_000.0, words: "p99 ≤ 5 µs" },
    Target { bench: "matcher/pick/100000", figure: Figure::P99, ns_max: 5_000.0, words: "p99 ≤ 5 µs" },
    Target { bench: "matcher/relax/100000", figure: Figure::P99, ns_max: 5_000.0, words: "p99 ≤ 5 µs" },
    Target { bench: "matcher/position/100000", figure: Figure::P99, ns_max: 5_000.0, words: "p99 ≤ 5 µs" },
    Target { bench: "commit/512", figure: Figure::Each, ns_max: 40_000.0, words: "≤ 40 µs each: 25,000/s" },
    Target { bench: "commit/512", figure: Figure::CpuEach, ns_max: 25_000.0, words: "a part of 25 µs CPU each" },
    Target { bench: "fan_out/250", figure: Figure::Each, ns_max: 8_000.0, words: "a part of 8 µs each" },
    Target { bench: "cold_start/1000000", figure: Figure::Median, ns_max: 1e9, words: "≤ 1 s" },
];

/// The targets of a bench.
pub fn of(bench: &str) -> impl Iterator<Item = &'static Target> {
    TARGETS.iter().filter(move |target| target.bench == bench)
}
