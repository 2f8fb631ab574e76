//! The commented example file, written out of the table.

use super::Settings;
use super::table::Key;

const HEAD: &str = "\
# The settings of Deskwire, all of them, at their defaults. Take the `#` off a line to change it.
#
# A value comes from this file, over it from the environment (DESKWIRE_SERVE_LISTEN for listen in [serve]; a .env file in
# the working directory is read too), over both from flags (--listen, or --set serve.listen=…).
# `deskwire config check FILE` says what is in force and names what is wrong.
";

/// The text of `deploy/deskwire.example.toml`.
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    for section in Settings::TABLE {
        text.push_str(&format!("\n# {}\n[{}]\n", section.doc.trim(), section.name));
        for key in section.keys {
            text.push_str(&row(key));
        }
    }
    text
}

fn row(key: &Key) -> String {
    let mut text = wrapped(key.doc.trim());
    if let Some((min, max)) = key.bounds {
        text.push_str(&format!("# From {min} to {max}.\n"));
    }
    let name = key.path.split_once('.').map_or(key.path, |(_, name)| name);
    text.push_str(&format!("#{name} = {}\n", literal(key)));
    text
}

/// The default as it stands in the file: a number bare, a list as a list, everything else quoted.
fn literal(key: &Key) -> String {
    match Settings::default().shown(key.path) {
        Some(shown) if shown == "\"(hidden)\"" => format!("\"{}\"", key.default),
        Some(shown) => shown,
        None => unreachable!("{} is a row of the table", key.path),
    }
}

/// Comment lines of at most 110 letters.
fn wrapped(doc: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in doc.split_whitespace() {
        let last = lines.last_mut().expect("it starts with one line");
        if last.len() + 1 + word.len() > 110 {
            lines.push(format!("# {word}"));
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Origin, Sources};

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/deskwire.example.toml");

    /// G03. Written anew with `UPDATE_EXAMPLE=1 cargo test -p deskwire the_example_file`.
    #[test]
    fn the_example_file_is_the_table() {
        if std::env::var_os("UPDATE_EXAMPLE").is_some() {
            std::fs::write(FILE, example()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(FILE).unwrap(), example(), "UPDATE_EXAMPLE=1 writes it anew");
    }

    /// G03: with every `#` taken off it still says the defaults, and each comes from the file.
    #[test]
    fn the_example_file_parses_to_the_defaults() {
        let uncommented: String = example()
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let mut sources = Sources::default();
        sources.add_file("example", &uncommented).unwrap();
        let settings = sources.settings().unwrap();
        assert_eq!(settings, Settings::default());
        for section in Settings::TABLE {
            for key in section.keys {
                assert!(matches!(sources.origin(key.path), Some(Origin::File { .. })), "{} is missing", key.path);
            }
        }
    }
}
