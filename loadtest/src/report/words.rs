//! The report as text, for a terminal.

use std::collections::BTreeMap;
use std::fmt;

use super::{Cost, Report};
use crate::checker::Tally;
use crate::measure::{Line, What};
use crate::rungs;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  (seed {})", self.command, self.seed)?;
        times(f, &self.times_us)?;
        counts(f, self)?;
        rungs::table(f, &self.steps)?;
        costs(f, self)?;
        for (what, count) in &self.complaints {
            writeln!(f, "note: {what}: {count}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        checked(f, self)?;
        for verdict in &self.thresholds {
            writeln!(f, "threshold {verdict}")?;
        }
        write!(f, "{}", if self.is_broken() { "a promise was BROKEN" } else { "every promise was kept" })?;
        match self.has_failed() {
            true => write!(f, ", a threshold FAILED"),
            false => Ok(()),
        }
    }
}

fn times(f: &mut fmt::Formatter<'_>, times: &BTreeMap<String, Line>) -> fmt::Result {
    writeln!(
        f,
        "{:<12} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "ms", "count", "p50", "p90", "p95", "p99", "p99.9", "max"
    )?;
    for what in What::ALL {
        let Some(line) = times.get(what.word()).filter(|line| line.count + line.missing > 0) else { continue };
        write!(f, "{:<12} {:>10}", what.word(), line.count)?;
        for us in [line.p50, line.p90, line.p95, line.p99, line.p999, (line.count > 0).then_some(line.max)] {
            write!(f, " {:>9}", us.map_or_else(|| "never".to_owned(), |us| format!("{:.3}", us as f64 / 1e3)))?;
        }
        writeln!(f)?;
    }
    Ok(())
}

fn counts(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let count = |name: &str| report.count(name);
    writeln!(
        f,
        "posts: scheduled {}, unsent {} (no paired chat {}), acknowledged {:.0}/s, delivered {:.0}/s in {:.1} s; never \
         acknowledged {}, never delivered {}",
        count("scheduled"),
        count("unpaired") + count("unsent"),
        count("unpaired"),
        report.acknowledged_per_s,
        report.delivered_per_s,
        report.seconds,
        count("unacknowledged"),
        count("undelivered"),
    )?;
    writeln!(
        f,
        "chats: opened {}, paired {}, closed {}; connections lost {}; refused {} posts, {} requests; agents' turns {}; \
         tickets of earlier runs closed {}",
        count("chats opened"),
        count("chats paired"),
        count("chats closed"),
        count("connections lost"),
        count("posts refused"),
        count("requests refused"),
        count("agents' turns"),
        count("tickets cleared")
    )?;
    match count("struck") {
        0 => Ok(()),
        struck => writeln!(f, "storm: struck {struck}, not back {}", count("not back")),
    }
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
        let own = (idle.rss_anon_after_bytes > 0)
            .then(|| format!("{:.2} KB of it its own, ", idle.anon_bytes_per_session / 1_000.0));
        writeln!(
            f,
            "idle: {} sessions, {:.2} KB of memory each ({:.1} -> {:.1} MiB), {}{:.3} cores while idle{}{}",
            idle.sessions,
            idle.bytes_per_session / 1_000.0,
            idle.rss_before_bytes as f64 / f64::from(1 << 20),
            idle.rss_after_bytes as f64 / f64::from(1 << 20),
            own.unwrap_or_default(),
            idle.idle_cores,
            idle.cpu_us_per_session_s.map_or(String::new(), |us| format!(", {us:.2} us of CPU a second each")),
            idle.rooms.map_or(String::new(), |rooms| format!("; {rooms} rooms not idle"))
        )?;
    }
    Ok(())
}

fn checked(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let Tally { posted, acknowledged, refused, unknown_kept, unknown_dropped, undelivered, logs, events, .. } =
        &report.checked;
    writeln!(
        f,
        "checked: {logs} logs, {events} events; posts {posted}, acknowledged {acknowledged}, refused {refused}, without \
         an answer {} ({unknown_kept} of them kept); undelivered {undelivered}",
        unknown_kept + unknown_dropped
    )?;
    writeln!(f, "{}", report.promises())?;
    match report.violations {
        Some(violations) => writeln!(f, "invariants violated, by the server's own count: {violations}"),
        None => Ok(()),
    }
}
