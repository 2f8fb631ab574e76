//! The percentile files of HdrHistogram, one for each time: what its well-known plotter reads.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use super::{Distribution, Report};

/// Writes `PREFIX.NAME.hgrm` for each time that was measured; answers their paths.
pub fn write(report: &Report, prefix: &Path) -> io::Result<Vec<PathBuf>> {
    let one = |(name, distribution): (&String, &Distribution)| {
        let mut path = OsString::from(prefix);
        path.push(format!(".{}.hgrm", name.replace(' ', "_")));
        let missing = report.times_us.get(name).map_or(0, |line| line.missing);
        std::fs::write(&path, text(distribution, missing))?;
        Ok(PathBuf::from(path))
    };
    report.distributions.iter().map(one).collect()
}

/// The table in milliseconds. What never came is above every percentile in it, so that the last is then below 1.
pub fn text(distribution: &Distribution, missing: u64) -> String {
    let mut text = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    for point in &distribution.points {
        let inverse = 1.0 / (1.0 - point.quantile);
        let (ms, quantile, total) = (point.value_us as f64 / 1e3, point.quantile, point.total);
        // An infinite one is written `inf`, as the C library does.
        let _ = writeln!(text, "{ms:12.3} {quantile:2.12} {total:10} {inverse:14.2}");
    }
    let last = distribution.points.last();
    let (most, total) = last.map_or((0.0, 0), |last| (last.value_us as f64 / 1e3, last.total));
    let (mean, deviation) = (distribution.mean_us / 1e3, distribution.deviation_us / 1e3);
    let _ = writeln!(text, "#[Mean    = {mean:12.3}, StdDeviation   = {deviation:12.3}]");
    let _ = writeln!(text, "#[Max     = {most:12.3}, Total count    = {total:12}]");
    if missing > 0 {
        let _ = writeln!(text, "#[Never   = {missing:12}]");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::measure::{Measures, What};

    /// Value, percentile, count of each line, as the plotter takes them: by blanks, without what begins with `#`.
    fn rows(text: &str) -> Vec<(f64, f64, u64)> {
        let number = |word: &str| word.parse::<f64>().unwrap();
        let lines = text.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                assert_eq!(words.len(), 4, "{line}");
                let inverse = number(words[3]);
                let from_percentile = 1.0 / (1.0 - number(words[1]));
                assert!(inverse == from_percentile || (inverse / from_percentile - 1.0).abs() < 0.01, "{line}");
                (number(words[0]), number(words[1]), words[2].parse().unwrap())
            })
            .collect()
    }

    fn measured(said: u64, delivered: u64) -> Report {
        let mut measures = Measures::new(Clock::start());
        (0..said).for_each(|_| measures.post_said(0, 1));
        (1..=delivered).for_each(|us| {
            measures.delivered += 1;
            measures.took(What::Deliver, us);
        });
        let mut report = Report::default();
        report.measured(&measures, 1.0);
        report
    }

    #[test]
    fn a_file_read_back_has_the_histograms_percentiles() {
        let report = measured(10_000, 10_000);
        let rows = rows(&text(&report.distributions["deliver"], 0));
        assert!(rows.windows(2).all(|two| two[0].0 <= two[1].0 && two[0].1 <= two[1].1 && two[0].2 <= two[1].2));
        let last = rows.last().unwrap();
        assert_eq!((last.1, last.2), (1.0, 10_000));
        assert!((last.0 - 10.0).abs() < 0.01, "{last:?}");
        for (quantile, ms) in [(0.5, 5.0), (0.9, 9.0), (0.99, 9.9)] {
            let row = rows.iter().find(|row| row.1 >= quantile).unwrap();
            assert!((row.0 - ms).abs() < 0.2, "{quantile}: {row:?}");
        }
    }

    #[test]
    fn what_never_came_is_above_every_percentile_of_the_file() {
        let report = measured(100, 80);
        let text = text(&report.distributions["deliver"], report.times_us["deliver"].missing);
        let last = *rows(&text).last().unwrap();
        assert_eq!((last.1, last.2), (0.8, 80));
        assert!(text.contains("#[Never   =           20]"), "{text}");
    }
}
