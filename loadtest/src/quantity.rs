//! The figures of a report by name: what a threshold may be about, and what two reports are compared by.

use crate::acts::Acts;
use crate::measure::{Line, What};
use crate::report::{Cost, Report};

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Microseconds.
    Time,
    /// Things in a second.
    PerSecond,
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Parts of one core.
    Cores,
    /// Microseconds of CPU.
    Cpu,
    /// Microseconds of CPU in a second.
    CpuPerSecond,
}

/// A figure that a report may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// Its name: `deliver.p99`, `unsent`, `server.rss`.
    pub name: String,
    /// What it is measured in.
    pub unit: Unit,
}

/// What is known of a time.
const STATISTICS: &[&str] = &["p50", "p90", "p95", "p99", "p99.9", "max", "count"];

/// The counts of every scenario and of some, as they stand in reports.
const COUNTS: &[&str] = &[
    "scheduled",
    "unpaired",
    "unsent",
    "acknowledged",
    "unacknowledged",
    "delivered",
    "undelivered",
    "delivered in time",
    "chats opened",
    "chats paired",
    "chats closed",
    "connections lost",
    "posts refused",
    "requests refused",
    "agents' turns",
    "tickets cleared",
];

const CUT_BY_SERVER: &str = "cut off as slow, by the server's count";

/// Everything else.
const OTHERS: &[(&str, Unit)] = &[
    ("acknowledged_per_s", Unit::PerSecond),
    ("delivered_per_s", Unit::PerSecond),
    ("refused", Unit::Count),
    ("server.cores", Unit::Cores),
    ("server.us_per_message", Unit::Cpu),
    ("server.rss", Unit::Bytes),
    ("client.cores", Unit::Cores),
    ("client.us_per_message", Unit::Cpu),
    ("client.rss", Unit::Bytes),
    ("idle.sessions", Unit::Count),
    ("idle.bytes_per_session", Unit::Bytes),
    ("idle.cores", Unit::Cores),
    ("idle.cpu_us_per_session_s", Unit::CpuPerSecond),
];

impl Quantity {
    /// The figure of this name.
    pub fn of(name: &str) -> Option<Quantity> {
        Quantity::all().into_iter().find(|one| one.name == name)
    }

    /// Every figure there is, in the order of the report.
    pub fn all() -> Vec<Quantity> {
        let quantity = |name: String, unit| Quantity { name, unit };
        let unit = |statistic: &str| if statistic == "count" { Unit::Count } else { Unit::Time };
        let times = What::ALL.iter().flat_map(|what| {
            let name = named(what.word());
            STATISTICS.iter().map(move |one| quantity(format!("{name}.{one}"), unit(one)))
        });
        let counts = COUNTS.iter().chain(Acts::NAMES).map(|count| quantity(named(count), Unit::Count));
        let others = OTHERS.iter().map(|(name, unit)| quantity((*name).to_owned(), *unit));
        times.chain(counts).chain(others).collect()
    }

    /// What may be asked for, in short.
    pub fn list() -> String {
        let times: Vec<String> = What::ALL.iter().map(|what| named(what.word())).collect();
        let counts: Vec<String> = COUNTS.iter().chain(Acts::NAMES).map(|count| named(count)).collect();
        let others: Vec<&str> = OTHERS.iter().map(|(name, _)| *name).collect();
        format!(
            "a time ({}) with one of .{}; or {}, {}",
            times.join(", "),
            STATISTICS.join(" ."),
            counts.join(", "),
            others.join(", ")
        )
    }

    /// Its value in a report; nothing where it was not measured, infinite where it never came.
    pub fn value(&self, report: &Report) -> Option<f64> {
        let of_time = self.name.split_once('.').and_then(|(time, statistic)| {
            let (_, line) = report.times_us.iter().find(|(word, _)| named(word) == time)?;
            Some((line, statistic))
        });
        if let Some((line, statistic)) = of_time {
            return statistic_of(line, statistic);
        }
        if let Some(value) = other(report, &self.name) {
            return value;
        }
        let count = report.counts.iter().find(|(word, _)| named(word) == self.name);
        // An act that nobody did is in no report, unless only the server could have told it.
        let none = || Acts::NAMES.iter().any(|act| *act != CUT_BY_SERVER && named(act) == self.name).then_some(0.0);
        count.map(|(_, count)| *count as f64).or_else(none)
    }

    /// A value in words.
    pub fn words(&self, value: f64) -> String {
        if value.is_infinite() {
            return "never".into();
        }
        match self.unit {
            Unit::Time => format!("{:.3} ms", value / 1e3),
            Unit::PerSecond => format!("{value:.1}/s"),
            Unit::Count => format!("{value:.0}"),
            Unit::Bytes if value.abs() < f64::from(1 << 20) => format!("{:.2} KiB", value / 1024.0),
            Unit::Bytes => format!("{:.1} MiB", value / f64::from(1 << 20)),
            Unit::Cores => format!("{value:.3} cores"),
            Unit::Cpu => format!("{value:.1} us"),
            Unit::CpuPerSecond => format!("{value:.2} us/s"),
        }
    }
}

