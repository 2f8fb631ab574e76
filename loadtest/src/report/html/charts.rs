//! Which plots a report has.

use super::plot::{Plot, Series, Size};
use super::scale::Scale;
use super::{Report, mib};
use crate::measure::What;
use crate::meter::Sample;
use crate::timeline::{Brief, SliceLine};

/// A colour for each time, the same in every plot.
const COLOURS: [&str; 8] = ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"];
/// The least part of all that the percentile plot shows, however long a run was.
const TAIL_LEAST: f64 = 1e-7;

/// Each time over the run, and all their distributions.
pub fn latency(report: &Report) -> String {
    let over_time =
        What::ALL.iter().filter(|what| is_shown(report, **what)).filter_map(|what| over_time(report, *what));
    grid(percentiles(report).into_iter().chain(over_time))
}

/// The client's own lag is shown where it was late.
fn is_shown(report: &Report, what: What) -> bool {
    what != What::Lag || report.saturated
}

/// What was scheduled, acknowledged and delivered in each second, and what was refused and lost.
pub fn throughput(report: &Report) -> String {
    let receivers = report.receivers.max(1.0);
    let delivered = if receivers > 1.5 { format!("delivered ÷ {receivers:.0} receivers") } else { "delivered".into() };
    let rates = vec![
        series("acknowledged", "c1", report, |line| line.acknowledged as f64),
        series(&delivered, "c2", report, |line| line.delivered as f64 / receivers),
        series("due by the schedule", "due", report, |line| line.scheduled as f64),
    ];
    let troubles = vec![
        series("posts and requests refused", "c4", report, |line| line.refused as f64),
        series("connections lost", "c8", report, |line| line.lost as f64),
    ];
    let plots = [
        ("Posts each second", "What is due and not acknowledged in its second is late, or never was.", rates),
        ("Refused and lost each second", "", troubles),
    ];
    grid(plots.into_iter().filter(|(_, _, series)| has_any(series)).map(|(title, note, series)| Plot {
        size: Size::Half,
        title: title.into(),
        note: note.into(),
        x_words: "seconds of the measured time".into(),
        y_words: "in a second".into(),
        x: seconds(report),
        y: Scale::even(values(&series)),
        end: end(report),
        series,
    }))
}

/// What both sides used.
pub fn usage(report: &Report) -> String {
    let of = |name: &str, class, value: &dyn Fn(&Sample) -> Option<f64>| Series {
        name: name.into(),
        class,
        points: report.usage.iter().map(|sample| (sample.at_s, value(sample))).collect(),
    };
    let cores = vec![
        of("server", "c1", &|sample| sample.server_cores),
        of("load client", "c2", &|sample| Some(sample.client_cores)),
    ];
    let memory = vec![
        of("server", "c1", &|sample| sample.server_rss_bytes.map(mib)),
        of("load client", "c2", &|sample| Some(mib(sample.client_rss_bytes))),
    ];
    let plots = [("CPU", "cores", cores), ("Resident memory", "MiB", memory)];
    grid(plots.into_iter().filter(|(_, _, series)| has_any(series)).map(|(title, unit, mut series)| {
        series.retain(|one| one.points.iter().any(|(_, value)| value.is_some()));
        Plot {
            size: Size::Half,
            title: title.into(),
            note: String::new(),
            x_words: "seconds of the measured time".into(),
            y_words: unit.into(),
            x: Scale::even(report.usage.iter().map(|sample| sample.at_s / 1.04)),
            y: Scale::even(values(&series)),
            end: None,
            series,
        }
    }))
}

/// Two beside each other; one that has none beside it takes the line.
fn grid(plots: impl Iterator<Item = Plot>) -> String {
    let mut plots: Vec<Plot> = plots.collect();
    let halves = plots.iter().filter(|plot| plot.size == Size::Half).count();
    if let Some(last) = plots.last_mut().filter(|_| halves % 2 == 1) {
        last.size = Size::Whole;
    }
    let figures: String = plots.iter().map(Plot::figure).collect();
    if figures.is_empty() { figures } else { format!("<div class=\"plots\">\n{figures}</div>\n") }
}

