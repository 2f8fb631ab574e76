//! The load tester as a tool: its exit codes, its files, and that they say the same.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

#[allow(dead_code, reason = "other tests plant other faults")]
mod fake;
#[path = "tool/page.rs"]
mod page;

use std::path::PathBuf;
use std::process::{Command, Output};

use deskwire_loadtest::compare;
use deskwire_loadtest::report::Report;
use fake::{Fake, Fault};

fn tool(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deskwire-loadtest")).args(arguments).output().unwrap()
}

/// A short chat run against an engine with this fault.
fn chat(fault: Fault, more: &[&str]) -> Output {
    let fake = Fake::start(fault, None);
    let (url, metrics) = (format!("ws://{}/ws", fake.address), format!("http://{}/metrics", fake.address));
    let base = ["chat", "--customers", "12", "--agents", "3", "--rate", "300", "--duration", "2", "--warmup", "0"];
    let rest = ["--no-progress", "--seed", "7", "--chat-posts", "12", "--url", &url, "--metrics-url", &metrics];
    tool(&[&base[..], &rest[..], more].concat())
}

/// A directory of this test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn of(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("deskwire-loadtest-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn report(&self, name: &str) -> Report {
        compare::read(&self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
fn ends(output: &Output, code: i32, words: &[&str]) {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{told}");
    words.iter().for_each(|word| assert!(told.contains(word), "{word}: {told}"));
}

/// G13
#[test]
fn thresholds_that_are_kept_end_with_0_and_each_is_listed_with_its_value() {
    let more = ["--threshold", "deliver.p99<60s", "--threshold", "unsent<=0", "--threshold", "server.rss>1MiB"];
    let output = chat(Fault::None, &more);
    ends(&output, 0, &["threshold deliver.p99<60s: ", "threshold unsent<=0: 0 ok", " MiB ok", "server: "]);
}

/// G13
#[test]
fn a_threshold_that_is_not_kept_ends_with_99() {
    let output = chat(Fault::None, &["--threshold", "deliver.p99<1us", "--threshold", "delivered>=1"]);
    ends(
        &output,
        99,
        &["threshold deliver.p99<1us: ", " ms FAILED", " ok\n", "every promise was kept, a threshold FAILED"],
    );
}

/// G13
#[test]
fn a_threshold_on_what_was_not_measured_is_not_kept() {
    let output = chat(Fault::None, &["--threshold", "last_of_room.p99<60s"]);
    ends(&output, 99, &["threshold last_of_room.p99<60s: not measured FAILED"]);
}

/// G13
#[test]
fn a_broken_promise_ends_with_98_whatever_the_thresholds_say() {
    for fault in [Fault::Lose, Fault::Double] {
        let output = chat(fault, &["--threshold", "deliver.p99<1us"]);
        ends(&output, 98, &["FAILED", "a promise was BROKEN"]);
    }
}

/// G13: what the engine counts of its own is a promise in every scenario.
#[test]
fn an_invariant_that_the_engine_counts_as_violated_ends_with_98() {
    let words = ["invariants violated, by the server's own count: 1", "a promise was BROKEN"];
    ends(&chat(Fault::Violate, &[]), 98, &words);
    let fake = Fake::start(Fault::Violate, None);
    let (url, metrics) = (format!("ws://{}/ws", fake.address), format!("http://{}/metrics", fake.address));
    let room = ["room", "--members", "4", "--rate", "100", "--duration", "1", "--warmup", "0"];
    ends(&tool(&[&room[..], &["--url", &url, "--metrics-url", &metrics]].concat()), 98, &words);
}

/// G13
#[test]
fn bad_options_end_with_104_before_anything_is_played_and_are_told_in_words() {
    let rows: [(&[&str], &str); 13] = [
        (
            &["chat", "--threshold", "deliver.p98<20ms"],
            "there is no figure \"deliver.p98\"; there are: a time (acknowledge",
        ),
        (&["chat", "--threshold", "deliver.p99"], "it needs one of < <= > >="),
        (&["chat", "--threshold", "deliver.p99<20"], "its unit must be us, ms or s"),
        (&["chat", "--threshold", "deliver.p99<2x"], "see `deskwire-loadtest compare`"),
        (&["chat", "--ramp", "0"], "it must be above 0"),
        (&["chat", "--rate", "many"], "it must be a number"),
        (&["chat", "--warmup", "-1"], ""),
        (&["chat", "--duration", "0"], "it must be from 1 to 604800 whole seconds"),
        (&["chat", "--seed", "x"], "it must be a whole number"),
        (&["chat", "--size", "3"], "it must be from 56"),
        (&["chat", "--json", "/no/such/directory/a.json"], "there is no such directory"),
        (&["compare", "a.json"], "<SECOND>"),
        (&["compare", "a.json", "b.json", "--threshold", "deliver.p99<1ms"], "by their ratio"),
    ];
    for (arguments, words) in rows {
        ends(&tool(arguments), 104, &[words]);
    }
}

/// G13
#[test]
fn a_run_that_cannot_be_made_ends_with_1() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}/metrics");
    ends(&tool(&["chat", "--metrics-url", &url]), 1, &["--metrics-url"]);
    ends(&tool(&["chat", "--server-pid", "4194305"]), 1, &["there is no such process"]);
    ends(&tool(&["compare", "/no/a.json", "/no/b.json"]), 1, &["/no/a.json: "]);
}

