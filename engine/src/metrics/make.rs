//! How a metric is made: registered once, with a child for every word of its label.

use std::marker::PhantomData;
use std::ops::Index;

use prometheus::core::Collector;
use prometheus::{
    Counter, Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

/// A closed vocabulary that may be a label. No label has free text: the number of series is known at start.
pub trait Label: Copy + 'static {
    /// Every word.
    const WORDS: &'static [Self];

    /// Its place in [`Label::WORDS`].
    fn place(self) -> usize;

    /// The word in a scrape.
    fn word(self) -> String;
}

/// One counter for every word of a label.
pub struct Counters<L>(Vec<IntCounter>, PhantomData<L>);

/// One gauge for every word of a label.
pub struct Gauges<L>(Vec<IntGauge>, PhantomData<L>);

impl<L: Label> Index<L> for Counters<L> {
    type Output = IntCounter;

    fn index(&self, label: L) -> &IntCounter {
        &self.0[label.place()]
    }
}

impl<L: Label> Index<L> for Gauges<L> {
    type Output = IntGauge;

    fn index(&self, label: L) -> &IntGauge {
        &self.0[label.place()]
    }
}

/// What a metric needs beside its name and meaning.
pub(super) enum Extra {
    Label(&'static str),
    Buckets(&'static [f64]),
}

impl From<&'static str> for Extra {
    fn from(label: &'static str) -> Extra {
        Extra::Label(label)
    }
}

impl From<&'static [f64]> for Extra {
    fn from(buckets: &'static [f64]) -> Extra {
        Extra::Buckets(buckets)
    }
}

/// The extra of a row, out of the none or one that the table gives.
pub(super) fn first(extras: &[Extra]) -> Option<&Extra> {
    extras.first()
}

/// A kind of metric that a row of the table can make.
pub(super) trait Make {
    fn make(registry: &Registry, name: &str, help: &str, extra: Option<&Extra>) -> Self;
}

const WELL_FORMED: &str = "a test makes every row of the table, each under its own well-formed name";

fn registered<C: Collector + Clone + 'static>(registry: &Registry, made: prometheus::Result<C>) -> C {
    let metric = made.expect(WELL_FORMED);
    registry.register(Box::new(metric.clone())).expect(WELL_FORMED);
    metric
}

fn label_of(extra: Option<&Extra>) -> &'static str {
    match extra {
        Some(Extra::Label(label)) => label,
        Some(Extra::Buckets(_)) | None => panic!("{WELL_FORMED}"),
    }
}

impl Make for IntCounter {
    fn make(registry: &Registry, name: &str, help: &str, _: Option<&Extra>) -> Self {
        registered(registry, IntCounter::new(name, help))
    }
}

impl Make for Counter {
    fn make(registry: &Registry, name: &str, help: &str, _: Option<&Extra>) -> Self {
        registered(registry, Counter::new(name, help))
    }
}

impl Make for IntGauge {
    fn make(registry: &Registry, name: &str, help: &str, _: Option<&Extra>) -> Self {
        registered(registry, IntGauge::new(name, help))
    }
}

impl Make for Gauge {
    fn make(registry: &Registry, name: &str, help: &str, _: Option<&Extra>) -> Self {
        registered(registry, Gauge::new(name, help))
    }
}

impl Make for Histogram {
    fn make(registry: &Registry, name: &str, help: &str, extra: Option<&Extra>) -> Self {
        let options = match extra {
            Some(Extra::Buckets(buckets)) => HistogramOpts::new(name, help).buckets(buckets.to_vec()),
            Some(Extra::Label(_)) | None => panic!("{WELL_FORMED}"),
        };
        registered(registry, Histogram::with_opts(options))
    }
}

impl<L: Label> Make for Counters<L> {
    fn make(registry: &Registry, name: &str, help: &str, extra: Option<&Extra>) -> Self {
        let family = registered(registry, IntCounterVec::new(Opts::new(name, help), &[label_of(extra)]));
        Counters(L::WORDS.iter().map(|label| family.with_label_values(&[&label.word()])).collect(), PhantomData)
    }
}

impl<L: Label> Make for Gauges<L> {
    fn make(registry: &Registry, name: &str, help: &str, extra: Option<&Extra>) -> Self {
        let family = registered(registry, IntGaugeVec::new(Opts::new(name, help), &[label_of(extra)]));
        Gauges(L::WORDS.iter().map(|label| family.with_label_values(&[&label.word()])).collect(), PhantomData)
    }
}
