//! Autobahn|Testsuite judges the framing: an echo on the transport of the desk, in this process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use deskwire::transport::Server;
use tokio::runtime::Runtime;

use crate::engine::ANYWHERE;
use crate::load::skipped;
use crate::row::row;

#[path = "../../../examples/echo.rs"]
mod echo;

/// The suite takes a quarter of a minute where nothing else runs.
const PATIENCE: Duration = Duration::from_secs(300);
/// What it has of cases, without compression.
const CASES_MIN: usize = 240;
const WHY: &str = "no wstest: it needs Python 2.7 (pyenv install 2.7.18), then .ci/needs test installs it";

/// Where the suite is, and what it must be told to find its parts.
struct Suite {
    program: PathBuf,
    base: Option<PathBuf>,
}

impl Suite {
    /// That of `.ci/needs`, else one on the path.
    fn find() -> Option<Suite> {
        let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/autobahn");
        let own = base.join("bin/wstest");
        if own.exists() {
            return Some(Suite { program: own, base: Some(base) });
        }
        let known = Command::new("wstest").arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
        known.is_ok_and(|status| status.success()).then(|| Suite { program: "wstest".into(), base: None })
    }

    /// Runs these cases against an echo; how many there were, and those that failed with what the suite says of them.
    fn judge(&self, echo: &Server, cases: &str) -> (usize, Vec<String>) {
        let directory = tempfile::tempdir().unwrap();
        let spec = format!(
            r#"{{"outdir":"reports","servers":[{{"agent":"echo","url":"ws://{}/ws"}}],"cases":["{cases}"],
                "exclude-cases":["12.*","13.*"],"exclude-agent-cases":{{}}}}"#,
            echo.address()
        );
        std::fs::write(directory.path().join("spec.json"), spec).unwrap();
        let mut command = Command::new(&self.program);
        command.args(["-m", "fuzzingclient", "-s", "spec.json"]).current_dir(directory.path());
        if let Some(base) = &self.base {
            command.env("PYTHONUSERBASE", base.canonicalize().unwrap());
        }
        finish(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let report = std::fs::read(directory.path().join("reports/index.json")).expect("the suite writes its report");
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
        let cases = report["echo"].as_object().unwrap();
        let failed = cases.iter().filter(|(_, found)| !is_good(found)).map(|(case, found)| format!("{case}: {found}"));
        (cases.len(), failed.collect())
    }
}

/// Neither the talk nor its end is anything but right; some cases only inform.
fn is_good(found: &serde_json::Value) -> bool {
    ["behavior", "behaviorClose"].iter().all(|what| matches!(found[what].as_str(), Some("OK" | "INFORMATIONAL")))
}

fn finish(mut suite: Child) {
    let until = Instant::now() + PATIENCE;
    while suite.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            suite.kill().unwrap();
            panic!("the suite does not come to an end");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn with_echo<T>(message_bytes_max: usize, test: impl FnOnce(&Server) -> T) -> T {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(async { echo::start(ANYWHERE, message_bytes_max) }).unwrap();
    let found = test(&server);
    runtime.block_on(async { drop(server) });
    found
}

/// Every case but those of compression, which is not offered.
#[test]
fn autobahn_finds_no_fault_with_the_framing() {
    let Some(suite) = Suite::find() else {
        return skipped("autobahn_finds_no_fault_with_the_framing", WHY);
    };
    let begun = Instant::now();
    let (cases, failed) = with_echo(echo::BYTES_MAX, |echo| suite.judge(echo, "*"));
    let figures = format!("{cases} cases in {:.0} s", begun.elapsed().as_secs_f64());
    row("autobahn", &figures, failed.len() as u64);
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(cases >= CASES_MIN, "{cases} cases");
}

/// An echo with the desk's own bound on messages: the cases beyond it fail, so the judge judges.
#[test]
fn autobahn_finds_fault_with_an_echo_that_takes_no_long_messages() {
    let Some(suite) = Suite::find() else {
        return skipped("autobahn_finds_fault_with_an_echo_that_takes_no_long_messages", WHY);
    };
    let bound = deskwire_protocol::limits::MESSAGE_BYTES_MAX;
    let (cases, failed) = with_echo(bound, |echo| suite.judge(echo, "9.1.*"));
    assert_eq!((cases, failed.len()), (6, 6), "{failed:#?}");
}
