//! `deliver.p99<20ms`: what a run must keep to, and whether it did.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::quantity::{Quantity, Unit};
use crate::report::Report;

/// How a value stands to its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// Longer ones first: `<=` begins with `<`.
const OPERATORS: [(&str, Operator); 4] =
    [("<=", Operator::AtMost), (">=", Operator::AtLeast), ("<", Operator::Below), (">", Operator::Above)];

impl Operator {
    fn keeps(self, value: f64, bound: f64) -> bool {
        match self {
            Operator::Below => value < bound,
            Operator::AtMost => value <= bound,
            Operator::Above => value > bound,
            Operator::AtLeast => value >= bound,
        }
    }
}

/// What a bound is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The figure itself.
    Absolute,
    /// Its ratio to the same figure of another report.
    Ratio,
}

/// One bound for one figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    words: String,
    quantity: Quantity,
    operator: Operator,
    bound: f64,
    kind: Kind,
}

/// What came of a threshold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The threshold, as it was asked for.
    pub threshold: String,
    /// The value in words.
    pub value: String,
    /// Whether it was kept. What was not measured was not kept.
    pub kept: bool,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.threshold, self.value, if self.kept { "ok" } else { "FAILED" })
    }
}

impl Threshold {
    /// What its bound is of.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Holds a report against it.
    pub fn judge(&self, report: &Report) -> Verdict {
        self.verdict(self.quantity.value(report), |value| self.quantity.words(value))
    }

    /// Holds the ratio of two reports against it.
    pub fn judge_ratio(&self, before: &Report, after: &Report) -> Verdict {
        let values = self.quantity.value(before).zip(self.quantity.value(after));
        self.verdict(values.and_then(|(before, after)| ratio(before, after)), |ratio| format!("{ratio:.2}x"))
    }

    fn verdict(&self, value: Option<f64>, words: impl Fn(f64) -> String) -> Verdict {
        Verdict {
            threshold: self.words.clone(),
            value: value.map_or_else(|| "not measured".into(), words),
            kept: value.is_some_and(|value| self.operator.keeps(value, self.bound)),
        }
    }
}

/// The second by the first; nothing where that says nothing.
pub fn ratio(before: f64, after: f64) -> Option<f64> {
    let ratio = if before == after { 1.0 } else { after / before };
    (ratio.is_finite() && before.is_finite()).then_some(ratio)
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(words: &str) -> Result<Threshold, String> {
        let at = words.find(['<', '>']).ok_or("it needs one of < <= > >=, as in deliver.p99<20ms")?;
        let (name, rest) = words.split_at(at);
        let (sign, operator) =
            OPERATORS.into_iter().find(|(sign, _)| rest.starts_with(sign)).expect("it begins with < or >");
        let name = name.trim();
        let quantity = Quantity::of(name)
            .ok_or_else(|| format!("there is no figure \"{name}\"; there are: {}", Quantity::list()))?;
        let (bound, kind) = bound(rest[sign.len()..].trim(), quantity.unit)?;
        Ok(Threshold { words: words.trim().to_owned(), quantity, operator, bound, kind })
    }
}

/// A number with its unit, in the unit of the figure.
fn bound(words: &str, unit: Unit) -> Result<(f64, Kind), String> {
    let end = words.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(words.len());
    let (number, of) = words.split_at(end);
    let number: f64 = number.parse().map_err(|_| format!("\"{words}\" is no number at or above 0 with a unit"))?;
    let of = of.trim();
    if of == "x" {
        return Ok((number, Kind::Ratio));
    }
    let (factor, units) = match unit {
        Unit::Time => (time(of), "us, ms or s"),
        Unit::Cpu => (if of.is_empty() { Some(1.0) } else { time(of) }, "us (or none), ms or s"),
        Unit::CpuPerSecond => (["", "us/s"].contains(&of).then_some(1.0), "us/s or none"),
        Unit::Bytes => (bytes(of), "B (or none), KiB, MiB or GiB"),
        Unit::PerSecond => (["", "/s"].contains(&of).then_some(1.0), "/s or none"),
        Unit::Count => (of.is_empty().then_some(1.0), "none"),
        Unit::Cores => (["", "cores"].contains(&of).then_some(1.0), "cores or none"),
    };
    let factor = factor.ok_or_else(|| format!("\"{words}\": its unit must be {units}"))?;
    Ok((number * factor, Kind::Absolute))
}

fn time(unit: &str) -> Option<f64> {
    match unit {
        "us" => Some(1.0),
        "ms" => Some(1e3),
        "s" => Some(1e6),
        _ => None,
    }
}

