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
    /// 99 % were acknowledged in this time from when they were due, as their clients see it; in milliseconds.
    pub client_p99_ms: f64,
    /// 99 % of the refusals came in this time from the sending; in milliseconds.
    pub refused_p99_ms: f64,
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
        let accepted = rung.accepted_p99_ms.map_or("-".into(), |ms| format!("{ms:.2} ms"));
        writeln!(
            f,
            "{:<7} {:>10.0} {:>10.0} {:>10.0} {:>10.0} {accepted:>14} {:>9.1} ms {:>9.1} ms",
            format!("{}x", rung.factor),
            rung.asked_per_s,
            rung.accepted_per_s,
            rung.refused_per_s,
            rung.unsent_per_s,
            rung.client_p99_ms,
            rung.refused_p99_ms
        )?;
    }
    writeln!(f, "{}", conclusion(rungs))
}

/// What follows from the first step and the last.
pub fn conclusion(rungs: &[Rung]) -> String {
    let ends = rungs.first().zip(rungs.last());
    match ends.and_then(|(first, last)| Some((first, last, last.accepted_p99_ms? / first.accepted_p99_ms?))) {
        Some((first, last, times)) => format!(
            "accepted p99, from the read of the frame: at {}x it is {times:.2} times that at {}x",
            last.factor, first.factor
        ),
        None => "note: without --metrics-url the times are the clients', their own delays included".into(),
    }
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
}
