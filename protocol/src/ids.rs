//! The newtypes on the wire: who, which ticket, which stream, when.

use std::fmt;
use std::str::FromStr;

use rkyv::{Archive, Deserialize, Serialize};
use serde::de::Error as _;

use crate::wire::{Wire, WireType};

/// An id in text that is not the right number of lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is {0} lower-case hexadecimal digits")]
pub struct NotAnId(pub usize);

macro_rules! id {
    ($(#[doc = $doc:literal])+ $name:ident, $repr:ty, $digits:literal, $wire:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Archive, Serialize, Deserialize)]
        pub struct $name(pub $repr);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{:0", $digits, "x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let plain = text.len() == $digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                plain
                    .then(|| <$repr>::from_str_radix(text, 16).ok().map($name))
                    .flatten()
                    .ok_or(NotAnId($digits))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(D::Error::custom)
            }
        }

        impl Wire for $name {
            const TYPE: WireType = WireType::$wire;

            fn out_of_line(&self) -> usize {
                0
            }
        }
    };
}

id! {
    /// A ticket: 64 random bits. As text 16 hexadecimal digits.
    TicketId, u64, 16, Id64
}
id! {
    /// A person, customer or staff: 64 random bits. As text 16 hexadecimal digits.
    PersonId, u64, 16, Id64
}
id! {
    /// A sender's stream of posts into one ticket: 128 random bits, made by the client, one per tab. As text 32
    /// hexadecimal digits. Never shown to another person.
    StreamId, u128, 32, Id128
}

/// The last time there is, in milliseconds since 1970: 48 bits, in the year 10889.
pub const TIME_MS_MAX: u64 = (1 << 48) - 1;

/// Milliseconds since 1970 UTC, 6 bytes on the wire, a number in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Archive, Serialize, Deserialize)]
pub struct Time([u8; 6]);

/// Earlier is less; the order of the bytes would not be, the lowest comes first.
impl Ord for Time {
    fn cmp(&self, other: &Time) -> std::cmp::Ordering {
        self.ms().cmp(&other.ms())
    }
}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Time) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Time {
    /// The time this many milliseconds after 1970; what passes [`TIME_MS_MAX`] is cut there.
    pub fn from_ms(ms: u64) -> Time {
        let [a, b, c, d, e, f, ..] = ms.min(TIME_MS_MAX).to_le_bytes();
        Time([a, b, c, d, e, f])
    }

    /// Milliseconds since 1970.
    pub fn ms(self) -> u64 {
        let [a, b, c, d, e, f] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Time({})", self.ms())
    }
}

impl serde::Serialize for Time {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(self.ms())
    }
}

impl<'de> serde::Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let ms = u64::deserialize(from)?;
        if ms > TIME_MS_MAX {
            return Err(D::Error::custom("a time has at most 48 bits"));
        }
        Ok(Time::from_ms(ms))
    }
}

impl Wire for Time {
    const TYPE: WireType = WireType::Time;

    fn out_of_line(&self) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_time_is_less() {
        assert!(Time::from_ms(1) < Time::from_ms(256));
        assert_eq!(Time::from_ms(255).max(Time::from_ms(256)), Time::from_ms(256));
    }
}
