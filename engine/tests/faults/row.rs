//! What a fault came to, as one line of the table that `make faults` prints.

use deskwire_loadtest::checker::Tally;
use deskwire_loadtest::report::Report;

/// Prints one row of the table: which fault, its figures, how many promises were broken. Falls if any was.
#[track_caller]
pub fn row(fault: &str, figures: &str, broken: u64) {
    println!("FAULT {fault}: {figures}; broken {broken}");
    assert_eq!(broken, 0, "{fault}: {figures}");
}

/// What the checker found in the runs of the load client beside one kind of fault.
#[derive(Default)]
pub struct Judged {
    checked: Tally,
    /// Connections that the clients lost.
    pub lost: u64,
    broken: u64,
}

impl Judged {
    /// One more run. A broken one is printed whole.
    pub fn add(&mut self, report: &Report) {
        self.checked.add(&report.checked);
        self.lost += report.counts["connections lost"];
        self.broken += broken(report);
        if report.is_broken() {
            println!("{report}");
        }
    }

    /// Prints the row: what was done, and what came of it.
    #[track_caller]
    pub fn row(&self, fault: &str, done: &str) {
        let Tally { posted, acknowledged, logs, .. } = &self.checked;
        let words = self.checked.broken_words();
        row(
            fault,
            &format!("{done}; {posted} posts, {acknowledged} acknowledged, {logs} logs read {words}"),
            self.broken,
        );
        // A fault under which nobody talked shows nothing.
        assert!(*acknowledged > 50, "{fault}: only {acknowledged} posts were acknowledged");
    }
}

/// How many promises a run broke.
pub fn broken(report: &Report) -> u64 {
    report.broken.values().sum::<u64>() + report.violations.unwrap_or_default()
}

/// The middle and the worst of some times, in milliseconds.
pub fn spread(times_ms: &mut [f64]) -> String {
    times_ms.sort_by(f64::total_cmp);
    match times_ms {
        [] => "none".to_owned(),
        [.., worst] => {
            let worst = *worst;
            format!("p50 {:.0} ms, worst {worst:.0} ms of {}", times_ms[times_ms.len() / 2], times_ms.len())
        }
    }
}
