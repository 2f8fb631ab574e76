//! What an option may be, said in words before anything is played.

use crate::text::{TEXT_BYTES_MAX, TEXT_BYTES_MIN};
use crate::threshold::{Kind, Threshold};

/// The longest time that an option may ask for, in seconds: a week.
pub const SECONDS_MAX: u64 = 7 * 86_400;
/// The most that may be asked for in a second; above it, the schedule's microseconds say nothing.
pub const RATE_MAX: f64 = 1e6;

/// Things a second.
pub fn rate(words: &str) -> Result<f64, String> {
    let rate: f64 = words.parse().map_err(|_| "it must be a number, things a second".to_owned())?;
    match rate > 0.0 && rate <= RATE_MAX {
        true => Ok(rate),
        false => Err(format!("it must be above 0 and at most {RATE_MAX} a second")),
    }
}

/// Bytes of a text.
pub fn size(words: &str) -> Result<usize, String> {
    let told = || format!("it must be from {TEXT_BYTES_MIN} (a post's mark needs as many) to {TEXT_BYTES_MAX} bytes");
    words.parse().ok().filter(|size| (TEXT_BYTES_MIN..=TEXT_BYTES_MAX).contains(size)).ok_or_else(told)
}

/// A time that may be none.
pub fn seconds(words: &str) -> Result<u64, String> {
    let told = || format!("it must be from 0 to {SECONDS_MAX} whole seconds");
    words.parse().ok().filter(|seconds| *seconds <= SECONDS_MAX).ok_or_else(told)
}

/// A time in which something is measured.
pub fn duration(words: &str) -> Result<u64, String> {
    let told = || format!("it must be from 1 to {SECONDS_MAX} whole seconds");
    words.parse().ok().filter(|seconds| (1..=SECONDS_MAX).contains(seconds)).ok_or_else(told)
}

/// The seed of a run.
pub fn seed(words: &str) -> Result<u64, String> {
    words.parse().map_err(|_| format!("it must be a whole number from 0 to {}, as a report tells it", u64::MAX))
}

/// A threshold of one run.
pub fn threshold(words: &str) -> Result<Threshold, String> {
    let threshold: Threshold = words.parse()?;
    match threshold.kind() {
        Kind::Absolute => Ok(threshold),
        Kind::Ratio => Err("a ratio (x) is of two reports: see `deskwire-loadtest compare`".into()),
    }
}

/// A threshold for two reports.
pub fn ratio(words: &str) -> Result<Threshold, String> {
    let threshold: Threshold = words.parse()?;
    match threshold.kind() {
        Kind::Ratio => Ok(threshold),
        Kind::Absolute => Err("two reports are compared by their ratio, as in deliver.p99<=1.2x".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_holds_at_its_edge_and_says_what_it_is() {
        let rows: [(&str, Result<f64, String>, &str); 13] = [
            ("0", rate("0"), "above 0"),
            ("1000000", rate("1000000"), ""),
            ("1000001", rate("1000001"), "at most 1000000"),
            ("NaN", rate("NaN"), "above 0"),
            ("fast", rate("fast"), "must be a number"),
            ("55", size("55").map(|size| size as f64), "from 56"),
            ("56", size("56").map(|size| size as f64), ""),
            ("0", seconds("0").map(|seconds| seconds as f64), ""),
            ("604801", seconds("604801").map(|seconds| seconds as f64), "from 0 to 604800"),
            ("0", duration("0").map(|seconds| seconds as f64), "from 1 to 604800"),
            ("604800", duration("604800").map(|seconds| seconds as f64), ""),
            ("-1", seed("-1").map(|seed| seed as f64), "whole number from 0"),
            ("18446744073709551615", seed("18446744073709551615").map(|seed| seed as f64), ""),
        ];
        for (words, read, told) in rows {
            match read {
                Ok(_) => assert_eq!(told, "", "{words}"),
                Err(fault) => assert!(!told.is_empty() && fault.contains(told), "{words}: {fault}"),
            }
        }
    }

    #[test]
    fn a_ratio_is_for_two_reports_and_a_value_for_one() {
        assert!(threshold("deliver.p99<20ms").is_ok() && ratio("deliver.p99<2x").is_ok());
        assert!(threshold("deliver.p99<2x").unwrap_err().contains("compare"));
        assert!(ratio("deliver.p99<20ms").unwrap_err().contains("1.2x"));
    }
}
