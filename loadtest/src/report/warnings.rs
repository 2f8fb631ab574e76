//! What must be known to read the figures of a run right: who was too slow, and what is in no percentile.

use super::Report;
use crate::measure::{LAG_P99_US_MAX, What};

/// The client runs on one thread; from here on it is that thread which is measured.
pub const CLIENT_CORES_MAX: f64 = 0.9;

/// Everything to be said of a run.
pub fn of(report: &Report) -> Vec<String> {
    [lag(report), cpu(report), unpaired(report), held(report), unsent(report), waiting(report), missing(report)]
        .into_iter()
        .flatten()
        .collect()
}

fn lag(report: &Report) -> Option<String> {
    let p99 = report.times_us.get(What::Lag.word())?.p99.filter(|us| *us > LAG_P99_US_MAX)?;
    let (p99, most) = (p99 as f64 / 1e3, LAG_P99_US_MAX as f64 / 1e3);
    Some(format!(
        "the load client could not keep its own schedule: it sent late by {p99:.1} ms (p99; {most} ms is its bound); \
         the times say more of it than of the engine"
    ))
}

fn cpu(report: &Report) -> Option<String> {
    let cores = report.client?.cores;
    (cores > CLIENT_CORES_MAX).then(|| {
        format!(
            "the load client used {cores:.2} of the one core it can use: the rates and times are as much its own as the \
             engine's"
        )
    })
}

fn unpaired(report: &Report) -> Option<String> {
    let (unpaired, scheduled) = (report.count("unpaired"), report.count("scheduled"));
    (unpaired > 0).then(|| {
        let part = 100.0 * unpaired as f64 / scheduled.max(1) as f64;
        format!(
            "{unpaired} posts of the {scheduled} due ({part:.1} %) found no open chat and were never said: the rate asked \
             for was not played, no percentile counts them, and with them the percentiles would be worse"
        )
    })
}

fn held(report: &Report) -> Option<String> {
    let held = report.count("held back");
    (held > 0).then(|| {
        format!(
            "{held} posts that were due while their sender had a window full underway were not said: no percentile counts \
             them, and with them the percentiles would be worse"
        )
    })
}

fn unsent(report: &Report) -> Option<String> {
    let unsent = report.count("unsent");
    (unsent > 0)
        .then(|| format!("{unsent} posts that were due still waited in the client at the end and were never sent"))
}

fn waiting(report: &Report) -> Option<String> {
    let waiting = report.count("waiting at the end");
    (waiting > 0).then(|| {
        format!(
            "{waiting} chats waited for an agent at the end, not yet as long as the longest wait that had an end: no \
             percentile counts them"
        )
    })
}

fn missing(report: &Report) -> Option<String> {
    let of = |what: What| report.times_us.get(what.word()).filter(|line| line.missing > 0);
    let lines = What::ALL.iter().filter_map(|what| Some((what, of(*what)?)));
    let words: Vec<String> = lines
        .map(|(what, line)| format!("{} of {} ({})", line.missing, line.missing + line.count, what.word()))
        .collect();
    (!words.is_empty()).then(|| {
        format!(
            "never came: {}; the percentiles count them as slower than all that came (\"never\" is a percentile that is \
             one of them), max does not",
            words.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Line;
    use crate::report::Cost;

    fn report() -> Report {
        let mut report = Report::default();
        report.counts.insert("scheduled".into(), 200);
        let line = Line { count: 90, missing: 0, p99: Some(4_000), ..Line::default() };
        report.times_us.extend(["client lag", "deliver"].map(|name| (name.to_owned(), line)));
        report.client = Some(Cost { cores: 0.5, ..Cost::default() });
        report
    }

    #[test]
    fn a_run_without_any_such_thing_has_no_warning() {
        assert_eq!(of(&report()), Vec::<String>::new());
    }

    #[test]
    fn each_such_thing_is_told_with_its_figures() {
        let mut one = report();
        one.counts.extend([("unpaired".to_owned(), 50), ("held back".to_owned(), 9), ("unsent".to_owned(), 3)]);
        one.counts.insert("waiting at the end".into(), 4);
        one.times_us.insert("back".into(), Line { count: 50, missing: 2, ..Line::default() });
        one.times_us.get_mut("client lag").unwrap().p99 = Some(7_000);
        one.times_us.get_mut("deliver").unwrap().missing = 10;
        one.client = Some(Cost { cores: 0.97, ..Cost::default() });
        let told = of(&one);
        let words = [
            "7.0 ms",
            "0.97 of the one core",
            "50 posts of the 200 due (25.0 %)",
            "9 posts that",
            "3 posts",
            "4 chats waited for an agent",
            "10 of 100 (deliver), 2 of 52 (back)",
        ];
        assert_eq!(told.len(), words.len(), "{told:?}");
        words.iter().zip(&told).for_each(|(word, told)| assert!(told.contains(word), "{word}: {told}"));
    }
}
