//! One table of all benches, out of the files that criterion leaves behind and what was kept beside them.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::beside;
use crate::targets::{self, Figure};

/// Most directories below each other: group, function, size, `new`.
const DEPTH_MAX: usize = 4;

/// What one bench measured, in nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Group and function.
    pub bench: String,
    /// What varies; empty where nothing does.
    pub size: String,
    /// Half take at most this.
    pub median_ns: f64,
    /// What it does at once, where that is said.
    pub amount: Option<Amount>,
    /// CPU time of all threads, where it was measured.
    pub cpu_ns: Option<f64>,
    /// 99 of 100 take at most this, where single ones were timed.
    pub p99_ns: Option<f64>,
}

/// How much a bench does at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// So many of what it is about.
    Elements(f64),
    /// So many bytes.
    Bytes(f64),
}

/// Reads every bench below a directory, in the order of their names, sizes by number.
pub fn read(dir: &Path) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    walk(dir, DEPTH_MAX, &mut rows)?;
    if rows.is_empty() {
        bail!("{}: no bench has run", dir.display());
    }
    let number = |row: &Row| row.size.parse::<u64>().unwrap_or_default();
    rows.sort_by(|one, other| {
        one.bench.cmp(&other.bench).then(number(one).cmp(&number(other))).then(one.size.cmp(&other.size))
    });
    Ok(rows)
}

fn walk(dir: &Path, depth: usize, rows: &mut Vec<Row>) -> anyhow::Result<()> {
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let path = entry?.path();
        if path.ends_with("new") {
            rows.push(row(&path).with_context(|| path.display().to_string())?);
        } else if path.ends_with(beside::FILE) && !path.with_file_name("new").exists() {
            rows.extend(untimed(&json(&path)?));
        } else if path.is_dir() && depth > 0 {
            walk(&path, depth - 1, rows)?;
        }
    }
    Ok(())
}

fn row(new: &Path) -> anyhow::Result<Row> {
    let (bench, estimates) = (json(&new.join("benchmark.json"))?, json(&new.join("estimates.json"))?);
    let beside = json(&new.with_file_name(beside::FILE)).unwrap_or_default();
    parse(&bench, &estimates, &beside).context("a figure is missing")
}

/// A bench that criterion cannot time, because what it does is used up: all that is known of it was kept beside.
fn untimed(beside: &Value) -> Option<Row> {
    let median = serde_json::json!({ "median": { "point_estimate": beside["p50_ns"] } });
    parse(&beside["bench"], &median, beside)
}

fn json(path: &Path) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

/// A row out of criterion's description of a bench, its estimates, and what was kept beside them.
pub fn parse(bench: &Value, estimates: &Value, beside: &Value) -> Option<Row> {
    let word = |name: &str| bench[name].as_str();
    let amount = |name: &str| bench["throughput"][name].as_f64();
    let (elements, bytes) = (amount("Elements").map(Amount::Elements), amount("Bytes").map(Amount::Bytes));
    Some(Row {
        bench: [word("group_id")?].into_iter().chain(word("function_id")).collect::<Vec<_>>().join("/"),
        size: word("value_str").unwrap_or_default().to_owned(),
        median_ns: estimates["median"]["point_estimate"].as_f64()?,
        amount: elements.or(bytes),
        cpu_ns: beside["cpu_ns"].as_f64(),
        p99_ns: beside["p99_ns"].as_f64(),
    })
}

impl Row {
    fn each(&self, ns: f64) -> Option<f64> {
        match self.amount {
            Some(Amount::Elements(count)) => Some(ns / count),
            Some(Amount::Bytes(_)) | None => None,
        }
    }

    fn each_words(&self) -> String {
        match self.amount {
            Some(Amount::Elements(count)) if count > 1.0 => format!("{} each", time(self.median_ns / count)),
            Some(Amount::Bytes(bytes)) => format!("{bytes} B"),
            Some(Amount::Elements(_)) | None => String::new(),
        }
    }

    fn figure(&self, figure: Figure) -> Option<f64> {
        match figure {
            Figure::Median => Some(self.median_ns),
            Figure::Each => self.each(self.median_ns),
            Figure::CpuEach => self.cpu_ns.and_then(|ns| self.each(ns)),
            Figure::P99 => self.p99_ns,
        }
    }

    fn target_words(&self) -> String {
        let name = format!("{}/{}", self.bench, self.size);
        let words = targets::of(&name).filter_map(|target| {
            let verdict = if self.figure(target.figure)? <= target.ns_max { "met" } else { "MISSED" };
            Some(format!("{}: {verdict}", target.words))
        });
        words.collect::<Vec<_>>().join("; ")
    }

    fn cells(&self) -> [String; 7] {
        [
            self.bench.clone(),
            self.size.clone(),
            time(self.median_ns),
            self.each_words(),
            self.cpu_ns.map(time).unwrap_or_default(),
            self.p99_ns.map(time).unwrap_or_default(),
            self.target_words(),
        ]
    }
}

/// The rows as a table of Markdown, its columns aligned.
pub fn markdown(rows: &[Row]) -> String {
    let head = ["bench", "size", "median", "for each", "CPU", "p99", "target"].map(str::to_owned);
    aligned(head, rows.iter().map(Row::cells).collect())
}

