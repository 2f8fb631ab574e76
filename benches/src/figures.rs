//! What one block of a measurement found, whoever measured it: our client at a peer, or the load client at the engine.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

/// Half and 99 of 100 took at most this, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    /// The median.
    pub p50_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
}

/// How a storm of clients came back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Back {
    /// 95 of 100 heard their tickets again after this, in milliseconds from the kill.
    pub p95_ms: f64,
    /// The last one did.
    pub last_ms: f64,
}

/// What more load than can be carried did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overload {
    /// The accepted posts' p99 from the read of their frame: that of the highest step by that of the first.
    pub accepted_p99_times: Option<f64>,
    /// 99 of 100 refusals of the highest step took at most this from the sending, in milliseconds.
    pub refused_p99_ms: Option<f64>,
}

/// What one block found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// CPU of the server for each delivered message, in microseconds.
    pub us_per_message: Option<f64>,
    /// CPU of the client, part of one core.
    pub client_cores: Option<f64>,
    /// Messages delivered a second.
    pub delivered_per_s: f64,
    /// From the scheduled send to the acknowledgement.
    pub acknowledge: Option<Times>,
    /// From the read of a post's frame to its acknowledgement, by the server's own count; half took at most this, in
    /// milliseconds.
    pub post_p50_ms: Option<f64>,
    /// From the scheduled send to the receipt.
    pub deliver: Option<Times>,
    /// From the opening of a chat to an agent.
    pub pairing: Option<Times>,
    /// How a storm came back.
    pub back: Option<Back>,
    /// What an overload did.
    pub overload: Option<Overload>,
    /// Acknowledgements and deliveries that never came.
    pub missing: u64,
    /// Posts that the schedule asked for and that were not sent.
    pub unsent: u64,
    /// Memory of an idle session, in bytes.
    pub bytes_per_session: Option<f64>,
    /// Memory of the server at the end, in bytes.
    pub rss_bytes: Option<f64>,
    /// Whether the client could not keep its own schedule.
    pub saturated: bool,
    /// Promises that were broken.
    pub broken: u64,
    /// What the server said no to.
    pub complaints: BTreeMap<String, u64>,
}

impl Figures {
    /// Out of the JSON report of the load client.
    pub fn of_report(report: &Value) -> Figures {
        let number = |path: &str| report.pointer(path).and_then(Value::as_f64);
        let count = |path: &str| report.pointer(path).and_then(Value::as_u64).unwrap_or_default();
        let times = |name: &str| {
            let at = |what: &str| number(&format!("/times_us/{name}/{what}"));
            at("count").filter(|count| *count > 0.0)?;
            Some(Times { p50_ms: at("p50")? / 1e3, p99_ms: at("p99")? / 1e3 })
        };
        // Who never came is behind all that did: then there is no last one.
        let back = || {
            if count("/times_us/back/missing") > 0 {
                return None;
            }
            let at = |what: &str| number(&format!("/times_us/back/{what}")).filter(|us| *us > 0.0);
            Some(Back { p95_ms: at("p95")? / 1e3, last_ms: at("max")? / 1e3 })
        };
        let counts = |name: &str| {
            let map = report[name].as_object().into_iter().flatten();
            map.map(|(what, count)| (what.clone(), count.as_u64().unwrap_or_default())).collect::<BTreeMap<_, _>>()
        };
        Figures {
            us_per_message: number("/server/us_per_message"),
            client_cores: number("/client/cores"),
            delivered_per_s: number("/delivered_per_s").unwrap_or_default(),
            acknowledge: times("acknowledge"),
            post_p50_ms: None,
            deliver: times("deliver"),
            pairing: times("pairing"),
            back: back(),
            overload: overload(report),
            missing: count("/checked/undelivered") + count("/times_us/back/missing"),
            unsent: count("/counts/unpaired") + count("/counts/unsent"),
            bytes_per_session: number("/idle/bytes_per_session"),
            rss_bytes: number("/server/rss_bytes"),
            saturated: report["saturated"].as_bool().unwrap_or_default(),
            broken: counts("broken").values().sum::<u64>() + count("/violations"),
            complaints: counts("complaints"),
        }
    }

    /// What makes a block doubtful, in words.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        let mut doubt = |is_so: bool, words: String| doubts.extend(is_so.then_some(words));
        doubt(self.broken > 0, format!("{} promises broken", self.broken));
        doubt(self.missing > 0, format!("{} never came", self.missing));
        doubt(self.unsent > 0, format!("{} unsent", self.unsent));
        doubt(self.saturated, "the client was late".into());
        doubts.extend(self.complaints.iter().map(|(what, count)| format!("{what} ({count})")));
        doubts
    }
}

