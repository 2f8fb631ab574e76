//! Many event frames in one field: pages carry the very bytes that would have been told live.

use rkyv::{Archive, Deserialize, Serialize};
use serde::de::Error as _;
use serde::ser::{Error as _, SerializeSeq};

use crate::frame::{Malformed, within};
use crate::kinds::ServerFrame;
use crate::limits::PAGE_EVENTS_MAX;
use crate::wire::{Wire, WireType};

/// Encoded event frames, each preceded by its length in four bytes, little endian.
#[derive(Clone, Debug, Default, PartialEq, Eq, Archive, Serialize, Deserialize)]
pub struct Batch(Vec<u8>);

impl Batch {
    /// Adds one frame in its binary form (kind byte and archive).
    pub fn push(&mut self, frame: &[u8]) {
        let length = u32::try_from(frame.len()).expect("a frame is far below 4 GiB");
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(frame);
    }

    /// The bytes so far.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no frame is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The frames' binary forms, in order.
    pub fn iter(&self) -> impl Iterator<Item = Result<&[u8], Malformed>> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let split = rest
                .split_first_chunk::<4>()
                .and_then(|(length, after)| after.split_at_checked(u32::from_le_bytes(*length) as usize));
            match split {
                Some((frame, after)) => {
                    rest = after;
                    Some(Ok(frame))
                }
                None => {
                    rest = &[];
                    Some(Err(Malformed::Archive))
                }
            }
        })
    }

    /// The frames, decoded. What is no event, a page above all, is refused.
    pub fn frames(&self) -> Result<Vec<ServerFrame>, Malformed> {
        self.iter().map(|bytes| ServerFrame::decode(event(bytes?)?)).collect()
    }
}

/// The same bytes, if they are an event's.
fn event(frame: &[u8]) -> Result<&[u8], Malformed> {
    match frame.first() {
        None => Err(Malformed::Empty),
        Some(kind) if ServerFrame::has_event(*kind) => Ok(frame),
        Some(kind) => Err(Malformed::Kind(*kind)),
    }
}

impl serde::Serialize for Batch {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let frames = self.frames().map_err(S::Error::custom)?;
        let mut list = to.serialize_seq(Some(frames.len()))?;
        for frame in &frames {
            list.serialize_element(frame)?;
        }
        list.end()
    }
}

impl<'de> serde::Deserialize<'de> for Batch {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let frames = Vec::<ServerFrame>::deserialize(from)?;
        let mut batch = Batch::default();
        for frame in frames {
            batch.push(event(&frame.encode()).map_err(D::Error::custom)?);
        }
        Ok(batch)
    }
}

impl Wire for Batch {
    const TYPE: WireType = WireType::Batch;

    fn size(&self) -> usize {
        self.0.len()
    }

    fn out_of_line(&self) -> usize {
        self.0.len()
    }

    /// Only events, each of its kind's form, and no more than a page holds.
    fn check(&self) -> Result<(), Malformed> {
        within("events", self.frames()?.len(), PAGE_EVENTS_MAX)
    }
}