fn statistic_of(line: &Line, statistic: &str) -> Option<f64> {
    let came = line.count > 0;
    if statistic == "count" {
        return Some(line.count as f64);
    }
    if !came && line.missing == 0 {
        return None;
    }
    let us = match statistic {
        "p50" => line.p50,
        "p90" => line.p90,
        "p95" => line.p95,
        "p99" => line.p99,
        "p99.9" => line.p999,
        // A longest time that hides what never came would be kept by losing everything.
        "max" => (came && line.missing == 0).then_some(line.max),
        _ => return None,
    };
    Some(us.map_or(f64::INFINITY, |us| us as f64))
}

/// The figures that are neither times nor counts.
fn other(report: &Report, name: &str) -> Option<Option<f64>> {
    let cost = |side: Option<Cost>, of: &str| {
        side.and_then(|cost| match of {
            "cores" => Some(cost.cores),
            "us_per_message" => cost.us_per_message,
            _ => Some(cost.rss_bytes as f64),
        })
    };
    OTHERS.iter().find(|(other, _)| *other == name)?;
    Some(match name.split_once('.') {
        Some(("server", of)) => cost(report.server, of),
        Some(("client", of)) => cost(report.client, of),
        Some((_, "sessions")) => report.idle.map(|idle| idle.sessions as f64),
        Some((_, "bytes_per_session")) => report.idle.map(|idle| idle.bytes_per_session),
        Some((_, "cpu_us_per_session_s")) => report.idle.and_then(|idle| idle.cpu_us_per_session_s),
        Some(_) => report.idle.map(|idle| idle.idle_cores),
        None if name == "refused" => Some((report.count("posts refused") + report.count("requests refused")) as f64),
        None if name == "delivered_per_s" => Some(report.delivered_per_s),
        None => Some(report.acknowledged_per_s),
    })
}

/// A name as it is typed: no blanks, no quotes.
fn named(word: &str) -> String {
    word.replace(' ', "_").replace(['\'', ','], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::measure::Measures;
    use crate::report::Idle;

    fn report() -> Report {
        let mut measures = Measures::new(Clock::start());
        (1..=100).for_each(|us| measures.took(What::Pairing, us));
        measures.disconnects = 3;
        let mut report = Report::default();
        report.measured(&measures, 2.0);
        report.server = Some(Cost { cores: 0.5, us_per_message: None, rss_bytes: 3 << 20 });
        report.idle = Some(Idle { sessions: 7, bytes_per_session: 2048.0, ..Idle::default() });
        report.idle = report.idle.map(|idle| idle.with_cpu(std::time::Duration::from_secs(1), 4));
        report
    }

    fn value(name: &str) -> Option<f64> {
        Quantity::of(name).unwrap().value(&report())
    }

    #[test]
    fn every_count_of_a_report_has_a_name() {
        for count in report().counts.keys() {
            assert!(COUNTS.iter().chain(Acts::NAMES).any(|name| name == count), "{count}");
        }
    }

    #[test]
    fn a_figure_is_found_by_its_name_and_what_was_not_measured_is_none() {
        let rows = [
            ("pairing.p99", Some(99.0)),
            ("pairing.count", Some(100.0)),
            ("deliver.count", Some(0.0)),
            ("deliver.p99", None),
            ("connections_lost", Some(3.0)),
            ("agents_turns", Some(0.0)),
            ("unsent", None),
            ("not_back", Some(0.0)),
            ("cut_off_as_slow_by_the_servers_count", None),
            ("refused", Some(0.0)),
            ("delivered_per_s", Some(0.0)),
            ("server.cores", Some(0.5)),
            ("server.us_per_message", None),
            ("server.rss", Some(3_145_728.0)),
            ("client.rss", None),
            ("idle.sessions", Some(7.0)),
            ("idle.bytes_per_session", Some(2048.0)),
            ("idle.cores", Some(0.25)),
            ("idle.cpu_us_per_session_s", Some(1e6 / 28.0)),
        ];
        rows.iter().for_each(|(name, expected)| assert_eq!(value(name), *expected, "{name}"));
        assert_eq!(Quantity::of("deliver.p42"), None);
        assert_eq!(Quantity::of("deliver"), None);
    }

    #[test]
    fn what_never_came_is_infinite() {
        let mut report = report();
        let line = Line { count: 90, missing: 10, p50: Some(5), max: 9, ..Line::default() };
        report.times_us.insert("deliver".into(), line);
        let value = |name| Quantity::of(name).unwrap().value(&report);
        assert_eq!(value("deliver.p50"), Some(5.0));
        assert_eq!(value("deliver.p99"), Some(f64::INFINITY));
        assert_eq!(value("deliver.max"), Some(f64::INFINITY));
    }
}
