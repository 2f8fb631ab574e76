//! The types a setting may have: how each is read out of text, and shown.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A type that a setting may have.
pub trait Value: Sized {
    /// Reads it; the error says what is expected.
    fn parse(text: &str) -> Result<Self, String>;

    /// As it would stand in the file.
    fn shown(&self) -> String;

    /// The number it is, for the bounds of the table.
    fn number(&self) -> Option<u64> {
        None
    }
}

/// Reads a value and holds it against the bounds of its row.
pub(super) fn within<V: Value>(text: &str, bounds: Option<(u64, u64)>) -> Result<V, String> {
    let value = V::parse(text)?;
    match (value.number(), bounds) {
        (Some(number), Some((min, max))) if !(min..=max).contains(&number) => {
            Err(format!("expected a number from {min} to {max}"))
        }
        _ => Ok(value),
    }
}

macro_rules! numbers {
    ($($ty:ty),+) => {
        $(impl Value for $ty {
            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("expected a whole number up to {}", <$ty>::MAX))
            }

            fn shown(&self) -> String {
                self.to_string()
            }

            fn number(&self) -> Option<u64> {
                Some(u64::from(*self))
            }
        })+
    };
}
numbers!(u16, u32);

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl Value for String {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn shown(&self) -> String {
        quoted(self)
    }
}

impl Value for PathBuf {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(PathBuf::from(text))
    }

    fn shown(&self) -> String {
        quoted(&self.to_string_lossy())
    }
}

impl Value for SocketAddr {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "expected an address and a port, as in 127.0.0.1:8080 or [::1]:8080".to_owned())
    }

    fn shown(&self) -> String {
        quoted(&self.to_string())
    }
}

/// Items with commas between them; in the file also a list.
impl Value for Vec<String> {
    fn parse(text: &str) -> Result<Self, String> {
        let items = text.split(',').map(str::trim);
        Ok(items.filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    fn shown(&self) -> String {
        let items: Vec<String> = self.iter().map(|item| quoted(item)).collect();
        format!("[{}]", items.join(", "))
    }
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself; for use, not for show.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

impl Value for Secret {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Secret(text.to_owned()))
    }

    fn shown(&self) -> String {
        quoted("(hidden)")
    }
}

/// The form of the log's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// JSON where the output is no terminal, text where it is.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Value for LogFormat {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(LogFormat::Auto),
            "json" => Ok(LogFormat::Json),
            "text" => Ok(LogFormat::Text),
            _ => Err("expected auto, json or text".to_owned()),
        }
    }

    fn shown(&self) -> String {
        quoted(match self {
            LogFormat::Auto => "auto",
            LogFormat::Json => "json",
            LogFormat::Text => "text",
        })
    }
}
