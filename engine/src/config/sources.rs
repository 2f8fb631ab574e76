//! Where a setting's value comes from: file, over it the environment, over both the flags. Wrong ones name themselves.

use std::collections::BTreeMap;
use std::fmt;

use toml::de::{DeTable, DeValue};

use super::Settings;
use super::table::Key;

/// What the environment's names of settings begin with.
pub const ENV_PREFIX: &str = "DESKWIRE_";
/// In the environment, and no setting: the path of the file.
pub const ENV_FILE: &str = "DESKWIRE_CONFIG";
/// In the environment, and no setting: which bug a build with planted bugs has.
const ENV_PLANTED: &str = "DESKWIRE_PLANTED_BUG";

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line of the file.
    File {
        /// Its name.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// A name in the environment.
    Environment {
        /// The name.
        name: String,
    },
    /// A line of `.env`.
    DotEnv {
        /// The line, from 1.
        line: usize,
    },
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File { name, line } => write!(f, "{name}:{line}"),
            Origin::Environment { name } => write!(f, "environment {name}"),
            Origin::DotEnv { line } => write!(f, ".env:{line}"),
            Origin::Flag => f.write_str("command line"),
        }
    }
}

/// A setting that cannot be: where it was said, which, and what is expected. The value itself is left out, it may be
/// a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// No such setting.
    #[error("{origin}: there is no setting {path}{hint}")]
    Unknown {
        /// Where.
        origin: Origin,
        /// What was written.
        path: String,
        /// A setting that is spelled nearly so.
        hint: String,
    },
    /// Not a value of this setting.
    #[error("{origin}: {path} = {value}: {expected}")]
    Value {
        /// Where.
        origin: Origin,
        /// The setting.
        path: &'static str,
        /// What was written; a secret hidden.
        value: String,
        /// What would be right.
        expected: String,
    },
    /// Two settings that exclude each other.
    #[error("{path}: {expected}")]
    Together {
        /// The setting.
        path: &'static str,
        /// What would be right.
        expected: String,
    },
    /// The text is not of the file's form.
    #[error("{origin}: {fault}")]
    Form {
        /// Where.
        origin: Origin,
        /// What the parser says.
        fault: String,
    },
}

/// What was said, by path; a later source replaces an earlier one.
#[derive(Default)]
pub struct Sources {
    said: BTreeMap<&'static str, (String, Origin)>,
}

impl Sources {
    /// What the file says.
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), Wrong> {
        let at = |offset: usize| Origin::File { name: name.to_owned(), line: line_of(text, offset) };
        let table = DeTable::parse(text).map_err(|fault| Wrong::Form {
            origin: at(fault.span().map_or(0, |span| span.start)),
            fault: fault.message().to_owned(),
        })?;
        for (section, values) in table.get_ref() {
            let origin = at(section.span().start);
            let DeValue::Table(values) = values.get_ref() else {
                return Err(unknown(origin, section.get_ref().to_string()));
            };
            if !Settings::TABLE.iter().any(|known| known.name == section.get_ref().as_ref()) {
                return Err(unknown(origin, format!("section [{}]", section.get_ref())));
            }
            for (name, value) in values {
                let path = format!("{}.{}", section.get_ref(), name.get_ref());
                let origin = at(name.span().start);
                let text = plain(value.get_ref()).ok_or_else(|| Wrong::Form {
                    origin: origin.clone(),
                    fault: format!("{path}: expected a text, a number or a list of texts"),
                })?;
                self.add(&path, text, origin)?;
            }
        }
        Ok(())
    }

    /// What the environment says: names that begin with [`ENV_PREFIX`].
    pub fn add_environment(&mut self, names: impl Iterator<Item = (String, String)>) -> Result<(), Wrong> {
        for (name, value) in names {
            if let Some(path) = path_of_env(&name) {
                self.add(&path, value, Origin::Environment { name })?;
            }
        }
        Ok(())
    }

    /// What a `.env` file says: lines of `NAME=VALUE`, the value bare or in quotes; `#` begins a comment line.
    pub fn add_dot_env(&mut self, text: &str) -> Result<(), Wrong> {
        for (index, line) in text.lines().enumerate() {
            let origin = Origin::DotEnv { line: index + 1 };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let line = line.strip_prefix("export ").unwrap_or(line);
            let Some((name, value)) = line.split_once('=') else {
                return Err(Wrong::Form { origin, fault: "expected NAME=VALUE".to_owned() });
            };
            if let Some(path) = path_of_env(name.trim()) {
                self.add(&path, unquoted(value.trim()).to_owned(), origin)?;
            }
        }
        Ok(())
    }

    /// What a flag says.
    pub fn add_flag(&mut self, path: &str, value: impl Into<String>) -> Result<(), Wrong> {
        self.add(path, value.into(), Origin::Flag)
    }

    /// Who said it, if anybody did.
    pub fn origin(&self, path: &str) -> Option<&Origin> {
        self.said.get(path).map(|(_, origin)| origin)
    }

    /// The settings in force.
    pub fn settings(&self) -> Result<Settings, Wrong> {
        let mut settings = Settings::default();
        for key in Settings::TABLE.iter().flat_map(|section| section.keys) {
            if let Some((text, origin)) = self.said.get(key.path) {
                settings.set(key, text).map_err(|expected| Wrong::Value {
                    origin: origin.clone(),
                    path: key.path,
                    value: if is_secret(key) { "(hidden)".to_owned() } else { format!("{text:?}") },
                    expected,
                })?;
            }
        }
        settings.check().map_err(|(path, expected)| Wrong::Together { path, expected })?;
        Ok(settings)
    }

    fn add(&mut self, path: &str, value: String, origin: Origin) -> Result<(), Wrong> {
        let known = Settings::TABLE.iter().flat_map(|section| section.keys).find(|key| key.path == path);
        let key = known.ok_or_else(|| unknown(origin.clone(), path.to_owned()))?;
        self.said.insert(key.path, (value, origin));
        Ok(())
    }
}

fn is_secret(key: &Key) -> bool {
    Settings::default().shown(key.path).is_some_and(|shown| shown == "\"(hidden)\"")
}

/// `DESKWIRE_SERVE_OPS_LISTEN` as `serve.ops_listen`: the section is the first word.
fn path_of_env(name: &str) -> Option<String> {
    if name == ENV_FILE || name == ENV_PLANTED {
        return None;
    }
    let rest = name.strip_prefix(ENV_PREFIX)?.to_ascii_lowercase();
    Some(match rest.split_once('_') {
        Some((section, key)) => format!("{section}.{key}"),
        None => rest,
    })
}

fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => number_text(number.as_str(), number.radix()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
            texts.map(|texts| texts.join(","))
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

/// A number of the file in decimal digits.
fn number_text(digits: &str, radix: u32) -> Option<String> {
    if radix == 10 {
        return Some(digits.to_owned());
    }
    i64::from_str_radix(digits, radix).ok().map(|number| number.to_string())
}

fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    value
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

fn unknown(origin: Origin, path: String) -> Wrong {
    let paths = Settings::TABLE.iter().flat_map(|section| section.keys).map(|key| key.path);
    let nearest = paths.map(|known| (distance(known, &path), known)).min();
    let hint = match nearest {
        Some((steps, known)) if steps <= 3 => format!("; did you mean {known}?"),
        _ => "; `deskwire config example` lists them all".to_owned(),
    };
    Wrong::Unknown { origin, path, hint }
}

/// Letters to change, add or drop to make one text of the other (Levenshtein, 1966).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, theirs) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *theirs);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
