//! The tables of the page.

use super::{Report, escape, grouped, time};
use crate::measure::What;
use crate::rungs::{self, Rung};

/// The thresholds, and what came of them.
pub fn thresholds(report: &Report) -> String {
    let row = |verdict: &crate::threshold::Verdict| {
        let (class, mark) = if verdict.kept { ("good", "✓ ok") } else { ("bad", "✗ FAILED") };
        format!(
            "<tr><td><code>{}</code></td><td class=\"n\">{}</td><td class=\"{class}\">{mark}</td></tr>",
            escape(&verdict.threshold),
            escape(&verdict.value)
        )
    };
    let rows: String = report.thresholds.iter().map(row).collect();
    table("Thresholds", &["threshold", "#measured", ""], &rows)
}

/// What the engine promises, and how often it broke it.
pub fn promises(report: &Report) -> String {
    let chip = |name: &str, count: u64| {
        let (class, mark) = if count == 0 { ("good", "✓") } else { ("bad", "✗") };
        format!("<li class=\"{class}\"><b>{mark}</b> {} <b>{count}</b></li>", escape(name))
    };
    let broken = report.broken.iter().map(|(name, count)| chip(name, *count));
    let violated = report.violations.map(|count| chip("invariants violated, by the server's own count", count));
    let chips: String = broken.chain(violated).collect();
    let checked = &report.checked;
    format!(
        "<h3>Promises</h3>\n<ul class=\"chips\">{chips}</ul>\n<p>Held against each other: {} logs with {} events, read back \
         after the run, and {} posts; {} were acknowledged, {} refused, {} had no answer ({} of these were kept).</p>\n",
        grouped(checked.logs as f64),
        grouped(checked.events as f64),
        grouped(checked.posted as f64),
        grouped(checked.acknowledged as f64),
        grouped(checked.refused as f64),
        grouped((checked.unknown_kept + checked.unknown_dropped) as f64),
        grouped(checked.unknown_kept as f64),
    )
}

/// The steps of an overload, and what follows from them.
pub fn steps(report: &Report) -> String {
    let ms = |ms: Option<f64>| ms.map_or_else(|| "–".to_owned(), |ms| time(Some((ms * 1e3) as u64)));
    let row = |rung: &Rung| {
        let rates = [rung.asked_per_s, rung.accepted_per_s, rung.refused_per_s, rung.unsent_per_s].map(grouped);
        let times = [rung.accepted_p99_ms, rung.client_p99_ms, rung.refused_p99_ms].map(ms);
        let cells = rates.into_iter().chain(times);
        let cells: String = cells.map(|cell| format!("<td class=\"n\">{cell}</td>")).collect();
        format!("<tr><th>{}×</th>{cells}</tr>", rung.factor)
    };
    let rows: String = report.steps.iter().map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    let heads = ["", "#asked/s", "#accepted/s", "#refused/s", "#unsent/s"];
    let heads = heads.into_iter().chain(["#accepted p99", "#client p99", "#refused p99"]).collect::<Vec<_>>();
    format!("{}<p>{}</p>\n", table("", &heads, &rows), escape(&rungs::conclusion(&report.steps)))
}

/// The percentiles of every time.
pub fn times(report: &Report) -> String {
    let lines = What::ALL.iter().filter_map(|what| Some((what, report.times_us.get(what.word())?)));
    let rows: String = lines
        .filter(|(_, line)| line.count + line.missing > 0)
        .map(|(what, line)| {
            let most = (line.count > 0).then_some(line.max);
            let cells = [line.p50, line.p90, line.p95, line.p99, line.p999, most].map(time);
            let counts = [line.count, line.missing].map(|count| grouped(count as f64));
            let cells: String =
                counts.iter().chain(&cells).map(|cell| format!("<td class=\"n\">{cell}</td>")).collect();
            format!("<tr><th>{}</th>{cells}</tr>", escape(&what.word().replace('_', " ")))
        })
        .collect();
    let heads = ["", "#came", "#never came", "#p50", "#p90", "#p95", "#p99", "#p99.9", "#max"];
    table("Times, from the scheduled send", &heads, &rows)
}

/// Every count.
pub fn counts(report: &Report) -> String {
    let row = |(name, count): (&String, &u64)| {
        format!("<tr><th>{}</th><td class=\"n\">{}</td></tr>", escape(name), grouped(*count as f64))
    };
    let rows: String = report.counts.iter().map(row).collect();
    table("Counts", &["", "#"], &rows)
}

/// What the engine said no to.
pub fn complaints(report: &Report) -> String {
    let row = |(what, count): (&String, &u64)| {
        format!("<tr><td>{}</td><td class=\"n\">{}</td></tr>", escape(what), grouped(*count as f64))
    };
    let rows: String = report.complaints.iter().map(row).collect();
    table("What the engine said no to, or ended connections with", &["", "#times"], &rows)
}

/// The measured time, slice by slice.
pub fn timeline(report: &Report) -> String {
    let shown = |what: &&What| report.timeline.iter().any(|line| line.times_us.contains_key(what.word()));
    let times: Vec<&What> = What::ALL.iter().filter(shown).collect();
    let row = |line: &crate::timeline::SliceLine| {
        let counts = [line.at_s, line.scheduled, line.acknowledged, line.delivered, line.refused, line.lost];
        let counts = counts.map(|count| grouped(count as f64));
        let times = times.iter().map(|what| line.times_us.get(what.word()));
        let times = times.map(|brief| brief.map_or_else(|| "–".to_owned(), |brief| time(Some(brief.p99))));
        let cells: String =
            counts.into_iter().chain(times).map(|cell| format!("<td class=\"n\">{cell}</td>")).collect();
        format!("<tr>{cells}</tr>")
    };
    let rows: String = report.timeline.iter().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let heads = ["#second", "#due", "#acknowledged", "#delivered", "#refused", "#lost"].map(str::to_owned);
    let heads = heads.into_iter().chain(times.iter().map(|what| format!("#{} p99", what.word().replace('_', " "))));
    let heads: Vec<String> = heads.collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let summary = format!("{} slices of {} s", report.timeline.len(), report.slice_s);
    format!("<details><summary>{summary}</summary>\n{}</details>\n", table("", &heads, &rows))
}

/// A table; a head that begins with `#` stands over numbers. Without rows there is none.
fn table(title: &str, heads: &[&str], rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head = |word: &&str| match word.strip_prefix('#') {
        Some(word) => format!("<th class=\"n\">{}</th>", escape(word)),
        None => format!("<th>{}</th>", escape(word)),
    };
    let heads: String = heads.iter().map(head).collect();
    let title = if title.is_empty() { String::new() } else { format!("<h3>{}</h3>\n", escape(title)) };
    format!("{title}<div class=\"scroll\"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n")
}