/// A table of Markdown with aligned columns.
pub fn aligned<const N: usize>(head: [String; N], rows: Vec<[String; N]>) -> String {
    let length = |text: &String| text.chars().count();
    let width =
        |column: usize| rows.iter().map(|row| length(&row[column])).max().unwrap_or(0).max(length(&head[column]));
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(text, width)| format!(" {text:width$} |"));
        format!("|{}\n", cells.collect::<String>())
    };
    let rule: String = widths.iter().map(|width| format!("{}|", "-".repeat(width + 2))).collect();
    line(&head) + "|" + &rule + "\n" + &rows.iter().map(line).collect::<String>()
}

/// A time with three digits that count.
pub fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bench(group: &str, function: Value, size: Value, throughput: Value) -> Value {
        json!({ "group_id": group, "function_id": function, "value_str": size, "throughput": throughput })
    }

    fn estimates(ns: f64) -> Value {
        json!({ "mean": { "point_estimate": 2.0 * ns }, "median": { "point_estimate": ns, "standard_error": 1.0 } })
    }

    /// What criterion 0.8 leaves behind, shortened.
    #[test]
    fn a_row_says_median_each_cpu_and_whether_its_target_is_met() {
        let commit = bench("commit", Value::Null, json!("512"), json!({ "Elements": 512 }));
        let row = parse(&commit, &estimates(10_240_000.0), &json!({ "cpu_ns": 25_600_000.0 })).unwrap();
        let cells = row.cells();
        assert_eq!(cells[..5], ["commit", "512", "10.2 ms", "20.0 µs each", "25.6 ms"]);
        assert_eq!(cells[6], "≤ 40 µs each: 25,000/s: met; a part of 25 µs CPU each: MISSED");
        let encode = bench("encode", json!("post"), json!("binary"), json!({ "Bytes": 140 }));
        let row = parse(&encode, &estimates(29.4), &Value::Null).unwrap();
        assert_eq!(row.cells()[..4], ["encode/post", "binary", "29.4 ns", "140 B"]);
        let step = bench("matcher", json!("arrival"), json!("100000"), Value::Null);
        let row = parse(&step, &estimates(900.0), &json!({ "p99_ns": 4_000.0 })).unwrap();
        assert_eq!(row.cells()[5..], ["4.00 µs", "p99 ≤ 5 µs: met"]);
        assert_eq!(parse(&step, &json!({}), &Value::Null), None, "no median, no row");
    }

    #[test]
    fn benches_are_found_wherever_criterion_puts_them_and_sorted_by_size() {
        let dir = tempfile::tempdir().unwrap();
        for (path, size) in [("fan_out/250/new", "250"), ("fan_out/50/new", "50"), ("ticket/post/10/new", "10")] {
            let new = dir.path().join(path);
            fs::create_dir_all(&new).unwrap();
            let group = path.split('/').next().unwrap();
            let bench = bench(group, Value::Null, json!(size), Value::Null);
            fs::write(new.join("benchmark.json"), bench.to_string()).unwrap();
            fs::write(new.join("estimates.json"), estimates(5.0).to_string()).unwrap();
            fs::create_dir_all(new.with_file_name("base")).unwrap();
        }
        for (size, bench) in [("9", bench("matcher", json!("relax"), json!("9"), Value::Null)), ("8", Value::Null)] {
            let kept = dir.path().join("matcher/relax").join(size);
            fs::create_dir_all(&kept).unwrap();
            let beside = json!({ "bench": bench, "p50_ns": 3.0, "p99_ns": 7.0 });
            fs::write(kept.join(beside::FILE), beside.to_string()).unwrap();
        }
        let rows = read(dir.path()).unwrap();
        assert_eq!(rows.iter().map(|row| row.p99_ns).collect::<Vec<_>>(), [None, None, Some(7.0), None]);
        let sizes: Vec<String> = read(dir.path()).unwrap().into_iter().map(|row| row.size).collect();
        assert_eq!(
            sizes,
            ["50", "250", "9", "10"],
            "one that criterion could not time is a row by what was kept of it"
        );
        assert!(read(&dir.path().join("fan_out/50/base")).is_err(), "where nothing has run, that is said");
    }

    #[test]
    fn columns_are_aligned_and_times_have_three_digits() {
        assert_eq!(
            [0.5, 12.34, 1_234.0, 123_456.0, 1.5e9].map(time),
            ["0.50 ns", "12.3 ns", "1.23 µs", "123 µs", "1.50 s"]
        );
        let table = aligned(["a".into(), "b".into()], vec![["µµµ".into(), "x".into()]]);
        assert_eq!(table, "| a   | b |\n|-----|---|\n| µµµ | x |\n");
    }

    /// A target that names no bench would never be judged.
    #[test]
    fn every_target_names_a_group_of_the_benches() {
        let benches = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches")).unwrap();
        let mut names: Vec<String> = benches.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.iter_mut().for_each(|name| *name = name.trim_end_matches(".rs").to_owned());
        for target in targets::TARGETS {
            assert!(names.iter().any(|name| target.bench.starts_with(name)), "{}", target.bench);
        }
    }
}
