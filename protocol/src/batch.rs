//! Many event frames in one field: pages carry the very bytes that would have been told live.

use rkyv::{Archive, Deserialize, Serialize};
use serde::de::Error as _;
use serde::ser::{Error as _, SerializeSeq};

use crate::frame::{Malformed, within};
use crate::kinds::{PublicFrame, ServerFrame};
use crate::limits::PAGE_EVENTS_MAX;
use crate::wire::{Wire, WireType};

/// The length of each frame, in four bytes, little endian, before it.
fn add(bytes: &mut Vec<u8>, frame: &[u8]) {
    let length = u32::try_from(frame.len()).expect("a frame is far below 4 GiB");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(frame);
}

/// The frames' binary forms, in order.
fn each(bytes: &[u8]) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    let mut rest = bytes;
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

/// Both batches are alike but for the frames they take: there is no way to put a staff frame in what everybody gets.
macro_rules! batch {
    ($(#[doc = $doc:literal])+ $name:ident of $frame:ident as $wire:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default, PartialEq, Eq, Archive, Serialize, Deserialize)]
        pub struct $name(Vec<u8>);

        impl $name {
            /// Adds one event, unless the batch would pass this many bytes and holds one already. Answers whether it
            /// was added.
            pub fn push_within(&mut self, frame: &$frame, bytes_max: usize) -> bool {
                let encoded = frame.encode();
                let fits = self.0.is_empty() || self.0.len() + encoded.len() + 4 <= bytes_max;
                if fits {
                    add(&mut self.0, &encoded);
                }
                fits
            }

            /// Adds one event.
            pub fn push(&mut self, frame: &$frame) {
                self.push_within(frame, usize::MAX);
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
                each(&self.0)
            }

            /// The frames, decoded. What is no event, a page above all, is refused.
            pub fn frames(&self) -> Result<Vec<$frame>, Malformed> {
                self.iter().map(|bytes| $name::event(bytes?).and_then($frame::decode)).collect()
            }

            /// The same bytes, if they are an event's that has its place here.
            fn event(frame: &[u8]) -> Result<&[u8], Malformed> {
                match frame.first() {
                    None => Err(Malformed::Empty),
                    Some(kind) if $frame::has_event(*kind) => Ok(frame),
                    Some(kind) => Err(Malformed::Kind(*kind)),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let frames = self.frames().map_err(S::Error::custom)?;
                let mut list = to.serialize_seq(Some(frames.len()))?;
                for frame in &frames {
                    list.serialize_element(frame)?;
                }
                list.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let frames = Vec::<$frame>::deserialize(from)?;
                let mut batch = $name::default();
                for frame in frames {
                    add(&mut batch.0, $name::event(&frame.encode()).map_err(D::Error::custom)?);
                }
                Ok(batch)
            }
        }

        impl Wire for $name {
            const TYPE: WireType = WireType::$wire;

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
    };
}

batch! {
    /// Encoded events that anybody may see, each preceded by its length in four bytes, little endian.
    Batch of PublicFrame as Batch
}

batch! {
    /// Encoded events as staff see them, those for staff alone among them; each preceded by its length.
    StaffBatch of ServerFrame as StaffBatch
}
