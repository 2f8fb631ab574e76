//! The layers, said as absences: what the files of each must not mention.

use super::tree::File;

/// What some files must not mention.
pub struct Rule {
    /// What the files are.
    pub layer: &'static str,
    /// Their paths begin with one of these,
    pub within: &'static [&'static str],
    /// and with none of these.
    pub but: &'static [&'static str],
    /// None of these words may stand in them, outside of comments and tests.
    pub absent: &'static [&'static str],
}

/// main ─► transport ─► actors ─► store ─► domain ─► protocol; identity between store and actors.
pub const RULES: &[Rule] = &[
    Rule {
        layer: "the rules of the desk, which are pure",
        within: &["engine/src/domain/"],
        but: &[],
        absent: &[
            "tokio",
            "ractor",
            "sled",
            "hyper",
            "axum",
            "async",
            "await",
            "Instant",
            "SystemTime",
            "std::fs",
            "std::net",
            "std::thread",
            "getrandom",
            "crate::actors",
            "crate::cli",
            "crate::clock",
            "crate::config",
            "crate::engine",
            "crate::identity",
            "crate::metrics",
            "crate::store",
            "crate::transport",
        ],
    },
    Rule {
        layer: "the protocol, which does no IO and knows none of the others",
        within: &["protocol/src/"],
        but: &[],
        absent: &[
            "tokio",
            "ractor",
            "sled",
            "hyper",
            "async",
            "Instant",
            "SystemTime",
            "std::fs",
            "std::io",
            "std::net",
            "HashMap",
            "BTreeMap",
            "Rc<",
            "Arc<",
            "deskwire::",
        ],
    },
    Rule {
        layer: "the store, which knows no actor",
        within: &["engine/src/store/"],
        but: &[],
        absent: &[
            "ractor",
            "hyper",
            "axum",
            "crate::actors",
            "crate::identity",
            "crate::transport",
            "crate::cli",
            "crate::engine",
        ],
    },
    Rule {
        layer: "identity, which knows neither actors nor HTTP",
        within: &["engine/src/identity/"],
        but: &[],
        absent: &["ractor", "hyper", "axum", "crate::actors", "crate::transport", "crate::cli", "crate::engine"],
    },
    Rule {
        layer: "the actors, which see no socket and no HTTP type",
        within: &["engine/src/actors/"],
        but: &[],
        absent: &[
            "hyper",
            "axum",
            "fastwebsockets",
            "TcpStream",
            "TcpListener",
            "tokio::net",
            "std::net",
            "crate::transport",
            "crate::cli",
            "crate::engine",
        ],
    },
    Rule {
        layer: "the transport, which holds no rule and matches on no stage",
        within: &["engine/src/transport/"],
        but: &[],
        absent: &["StageName::", "domain::matcher", "domain::lifecycle", "crate::cli", "crate::engine"],
    },
    Rule {
        layer: "settings, clock and metrics, which all may use and which use nobody",
        within: &["engine/src/config/", "engine/src/metrics/", "engine/src/clock.rs"],
        but: &[],
        absent: &[
            "tokio",
            "crate::actors",
            "crate::cli",
            "crate::domain",
            "crate::engine",
            "crate::identity",
            "crate::store",
            "crate::transport",
        ],
    },
    Rule {
        layer: "what is not the store, and so does not touch sled",
        within: &["engine/src/"],
        but: &["engine/src/store/"],
        absent: &["sled"],
    },
    Rule {
        layer: "what is not the clock, and so does not read the time",
        within: &["engine/src/"],
        but: &["engine/src/clock.rs"],
        absent: &["Instant::now", "SystemTime::now"],
    },
    Rule {
        layer: "what is not one of the two unsafe symbols",
        within: &["engine/src/", "protocol/src/", "loadtest/src/"],
        but: &["engine/src/store/sync_file_range.rs", "engine/src/store/pread64.rs"],
        absent: &["unsafe"],
    },
    Rule {
        layer: "Rust that is not bound: a queue without a limit",
        within: &["engine/src/", "loadtest/src/"],
        but: &[],
        absent: &["unbounded_channel", "UnboundedSender", "UnboundedReceiver"],
    },
];

impl Rule {
    pub fn holds_for(&self, path: &str) -> bool {
        let begins = |with: &[&str]| with.iter().any(|begin| path.starts_with(begin));
        path.ends_with(".rs") && begins(self.within) && !begins(self.but) && !path.ends_with("tests.rs")
    }
}

/// Where a rule is broken.
pub fn faults(rule: &Rule, files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| rule.holds_for(&file.path)) {
        // Tests stand at the end of a file and may use what they need.
        let lines = file.numbered().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
        for (number, line) in lines {
            let code = line.split("//").next().unwrap_or_default();
            let words = rule.absent.iter().filter(|word| mentions(code, word));
            faults.extend(words.map(|word| format!("{}:{number}: `{word}` in {}", file.path, rule.layer)));
        }
    }
    faults
}

/// Whether a word stands in a line, and not only as a piece of a longer one.
pub fn mentions(line: &str, word: &str) -> bool {
    let part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    line.match_indices(word).any(|(at, found)| {
        let before = part(line[..at].chars().next_back()) && part(word.chars().next());
        let after = part(line[at + found.len()..].chars().next()) && part(word.chars().next_back());
        !before && !after
    })
}