/// G13: the report as JSON has all that the page and the table have, and is read back by `compare`.
#[test]
fn the_report_as_json_goes_through_compare() {
    let folder = Folder::of("compare");
    let (first, second) = (folder.path("a.json"), folder.path("b.json"));
    ends(&chat(Fault::None, &["--json", &first, "--password", "deskwire-demo"]), 0, &[]);
    ends(&chat(Fault::None, &["--json", &second, "--size", "200"]), 0, &[]);
    let report = folder.report("a.json");
    assert!(report.command.contains("--password …") && !report.command.contains("deskwire-demo"), "{}", report.command);
    assert_eq!(report.timeline.iter().map(|line| line.scheduled).sum::<u64>(), report.counts["scheduled"]);
    assert_eq!(report.timeline.iter().map(|line| line.delivered).sum::<u64>(), report.counts["delivered"]);
    assert!(report.machine.cores > 0 && !report.usage.is_empty() && report.server.is_some());

    let same = tool(&["compare", &first, &first, "--threshold", "deliver.p99<=1x"]);
    ends(&same, 0, &["deliver.p99 ", "1.00x", "server.rss", "threshold deliver.p99<=1x: 1.00x ok"]);
    assert!(!String::from_utf8_lossy(&same.stdout).contains("note: the"), "{}", String::from_utf8_lossy(&same.stdout));
    ends(&tool(&["compare", &first, &second]), 0, &["the commands differ", "--size 200"]);
    ends(&tool(&["compare", &first, &second, "--threshold", "scheduled>=9x"]), 99, &["1.00x FAILED"]);

    for (name, text, words) in [
        ("text.json", "hello", "this is no JSON"),
        ("other.json", "{\"seed\": 1}", "this is no report"),
        ("later.json", "{\"format\": \"deskwire-loadtest 2\"}", "another version"),
        ("broken.json", "{\"format\": \"deskwire-loadtest 1\"}", "a damaged report"),
    ] {
        std::fs::write(folder.path(name), text).unwrap();
        ends(&tool(&["compare", &first, &folder.path(name)]), 1, &[words, name]);
    }
}

/// G13: what was due when is the seed's alone.
#[test]
fn the_seed_plays_the_same_schedule_again() {
    let folder = Folder::of("seed");
    let scheduled = |ramp: &str, name: &str| {
        ends(&chat(Fault::None, &["--json", &folder.path(name), "--ramp", ramp]), 0, &[]);
        // What was late came behind the end, where nothing was due any more.
        let mut due: Vec<u64> = folder.report(name).timeline.iter().map(|line| line.scheduled).collect();
        due.truncate(due.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1));
        due
    };
    // How fast people come in has nothing to do with it.
    let (first, second) = (scheduled("500", "a.json"), scheduled("40", "b.json"));
    assert_eq!(first, second);
    assert!(first.iter().sum::<u64>() > 400, "{first:?}");
}