fn over_time(report: &Report, what: What) -> Option<Plot> {
    let brief = |line: &SliceLine| line.times_us.get(what.word()).copied();
    let of = |name: &str, class, value: fn(Brief) -> u64| Series {
        name: name.into(),
        class,
        points: points(report, |line| Some(value(brief(line)?) as f64 / 1e3)),
    };
    let series = vec![
        of("p50", "c1", |brief| brief.p50),
        of("p99", "c2", |brief| brief.p99),
        of("max", "most", |brief| brief.max),
    ];
    has_any(&series).then(|| Plot {
        size: Size::Half,
        title: format!("{} over time", capital(what)),
        note: "By the second in which it began: a post, when it was due.".into(),
        x_words: "seconds of the measured time".into(),
        y_words: String::new(),
        x: seconds(report),
        y: Scale::decades(values(&series)),
        end: end(report),
        series,
    })
}

fn percentiles(report: &Report) -> Option<Plot> {
    let shown = What::ALL.iter().filter(|what| is_shown(report, **what));
    let measured = shown.filter_map(|what| Some((what, report.distributions.get(what.word())?)));
    let line = |(place, (what, distribution)): (usize, (&What, &super::super::Distribution))| Series {
        name: what.word().replace('_', " "),
        class: if *what == What::Lag { "most" } else { COLOURS[place % COLOURS.len()] },
        points: distribution.points.iter().map(|one| (one.quantile, Some(one.value_us as f64 / 1e3))).collect(),
    };
    let series: Vec<Series> = measured.enumerate().map(line).collect();
    let longest = report.distributions.values().filter_map(|one| one.points.last()).map(|last| last.total).max()?;
    Some(Plot {
        size: Size::Whole,
        title: "Percentiles".into(),
        note: "So much of all that was due took at most so long; what never came is above every line's end.".into(),
        x_words: "percentile, each step a tenth of what is left".into(),
        y_words: String::new(),
        x: Scale::Tail { left: (1.0 / longest.max(10) as f64).max(TAIL_LEAST) },
        y: Scale::decades(values(&series)),
        end: None,
        series,
    })
}

fn series(name: &str, class: &'static str, report: &Report, count: impl Fn(&SliceLine) -> f64) -> Series {
    let width = report.slice_s.max(1) as f64;
    Series { name: name.into(), class, points: points(report, |line| Some(count(line) / width)) }
}

/// A value of each slice, in its middle.
fn points(report: &Report, value: impl Fn(&SliceLine) -> Option<f64>) -> Vec<(f64, Option<f64>)> {
    let middle = report.slice_s.max(1) as f64 / 2.0;
    report.timeline.iter().map(|line| (line.at_s as f64 + middle, value(line))).collect()
}

fn seconds(report: &Report) -> Scale {
    let last = report.timeline.last().map_or(0, |line| line.at_s + report.slice_s);
    Scale::Even { end: (last as f64).max(report.seconds).max(1.0) }
}

/// Where the measured time ends, if there is something behind it.
fn end(report: &Report) -> Option<f64> {
    let last = report.timeline.last().map_or(0, |line| line.at_s + report.slice_s);
    (last as f64 > report.seconds + 0.01).then_some(report.seconds)
}

fn has_any(series: &[Series]) -> bool {
    values(series).any(|value| value > 0.0)
}

fn values(series: &[Series]) -> impl Iterator<Item = f64> {
    series.iter().flat_map(|one| one.points.iter().filter_map(|(_, value)| *value))
}

fn capital(what: What) -> String {
    let word = what.word().replace('_', " ");
    word[..1].to_uppercase() + &word[1..]
}