fn bytes(unit: &str) -> Option<f64> {
    match unit {
        "" | "B" => Some(1.0),
        "KiB" => Some(1024.0),
        "MiB" => Some(1024.0 * 1024.0),
        "GiB" => Some(1024.0 * 1024.0 * 1024.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Line;

    #[test]
    fn good_ones_are_read() {
        let rows = [
            ("deliver.p99<20ms", Operator::Below, 20_000.0, Kind::Absolute),
            (" acknowledge.p99.9 <= 1.5 s ", Operator::AtMost, 1_500_000.0, Kind::Absolute),
            ("last_of_room.max<900us", Operator::Below, 900.0, Kind::Absolute),
            ("resume.count>=10", Operator::AtLeast, 10.0, Kind::Absolute),
            ("delivered_per_s>24000", Operator::Above, 24_000.0, Kind::Absolute),
            ("acknowledged_per_s>=1/s", Operator::AtLeast, 1.0, Kind::Absolute),
            ("unsent<=0", Operator::AtMost, 0.0, Kind::Absolute),
            ("server.us_per_message<45", Operator::Below, 45.0, Kind::Absolute),
            ("server.us_per_message<0.1ms", Operator::Below, 100.0, Kind::Absolute),
            ("server.rss<64MiB", Operator::Below, 67_108_864.0, Kind::Absolute),
            ("idle.bytes_per_session<=8KiB", Operator::AtMost, 8_192.0, Kind::Absolute),
            ("idle.cpu_us_per_session_s<=2.5us/s", Operator::AtMost, 2.5, Kind::Absolute),
            ("deliver.p99<=1.2x", Operator::AtMost, 1.2, Kind::Ratio),
        ];
        for (words, operator, bound, kind) in rows {
            let read: Threshold = words.parse().unwrap();
            assert_eq!((read.operator, read.kind, read.words.as_str()), (operator, kind, words.trim()), "{words}");
            assert!((read.bound - bound).abs() < 1e-6, "{words}: {}", read.bound);
        }
    }

    #[test]
    fn bad_ones_are_told_with_what_would_be_right() {
        let rows = [
            ("", "it needs one of"),
            ("deliver.p99", "it needs one of"),
            ("deliver.p99=20ms", "it needs one of"),
            ("deliver<20ms", "acknowledge, deliver, last_of_room"),
            ("deliver.p98<20ms", ".p50 .p90 .p95 .p99 .p99.9 .max .count"),
            ("lost<1", "connections_lost"),
            ("<20ms", "no figure \"\""),
            ("deliver.p99<", "no number"),
            ("deliver.p99<ms", "no number"),
            ("deliver.p99<-1ms", "no number"),
            ("deliver.p99<1.2.3ms", "no number"),
            ("deliver.p99<<1ms", "no number"),
            ("deliver.p99<20", "must be us, ms or s"),
            ("deliver.p99<20 minutes", "must be us, ms or s"),
            ("deliver.count<20ms", "must be none"),
            ("unsent<=0ms", "must be none"),
            ("delivered_per_s>1ms", "must be /s or none"),
            ("server.rss<64MB", "KiB, MiB or GiB"),
            ("idle.cpu_us_per_session_s<1ms", "must be us/s or none"),
        ];
        for (words, told) in rows {
            let fault = words.parse::<Threshold>().unwrap_err();
            assert!(fault.contains(told), "{words}: {fault}");
        }
    }

    #[test]
    fn the_bound_itself_keeps_only_those_that_say_so_and_what_was_not_measured_keeps_none() {
        let mut report = Report::default();
        let line = Line { count: 10, p99: Some(20_000), ..Line::default() };
        report.times_us.insert("deliver".into(), line);
        report.times_us.insert("acknowledge".into(), Line { count: 5, missing: 5, ..Line::default() });
        let rows = [
            ("deliver.p99<20ms", "20.000 ms", false),
            ("deliver.p99<=20ms", "20.000 ms", true),
            ("deliver.p99>20ms", "20.000 ms", false),
            ("deliver.p99>=20ms", "20.000 ms", true),
            ("acknowledge.p99<600s", "never", false),
            ("resume.p99<20ms", "not measured", false),
            ("server.rss>0", "not measured", false),
        ];
        for (words, value, kept) in rows {
            let verdict = words.parse::<Threshold>().unwrap().judge(&report);
            assert_eq!((verdict.value.as_str(), verdict.kept), (value, kept), "{words}");
            assert!(verdict.to_string().ends_with(if kept { " ok" } else { " FAILED" }), "{verdict}");
        }
    }

    #[test]
    fn a_ratio_is_of_the_second_report_to_the_first() {
        let report = |us| {
            let mut report = Report::default();
            report.times_us.insert("deliver".into(), Line { count: 1, p99: Some(us), ..Line::default() });
            report
        };
        let judge = |words: &str| words.parse::<Threshold>().unwrap().judge_ratio(&report(1_000), &report(1_500));
        assert_eq!((judge("deliver.p99<=1.2x").kept, judge("deliver.p99<=1.2x").value.as_str()), (false, "1.50x"));
        assert!(judge("deliver.p99<2x").kept);
        assert_eq!(judge("resume.p99<2x").value, "not measured");
        assert_eq!([ratio(0.0, 0.0), ratio(0.0, 3.0), ratio(f64::INFINITY, 3.0)], [Some(1.0), None, None]);
    }
}