/// G13: what came after the measured time was not done in it: not by the second, and not for the CPU that was used in it.
#[test]
fn what_came_late_is_no_throughput() {
    let folder = Folder::of("late");
    let fake = Fake::start(Fault::Late, None);
    let (url, json) = (format!("ws://{}/ws", fake.address), folder.path("a.json"));
    let room = ["room", "--members", "5", "--rate", "100", "--duration", "2", "--warmup", "0", "--url", &url];
    ends(&tool(&[&room[..], &["--json", &json]].concat()), 0, &["delivered"]);
    let report = folder.report("a.json");
    let (all, in_time) = (report.counts["delivered"] as f64, report.counts["delivered in time"] as f64);
    assert!(in_time > 0.0 && in_time < 0.8 * all, "{report}");
    assert_eq!((report.delivered_per_s * report.seconds).round(), in_time);
    assert!(report.acknowledged_per_s < 0.8 * report.counts["acknowledged"] as f64 / report.seconds, "{report}");
    let client = report.client.unwrap();
    let us = client.cores * report.seconds * 1e6 / in_time;
    // The looks are taken a little after the bounds of the time.
    assert!((0.8..1.3).contains(&(client.us_per_message.unwrap() / us)), "{report}");
}

/// G13: from the scheduled send until the last of the others has it.
#[test]
fn the_last_of_a_room_is_timed_and_written_for_the_plotter() {
    let folder = Folder::of("room");
    let fake = Fake::start(Fault::None, None);
    let (url, json, prefix) = (format!("ws://{}/ws", fake.address), folder.path("a.json"), folder.path("a"));
    let room = ["room", "--members", "5", "--rate", "100", "--duration", "2", "--warmup", "0", "--url", &url];
    ends(&tool(&[&room[..], &["--json", &json, "--hgrm", &prefix]].concat()), 0, &["last_of_room"]);
    let report = folder.report("a.json");
    let (last, deliver) = (report.times_us["last_of_room"], report.times_us["deliver"]);
    assert_eq!((last.count, last.missing), (report.counts["scheduled"], 0));
    assert_eq!(deliver.count, 4 * last.count);
    assert!(last.p50 >= deliver.p50, "{report}");
    // Each is read off the clock for itself.
    assert!(last.max.abs_diff(deliver.max) < 100, "{report}");
    for name in ["acknowledge", "deliver", "last_of_room", "client_lag"] {
        let text = folder.read(&format!("a.{name}.hgrm"));
        let last = text.lines().rfind(|line| line.ends_with("inf")).unwrap().split_whitespace().collect::<Vec<_>>();
        let line = report.times_us[&name.replace("client_lag", "client lag")];
        assert_eq!((last[1].parse::<f64>().unwrap(), last[2].parse::<u64>().unwrap()), (1.0, line.count), "{name}");
        // Three digits of the histogram are what both know of it.
        let ratio = last[0].parse::<f64>().unwrap() * 1e3 / line.max as f64;
        assert!((0.99..1.01).contains(&ratio), "{name}: {ratio}");
    }
}

/// G13
#[test]
fn the_page_needs_nothing_else_and_has_every_plot() {
    let folder = Folder::of("page");
    // The small engine takes any name; whatever is in the command is shown as text.
    let words = "it's <b>&";
    let login = format!("agent-###@{words}");
    let more = ["--html", &folder.path("a.html"), "--threshold", "deliver.p99<1us", "--agent-login", &login];
    ends(&chat(Fault::None, &more), 99, &[]);
    let page = folder.read("a.html");
    page::is_whole_by_itself(&page);
    assert!(page.contains("it&#39;") && page.contains("&lt;b&gt;&amp;") && !page.contains("<b>&'"), "{words}");
    for words in [
        "Percentiles",
        "Acknowledge over time",
        "Deliver over time",
        "Pairing over time",
        "Posts each second",
        "CPU",
        "Resident memory",
    ] {
        let figure = page.split("<figure").find(|figure| figure.contains(&format!("<h3>{words}</h3>")));
        assert!(figure.is_some_and(|figure| figure.contains("<path class=\"line")), "{words}");
    }
    for words in
        ["deliver.p99&lt;1us", "✗ FAILED", "</b> every promise was kept", "Seed", "Machine", "Second by second"]
    {
        assert!(page.contains(words), "{words}");
    }
}

