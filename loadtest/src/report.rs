//! What a run found, for people and for programs.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use serde::Serialize;

use crate::checker::{Promise, Tally};
use crate::measure::{Line, Measures, What};
use crate::process::Usage;
use crate::rungs::{self, Rung};

/// CPU and memory of one process over the measured time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Part of one core.
    pub cores: f64,
    /// Microseconds of CPU for each message delivered; nothing where none was.
    pub us_per_message: Option<f64>,
    /// Resident memory at the end, in bytes.
    pub rss_bytes: u64,
}

impl Cost {
    /// Between two looks, `seconds` apart, in which so many messages were delivered.
    pub fn between(before: Usage, after: Usage, seconds: f64, messages: u64) -> Cost {
        let cpu_s = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        let us_per_message = (messages > 0).then(|| cpu_s * 1e6 / messages as f64);
        Cost { cores: cpu_s / seconds, us_per_message, rss_bytes: after.rss_bytes }
    }
}

/// The memory of idle sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Idle {
    /// How many sessions.
    pub sessions: u64,
    /// The server's resident memory without them, in bytes.
    pub rss_before_bytes: u64,
    /// With them, idle, in bytes.
    pub rss_after_bytes: u64,
    /// The difference for each, in bytes.
    pub bytes_per_session: f64,
    /// Of the server's resident memory, what it took itself (no file stands for it): without them, in bytes.
    pub rss_anon_before_bytes: u64,
    /// With them, idle, in bytes.
    pub rss_anon_after_bytes: u64,
    /// The difference of these for each session, in bytes.
    pub anon_bytes_per_session: f64,
    /// CPU while all are idle, part of one core.
    pub idle_cores: f64,
    /// Rooms that still live at the end of the idle time, where the server can be asked: 0 says that all are idle.
    pub rooms: Option<u64>,
}

/// Everything of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The scenario and its options, as they were given.
    pub command: String,
    /// The seed that plays it again.
    pub seed: u64,
    /// The measured time in seconds.
    pub seconds: f64,
    /// Times in microseconds, by name.
    pub times_us: BTreeMap<String, Line>,
    /// Counts by name.
    pub counts: BTreeMap<String, u64>,
    /// Posts acknowledged a second.
    pub acknowledged_per_s: f64,
    /// Posts received by the other side a second.
    pub delivered_per_s: f64,
    /// What the engine said no to, or ended connections with.
    pub complaints: BTreeMap<String, u64>,
    /// The load client itself, while messages were measured.
    pub client: Option<Cost>,
    /// The server, where its process is known.
    pub server: Option<Cost>,
    /// The steps of an overload.
    pub steps: Vec<Rung>,
    /// The memory of idle sessions, where that was measured.
    pub idle: Option<Idle>,
    /// Whether the client could not keep its own schedule.
    pub saturated: bool,
    /// Invariants that the server itself counted as violated during the run, where its metrics are known.
    pub violations: Option<u64>,
    /// What was promised, and how often.
    pub checked: Tally,
    /// What was broken, by name.
    pub broken: BTreeMap<String, u64>,
}

impl Report {
    /// Takes in what was measured.
    pub fn measured(&mut self, measures: &Measures, seconds: f64) {
        self.seconds = seconds;
        self.acknowledged_per_s = measures.acknowledged as f64 / seconds;
        self.delivered_per_s = measures.delivered as f64 / seconds;
        self.saturated = measures.is_saturated();
        self.times_us = What::ALL.iter().map(|what| (what.word().to_owned(), measures.line(*what))).collect();
        let counts = [
            ("scheduled", measures.scheduled),
            ("unpaired", measures.unpaired),
            ("acknowledged", measures.acknowledged),
            ("delivered", measures.delivered),
            ("chats opened", measures.opened),
            ("chats paired", measures.paired),
            ("chats closed", measures.closed),
            ("connections lost", measures.disconnects),
            ("requests refused", measures.requests_refused),
            ("agents' turns", measures.turns),
            ("tickets cleared", measures.cleared),
        ];
        self.counts.extend(counts.map(|(name, count)| (name.to_owned(), count)));
        self.counts.extend(measures.acts.counts());
    }

