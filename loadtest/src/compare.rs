//! Two reports beside each other: every figure that both have, the second's ratio to the first's, and what makes them
//! hard to compare.

use std::fmt;
use std::path::Path;

use crate::quantity::Quantity;
use crate::report::{FORMAT, Report};
use crate::threshold::{Threshold, Verdict, ratio};

/// The longest report that is read, in bytes.
const REPORT_BYTES_MAX: u64 = 64 << 20;

/// Two reports beside each other.
#[derive(Debug)]
pub struct Comparison {
    names: [String; 2],
    notes: Vec<String>,
    rows: Vec<Row>,
    verdicts: Vec<Verdict>,
}

#[derive(Debug)]
struct Row {
    name: String,
    values: [String; 2],
    ratio: Option<f64>,
}

/// Reads a report that `--json` wrote; the error is for people.
pub fn read(path: &Path) -> Result<Report, String> {
    let wrong = |words: String| format!("{}: {words}", path.display());
    let size = std::fs::metadata(path).map_err(|fault| wrong(fault.to_string()))?.len();
    if size > REPORT_BYTES_MAX {
        return Err(wrong(format!("no report is longer than {REPORT_BYTES_MAX} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|fault| wrong(fault.to_string()))?;
    let json: serde_json::Value = serde_json::from_str(&text)
        .map_err(|fault| wrong(format!("this is no JSON, and so no report of --json: {fault}")))?;
    let format = json.get("format").and_then(|format| format.as_str()).unwrap_or_default().to_owned();
    if format != FORMAT {
        return Err(wrong(match format.starts_with("deskwire-loadtest ") {
            true => format!("it is of another version ({format}; this program reads {FORMAT})"),
            false => "this is no report of deskwire-loadtest --json".into(),
        }));
    }
    serde_json::from_value(json).map_err(|fault| wrong(format!("a damaged report: {fault}")))
}

/// Holds the second against the first.
pub fn compare(names: [String; 2], first: &Report, second: &Report, thresholds: &[Threshold]) -> Comparison {
    let row = |quantity: Quantity| {
        let (before, after) = quantity.value(first).zip(quantity.value(second))?;
        if before == 0.0 && after == 0.0 && quantity.name.ends_with(".count") {
            return None;
        }
        let values = [quantity.words(before), quantity.words(after)];
        Some(Row { name: quantity.name, values, ratio: ratio(before, after) })
    };
    Comparison {
        names,
        notes: notes(first, second),
        rows: Quantity::all().into_iter().filter_map(row).collect(),
        verdicts: thresholds.iter().map(|one| one.judge_ratio(first, second)).collect(),
    }
}

impl Comparison {
    /// Whether a threshold was not kept.
    pub fn has_failed(&self) -> bool {
        self.verdicts.iter().any(|verdict| !verdict.kept)
    }
}

/// What differs beside the figures, and what is wrong with either.
fn notes(first: &Report, second: &Report) -> Vec<String> {
    let machine = |report: &Report| {
        format!("{} cores, {}, Linux {}", report.machine.cores, report.machine.cpu, report.machine.kernel)
    };
    let pairs = [
        ("commands", first.command.clone(), second.command.clone()),
        ("seeds", first.seed.to_string(), second.seed.to_string()),
        ("machines", machine(first), machine(second)),
        ("versions", first.version.clone(), second.version.clone()),
    ];
    let differing = pairs.into_iter().filter(|(_, first, second)| first != second);
    let mut notes: Vec<String> =
        differing.map(|(what, first, second)| format!("the {what} differ: {first}  |  {second}")).collect();
    for (which, report) in [("first", first), ("second", second)] {
        if report.is_broken() {
            notes.push(format!("in the {which} a promise was broken"));
        }
        notes.extend(report.warnings.iter().map(|warning| format!("of the {which}: {warning}")));
    }
    notes
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.names;
        writeln!(f, "first   {first}\nsecond  {second}")?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))?;
        write!(f, "{:<24} {:>16} {:>16} {:>8}", "", "first", "second", "ratio")?;
        for row in &self.rows {
            let ratio = row.ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}x"));
            write!(f, "\n{:<24} {:>16} {:>16} {ratio:>8}", row.name, row.values[0], row.values[1])?;
        }
        self.verdicts.iter().try_for_each(|verdict| write!(f, "\nthreshold {verdict}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Line;
    use crate::process::Machine;

    fn report(us: u64) -> Report {
        let mut report = Report { seed: 1, ..Report::default() };
        report.sign("chat --rate 1".into(), 0);
        report.machine = Machine::default();
        report.times_us.insert("deliver".into(), Line { count: 1, p99: Some(us), ..Line::default() });
        report.counts.insert("unsent".into(), 0);
        report
    }

    fn compared(first: &Report, second: &Report) -> String {
        compare(["a.json".into(), "b.json".into()], first, second, &[]).to_string()
    }

    #[test]
    fn every_figure_of_both_has_its_ratio_and_others_are_left_out() {
        let told = compared(&report(1_000), &report(1_500));
        let line = |name: &str| told.lines().find(|line| line.starts_with(name)).map(str::to_owned);
        let words: Vec<String> = line("deliver.p99 ").unwrap().split_whitespace().map(str::to_owned).collect();
        assert_eq!(words, ["deliver.p99", "1.000", "ms", "1.500", "ms", "1.50x"]);
        assert!(line("unsent").unwrap().ends_with("1.00x"), "{told}");
        assert_eq!(line("resume.p99"), None);
        assert!(!told.contains("note:"), "{told}");
    }

    #[test]
    fn what_makes_two_reports_hard_to_compare_is_told() {
        let mut other = report(1_000);
        other.seed = 2;
        other.command = "chat --rate 2".into();
        other.machine.cores = 64;
        other.broken.insert("lost".into(), 1);
        let told = compared(&report(1_000), &other);
        for words in ["the commands differ", "the seeds differ", "the machines differ", "in the second a promise"] {
            assert!(told.contains(words), "{words}: {told}");
        }
    }
}