fn overload(report: &Value) -> Option<Overload> {
    let steps = report["steps"].as_array()?;
    let of = |step: &Value, what: &str| step[what].as_f64();
    let (first, last) = (steps.first()?, steps.last()?);
    Some(Overload {
        accepted_p99_times: of(last, "accepted_p99_ms")
            .zip(of(first, "accepted_p99_ms").filter(|ms| *ms > 0.0))
            .map(|(last, first)| last / first),
        refused_p99_ms: of(last, "refused_p99_ms"),
    })
}

/// Runs a scenario of the load client; what it says on its way is not shown unless it fails.
pub fn load(loadtest: &Path, arguments: &[String], json: &Path) -> anyhow::Result<Figures> {
    let mut command = Command::new(loadtest);
    command.args(arguments).arg("--no-progress").arg("--json").arg(json).stdin(Stdio::null());
    let output = command.output().with_context(|| loadtest.display().to_string())?;
    let Ok(text) = std::fs::read_to_string(json) else {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("deskwire-loadtest {}: {}\n{words}", arguments.join(" "), output.status);
    };
    std::fs::remove_file(json)?;
    Ok(Figures::of_report(&serde_json::from_str(&text)?))
}

/// The middle one; of two, their mean.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_of_the_load_client_is_read() {
        let report = json!({
            "times_us": { "acknowledge": { "count": 9, "p50": 420, "p99": 1300 }, "pairing": { "count": 0, "p50": 0, "p99": 0 } },
            "counts": { "unpaired": 2, "unsent": 1 }, "delivered_per_s": 400.5, "saturated": true,
            "server": { "us_per_message": 265.0, "rss_bytes": 1000 }, "client": { "cores": 0.5 },
            "idle": { "bytes_per_session": 1100.0 }, "broken": { "lost": 1 }, "checked": { "undelivered": 4 },
            "complaints": { "busy": 3 },
            "steps": [{ "accepted_p99_ms": 4.0 }, { "accepted_p99_ms": 6.0, "refused_p99_ms": 30.5 }],
        });
        let mut report = report;
        report["times_us"]["back"] = json!({ "p95": 1500, "max": 2000 });
        let figures = Figures::of_report(&report);
        assert_eq!(figures.back, Some(Back { p95_ms: 1.5, last_ms: 2.0 }));
        assert_eq!(figures.overload, Some(Overload { accepted_p99_times: Some(1.5), refused_p99_ms: Some(30.5) }));
        report["times_us"]["back"]["missing"] = json!(2);
        report["steps"] = json!([{ "accepted_p99_ms": 4.0 }, { "accepted_p99_ms": 6.0, "refused_p99_ms": null }]);
        let with_missing = Figures::of_report(&report);
        assert_eq!((with_missing.back, with_missing.missing), (None, 6), "two never came back");
        assert_eq!(with_missing.overload, Some(Overload { accepted_p99_times: Some(1.5), refused_p99_ms: None }));
        assert_eq!(figures.acknowledge, Some(Times { p50_ms: 0.42, p99_ms: 1.3 }));
        assert_eq!((figures.pairing, figures.deliver), (None, None));
        assert_eq!((figures.us_per_message, figures.bytes_per_session), (Some(265.0), Some(1100.0)));
        let doubts = ["1 promises broken", "4 never came", "3 unsent", "the client was late", "busy (3)"];
        assert_eq!(figures.doubts(), doubts);
        let nothing = Figures::of_report(&json!({}));
        assert_eq!((nothing.back, nothing.overload, nothing.doubts().len()), (None, None, 0));
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0]), Some(2.5));
        assert_eq!(median([]), None);
    }

    #[test]
    fn a_load_that_leaves_no_report_is_told_with_its_words() {
        let dir = tempfile::tempdir().unwrap();
        let shell = dir.path().join("load");
        std::fs::write(&shell, "#!/bin/sh\necho the server is gone >&2\nexit 1\n").unwrap();
        let arguments = [shell.display().to_string(), "chat".into()];
        let fault = load(Path::new("sh"), &arguments, &dir.path().join("none")).unwrap_err().to_string();
        assert!(fault.contains("the server is gone"), "{fault}");
    }
}