    /// Takes in what was checked.
    pub fn checked(&mut self, tally: &Tally) {
        self.checked = tally.clone();
        self.broken = Promise::ALL.iter().map(|one| (one.broken().to_owned(), tally.of(*one))).collect();
    }

    /// Whether the engine broke a promise.
    pub fn is_broken(&self) -> bool {
        self.checked.is_broken() || self.violations.is_some_and(|count| count > 0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  (seed {})", self.command, self.seed)?;
        times(f, &self.times_us)?;
        let count = |name: &str| self.counts.get(name).copied().unwrap_or_default();
        writeln!(
            f,
            "posts: scheduled {}, unsent {} (no paired chat {}), acknowledged {:.0}/s, delivered {:.0}/s in {:.1} s",
            count("scheduled"),
            count("unpaired") + count("unsent"),
            count("unpaired"),
            self.acknowledged_per_s,
            self.delivered_per_s,
            self.seconds
        )?;
        writeln!(
            f,
            "chats: opened {}, paired {}, closed {}; connections lost {}; agents' turns {}; tickets of earlier runs \
             closed {}",
            count("chats opened"),
            count("chats paired"),
            count("chats closed"),
            count("connections lost"),
            count("agents' turns"),
            count("tickets cleared")
        )?;
        rungs::table(f, &self.steps)?;
        costs(f, self)?;
        for (what, count) in &self.complaints {
            writeln!(f, "note: {what}: {count}")?;
        }
        if self.saturated {
            writeln!(f, "warning: the load client could not keep its own schedule; its figures say more of it")?;
        }
        let Tally { posted, acknowledged, refused, unknown_kept, unknown_dropped, undelivered, logs, events, .. } =
            self.checked;
        writeln!(
            f,
            "checked: {logs} logs, {events} events; posts {posted}, acknowledged {acknowledged}, refused {refused}, \
             without an answer {} ({unknown_kept} of them kept); undelivered {undelivered}",
            unknown_kept + unknown_dropped
        )?;
        writeln!(f, "{}", self.checked.words())?;
        if let Some(violations) = self.violations {
            writeln!(f, "invariants violated, by the server's own count: {violations}")?;
        }
        write!(f, "{}", if self.is_broken() { "a promise was BROKEN" } else { "every promise was kept" })
    }
}

fn times(f: &mut fmt::Formatter<'_>, times: &BTreeMap<String, Line>) -> fmt::Result {
    writeln!(
        f,
        "{:<12} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "ms", "count", "p50", "p90", "p95", "p99", "p99.9", "max"
    )?;
    for what in What::ALL {
        let Some(line) = times.get(what.word()).filter(|line| line.count > 0) else { continue };
        let mut row = format!("{:<12} {:>10}", what.word(), line.count);
        for us in [line.p50, line.p90, line.p95, line.p99, line.p999, line.max] {
            write!(row, " {:>9.3}", us as f64 / 1_000.0)?;
        }
        writeln!(f, "{row}")?;
    }
    Ok(())
}

fn costs(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let one = |f: &mut fmt::Formatter<'_>, name: &str, cost: Cost| {
        let mib = cost.rss_bytes as f64 / f64::from(1 << 20);
        let each = cost.us_per_message.map(|us| format!("{us:.1} us of CPU per delivered message, "));
        writeln!(f, "{name}: {:.2} cores, {}{mib:.1} MiB resident", cost.cores, each.unwrap_or_default())
    };
    for (name, cost) in [("client", report.client), ("server", report.server)] {
        cost.map_or(Ok(()), |cost| one(f, name, cost))?;
    }
    if let Some(idle) = report.idle {
        writeln!(
            f,
            "idle: {} sessions, {:.2} KB of memory each ({:.1} -> {:.1} MiB), {:.2} KB of it its own, {:.3} cores while \
             idle{}",
            idle.sessions,
            idle.bytes_per_session / 1_000.0,
            idle.rss_before_bytes as f64 / f64::from(1 << 20),
            idle.rss_after_bytes as f64 / f64::from(1 << 20),
            idle.anon_bytes_per_session / 1_000.0,
            idle.idle_cores,
            idle.rooms.map_or(String::new(), |rooms| format!("; {rooms} rooms not idle"))
        )?;
    }
    Ok(())
}
