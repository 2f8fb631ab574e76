//! The steps of an overload, a row each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What one step of an overload brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rung {
    /// Times the base rate.
    pub factor: f64,
    /// Posts a second that were due.
    pub asked_per_s: f64,
    /// Posts acknowledged a second.
    pub accepted_per_s: f64,
    /// Refusals a second, each repeat counted.
    pub refused_per_s: f64,
    /// Posts a second that were due and never sent: their senders had a window full underway.
    pub unsent_per_s: f64,
    /// 99 % of the accepted were acknowledged in this time from the read of their frame, by the server's own
    /// histogram; in milliseconds.
    pub accepted_p99_ms: Option<f64>,
    /// 99 % were acknowledged in this time from when they were due, as their clients see it; in milliseconds. None where
    /// more than 1 % of what was said never was.
    pub client_p99_ms: Option<f64>,
    /// 99 % of the refusals came in this time from the sending; in milliseconds. None where nothing was refused.
    pub refused_p99_ms: Option<f64>,
}

/// All steps as a table, and what follows from them.
pub fn table(f: &mut fmt::Formatter<'_>, rungs: &[Rung]) -> fmt::Result {
    if rungs.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "{:<7} {:>10} {:>10} {:>10} {:>10} {:>14} {:>12} {:>12}",
        "step", "asked/s", "accepted/s", "refused/s", "unsent/s", "accepted p99", "client p99", "refused p99"
    )?;
    for rung in rungs {
        let [client, refused] = [rung.client_p99_ms, rung.refused_p99_ms].map(|ms| milliseconds(ms, 1));
        writeln!(
            f,
            "{:<7} {:>10.0} {:>10.0} {:>10.0} {:>10.0} {:>14} {client:>12} {refused:>12}",
            format!("{}x", rung.factor),
            rung.asked_per_s,
            rung.accepted_per_s,
            rung.refused_per_s,
            rung.unsent_per_s,
            milliseconds(rung.accepted_p99_ms, 2)
        )?;
    }
    writeln!(f, "{}", conclusion(rungs))
}

/// What follows from the first step and the last; nothing where there is none.
pub fn conclusion(rungs: &[Rung]) -> String {
    let Some((first, last)) = rungs.first().zip(rungs.last()) else { return String::new() };
    if rungs.iter().all(|rung| rung.accepted_p99_ms.is_none()) {
        return "note: without --metrics-url the times are the clients', their own delays included".into();
    }
    let before = first.accepted_p99_ms.filter(|ms| *ms > 0.0);
    let told = match before.zip(last.accepted_p99_ms) {
        Some((before, after)) => {
            format!("at {}x it is {:.2} times that at {}x", last.factor, after / before, first.factor)
        }
        None => format!("there is not one at both {}x and {}x, and so no ratio", first.factor, last.factor),
    };
    format!("accepted p99, from the read of the frame: {told}")
}

fn milliseconds(ms: Option<f64>, digits: usize) -> String {
    ms.map_or_else(|| "-".into(), |ms| format!("{ms:.digits$} ms"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Shown(Vec<Rung>);

    impl fmt::Display for Shown {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            table(f, &self.0)
        }
    }

    #[test]
    fn steps_are_told_with_their_ratio_or_that_the_times_are_the_clients() {
        let rung = |factor, ms| Rung { factor, accepted_p99_ms: ms, ..Rung::default() };
        let told = Shown(vec![rung(1.0, Some(4.0)), rung(10.0, Some(6.0))]).to_string();
        assert!(told.contains("at 10x it is 1.50 times that at 1x"), "{told}");
        let told = Shown(vec![rung(1.0, None)]).to_string();
        assert!(told.contains("the times are the clients'"), "{told}");
        assert_eq!(Shown(Vec::new()).to_string(), "");
    }

    #[test]
    fn a_time_that_is_not_there_is_a_dash_and_no_ratio_is_made_of_it() {
        let rung = |factor, ms| Rung { factor, accepted_p99_ms: ms, refused_p99_ms: Some(30.5), ..Rung::default() };
        for (first, last) in [(Some(0.0), Some(6.0)), (None, Some(6.0)), (Some(4.0), None)] {
            let told = Shown(vec![rung(1.0, first), rung(10.0, last)]).to_string();
            assert!(told.contains("there is not one at both 1x and 10x, and so no ratio"), "{told}");
            assert!(!told.contains("inf") && !told.contains("NaN") && !told.contains("--metrics-url"), "{told}");
            let row = told.lines().nth(1).unwrap();
            assert!(row.ends_with("            -      30.5 ms") && !row.contains("0.0 ms"), "{told}");
        }
    }
}