/// G13: two seconds at 300 a second; at random it would be many more or fewer in either of them.
#[test]
fn fixed_arrivals_are_as_many_in_each_second() {
    let folder = Folder::of("fixed");
    ends(&chat(Fault::None, &["--json", &folder.path("a.json"), "--arrivals", "fixed"]), 0, &[]);
    let report = folder.report("a.json");
    let due: Vec<u64> = report.timeline.iter().map(|line| line.scheduled).filter(|count| *count > 0).collect();
    assert!(due.len() == 2 && due.iter().all(|count| (299..=301).contains(count)), "{due:?}");
}

/// G13: who has a window full underway says nothing more, and that is told; where nothing was refused there is no time
/// of refusals that a bound could be held against.
#[test]
fn steps_of_an_overload_tell_what_was_not_sent_and_no_time_of_what_never_was() {
    let folder = Folder::of("overload");
    let fake = Fake::start(Fault::Late, None);
    let (url, json) = (format!("ws://{}/ws", fake.address), folder.path("a.json"));
    let own = ["overload", "--customers", "12", "--agents", "3", "--rate", "50", "--steps", "1,60", "--step", "1"];
    let output = tool(&[&own[..], &["--url", &url, "--json", &json, "--patience", "5"]].concat());
    ends(&output, 0, &["unsent/s", "the times are the clients'", "posts that were due while their sender"]);
    let report = folder.report("a.json");
    let [calm, over] = &report.steps[..] else { panic!("{report}") };
    assert!(calm.unsent_per_s == 0.0 && over.unsent_per_s > 500.0, "{report}");
    let unsent = ["held back", "given up", "unpaired"].map(|name| report.count(name)).iter().sum::<u64>();
    assert_eq!((calm.unsent_per_s + over.unsent_per_s).round() as u64, unsent, "{report}");
    assert!(calm.client_p99_ms.is_some_and(|ms| ms > 500.0), "{report}");
    assert_eq!([calm.refused_p99_ms, over.refused_p99_ms, over.accepted_p99_ms], [None; 3], "{report}");
    assert_eq!(report.times_us["pairing"].count, 12, "those who were paired before the first step: {report}");
}

/// G13: one agent has four slots; the others wait until the run is over, and longer than all that had an agent.
#[test]
fn who_never_has_an_agent_is_in_the_percentiles_of_pairing() {
    let folder = Folder::of("pairing");
    let fake = Fake::start(Fault::None, None);
    let (url, json) = (format!("ws://{}/ws", fake.address), folder.path("a.json"));
    let own = ["chat", "--customers", "12", "--agents", "1", "--rate", "100", "--duration", "1", "--warmup", "0"];
    let more = ["--chat-posts", "100000", "--threshold", "pairing.p50<60s", "--url", &url, "--json", &json];
    let words = ["threshold pairing.p50<60s: never FAILED", "never came: 8 of 12 (pairing)"];
    ends(&tool(&[&own[..], &more[..]].concat()), 99, &words);
    let pairing = folder.report("a.json").times_us["pairing"];
    assert_eq!((pairing.count, pairing.missing, pairing.p50), (4, 8, None));
}

/// G13: a log or a pipe gets the report and nothing else, whether or not silence was asked for.
#[test]
fn without_a_terminal_there_is_nothing_but_the_report() {
    let fake = Fake::start(Fault::None, None);
    let url = format!("ws://{}/ws", fake.address);
    for (more, colour) in [(&[][..], ""), (&["--no-progress"], "1")] {
        let output = Command::new(env!("CARGO_BIN_EXE_deskwire-loadtest"))
            .args(["room", "--members", "4", "--rate", "50", "--duration", "2", "--warmup", "0", "--url", &url])
            .args(more)
            .env("NO_COLOR", colour)
            .output()
            .unwrap();
        ends(&output, 0, &["every promise was kept"]);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{more:?}");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.starts_with("room ") && !told.contains(['\x1b', '\r']), "{told}");
    }
}
