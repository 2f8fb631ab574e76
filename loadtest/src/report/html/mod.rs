//! The report as one HTML file that needs nothing else: its style and its plots are in it, and no script is.

mod charts;
mod plot;
mod scale;
mod tables;

use super::Report;
use crate::measure::{Line, What};

const STYLE: &str = include_str!("style.css");

/// The page.
pub fn page(report: &Report) -> String {
    let scenario = report.command.split(' ').next().unwrap_or_default();
    let body = [
        head(report, scenario),
        warnings(report),
        tiles(report),
        section("Verdicts", &[tables::thresholds(report), tables::promises(report)].concat()),
        section("Steps", &tables::steps(report)),
        section("Latency", &charts::latency(report)),
        section("Throughput", &charts::throughput(report)),
        section("CPU and memory", &charts::usage(report)),
        section("Figures", &[tables::times(report), tables::counts(report), tables::complaints(report)].concat()),
        section("Second by second", &tables::timeline(report)),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Deskwire load test: {}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        escape(scenario),
        body.concat()
    )
}

/// Text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn section(title: &str, inner: &str) -> String {
    if inner.is_empty() {
        return String::new();
    }
    format!("<section>\n<h2>{title}</h2>\n{inner}</section>\n")
}

fn head(report: &Report, scenario: &str) -> String {
    let verdict = |good: bool, yes: &str, no: &str| {
        let (class, mark, words) = if good { ("good", "✓", yes) } else { ("bad", "✗", no) };
        format!("<li class=\"{class}\"><b>{mark}</b> {words}</li>")
    };
    let mut verdicts = verdict(!report.is_broken(), "every promise was kept", "a promise was BROKEN");
    if !report.thresholds.is_empty() {
        verdicts += &verdict(!report.has_failed(), "every threshold was kept", "a threshold FAILED");
    }
    let machine = &report.machine;
    let facts = [
        ("Ended", report.at.replace('T', " ").replace('Z', " UTC")),
        ("Measured", format!("{:.1} s", report.seconds)),
        ("Seed", report.seed.to_string()),
        ("Machine", format!("{} cores, {}", machine.cores, machine.cpu)),
        ("Kernel", format!("Linux {}", machine.kernel)),
        ("Load tester", format!("deskwire-loadtest {}", report.version)),
    ];
    let facts = facts.map(|(name, words)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", escape(&words))).concat();
    format!(
        "<header>\n<p class=\"eyebrow\">Deskwire load test</p>\n<h1>{}</h1>\n<ul class=\"verdicts\">{verdicts}</ul>\n\
         <pre>deskwire-loadtest {}</pre>\n<dl class=\"facts\">{facts}</dl>\n</header>\n",
        escape(scenario),
        escape(&report.command)
    )
}

fn warnings(report: &Report) -> String {
    let items: String = report.warnings.iter().map(|warning| format!("<li>{}</li>", escape(warning))).collect();
    if items.is_empty() {
        return String::new();
    }
    format!("<aside><h2>To read these figures right</h2><ul>{items}</ul></aside>\n")
}

/// The few figures that are looked for first.
fn tiles(report: &Report) -> String {
    let mut tiles = Vec::new();
    let mut tile = |name: &str, value: String, below: String| {
        let (name, value, below) = (escape(name), escape(&value), escape(&below));
        tiles.push(format!("<div class=\"tile\"><span>{name}</span><b>{value}</b><small>{below}</small></div>"));
    };
    if report.count("scheduled") > 0 {
        let scheduled = report.count("scheduled") as f64 / report.seconds;
        tile(
            "delivered",
            format!("{}/s", grouped(report.delivered_per_s)),
            format!("{} posts/s due", grouped(scheduled)),
        );
    }
    for what in [What::Acknowledge, What::Deliver, What::LastOfRoom, What::Pairing] {
        if let Some(line) = report.times_us.get(what.word()).filter(|line| line.count + line.missing > 0) {
            tile(&format!("{} p99", what.word().replace('_', " ")), time(line.p99), beside(line));
        }
    }
    if let Some(server) = report.server {
        let each = server.us_per_message.map(|us| format!("{us:.1} µs"));
        tile("server CPU a message", each.unwrap_or_else(|| "–".into()), format!("{:.2} cores", server.cores));
        tile("server memory", format!("{:.1} MiB", mib(server.rss_bytes)), "at the end".into());
    }
    if let Some(idle) = report.idle {
        let each = format!("{:.2} KB", idle.bytes_per_session / 1e3);
        tile("an idle session", each, format!("{} sessions", idle.sessions));
        if let Some(us) = idle.cpu_us_per_session_s {
            tile("CPU of an idle session", format!("{us:.2} µs/s"), format!("{:.3} cores for all", idle.idle_cores));
        }
    }
    let never = report.count("undelivered") + report.count("unpaired") + report.count("unsent");
    if report.count("scheduled") > 0 {
        let words = format!(
            "{} not said, {} not received",
            report.count("unpaired") + report.count("unsent"),
            report.count("undelivered")
        );
        tile("due and never there", grouped(never as f64), words);
    }
    format!("<div class=\"tiles\">{}</div>\n", tiles.concat())
}

fn beside(line: &Line) -> String {
    let most = if line.count > 0 { format!("{} max", time(Some(line.max))) } else { "nothing came".into() };
    format!("{} p50, {most}", time(line.p50))
}

/// A time in words.
fn time(us: Option<u64>) -> String {
    match us {
        None => "never".into(),
        Some(us) if us >= 1_000_000 => format!("{:.2} s", us as f64 / 1e6),
        Some(us) if us >= 100_000 => format!("{:.0} ms", us as f64 / 1e3),
        Some(us) => format!("{:.2} ms", us as f64 / 1e3),
    }
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// A whole number with a narrow blank between thousands.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let first = digits.len() % 3;
    let mut words = digits[..first].to_owned();
    for place in (first..digits.len()).step_by(3) {
        if !words.is_empty() {
            words.push('\u{202f}');
        }
        words.push_str(&digits[place..place + 3]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Idle;
    use crate::rungs::Rung;

    #[test]
    fn numbers_and_times_are_written_as_people_read_them() {
        let rows = [(0.0, "0"), (999.0, "999"), (1_000.0, "1\u{202f}000"), (12_345_678.0, "12\u{202f}345\u{202f}678")];
        rows.iter().for_each(|(value, words)| assert_eq!(grouped(*value), *words));
        let rows =
            [(None, "never"), (Some(1_234), "1.23 ms"), (Some(123_456), "123 ms"), (Some(12_345_678), "12.35 s")];
        rows.iter().for_each(|(us, words)| assert_eq!(time(*us), *words));
        assert_eq!(escape("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    }

    #[test]
    fn the_steps_of_an_overload_are_in_the_page() {
        let rung = |factor, ms| Rung { factor, accepted_p99_ms: Some(ms), asked_per_s: 1_000.0, ..Rung::default() };
        let report = Report { steps: vec![rung(1.0, 40.0), rung(10.0, 60.0)], ..Report::default() };
        let page = page(&report);
        for words in ["<h2>Steps</h2>", "<th>10×</th>", "60.00 ms", "at 10x it is 1.50 times that at 1x"] {
            assert!(page.contains(words), "{words}");
        }
        assert!(page.contains("<td class=\"n\">–</td>") && !page.contains(">0.00 ms"), "no refusal has no time");
        assert!(!super::page(&Report::default()).contains("Steps"));
    }

    #[test]
    fn an_idle_session_has_a_tile_for_its_memory_and_one_for_its_cpu() {
        let idle = Idle { sessions: 7, bytes_per_session: 2_000.0, cpu_us_per_session_s: Some(1.5), ..Idle::default() };
        let page = page(&Report { idle: Some(idle), ..Report::default() });
        assert!(page.contains("<b>2.00 KB</b>") && page.contains("<b>1.50 µs/s</b>"), "{page}");
    }
}
