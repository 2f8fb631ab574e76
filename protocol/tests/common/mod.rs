//! Frames made out of the table: each field gets values of its type within its bound, so a new kind is tested at once.

// Each test binary uses its own part of this.
#![allow(dead_code)]

use deskwire_protocol::kinds::{ClientFrame, PublicFrame, ServerFrame, StaffFrame};
use deskwire_protocol::wire::{Field, Kind, Shape, WireType, snake};
use deskwire_protocol::{Malformed, ids};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A direction: its name in the golden file, its kinds, and both codecs through JSON.
pub struct Direction {
    pub name: &'static str,
    pub kinds: &'static [&'static [Kind]],
    pub to_json: fn(&[u8]) -> Result<String, Malformed>,
    pub to_bytes: fn(&str) -> Result<Vec<u8>, Malformed>,
}

pub const DIRECTIONS: [Direction; 2] = [
    Direction {
        name: "client",
        kinds: &[ClientFrame::KINDS],
        to_json: |bytes| ClientFrame::decode(bytes).map(|frame| frame.to_json()),
        to_bytes: |text| ClientFrame::from_json(text).map(|frame| frame.encode()),
    },
    Direction {
        name: "server",
        kinds: &[PublicFrame::KINDS, StaffFrame::KINDS],
        to_json: |bytes| ServerFrame::decode(bytes).map(|frame| frame.to_json()),
        to_bytes: |text| ServerFrame::from_json(text).map(|frame| frame.encode()),
    },
];

impl Direction {
    pub fn all_kinds(&self) -> impl Iterator<Item = &'static Kind> {
        self.kinds.iter().flat_map(|kinds| kinds.iter())
    }
}

/// Every kind that may stand in a page for everybody.
pub fn events() -> Vec<&'static Kind> {
    PublicFrame::KINDS.iter().filter(|kind| kind.event).collect()
}

/// Every kind that may stand in a page for staff.
pub fn staff_events() -> Vec<&'static Kind> {
    [PublicFrame::KINDS, StaffFrame::KINDS].into_iter().flatten().filter(|kind| kind.event).collect()
}

/// How the fields of a sample are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    Empty,
    Short,
    Long,
    Unicode,
}

pub const FILLS: [Fill; 4] = [Fill::Empty, Fill::Short, Fill::Long, Fill::Unicode];

/// A frame of a kind in its JSON form.
pub fn sample(kind: &Kind, fill: Fill) -> Value {
    tagged(kind, structure(&kind.shape, fill))
}

fn tagged(kind: &Kind, mut fields: Map<String, Value>) -> Value {
    fields.insert("kind".into(), snake(kind.shape.name).into());
    Value::Object(fields)
}

fn structure(shape: &Shape, fill: Fill) -> Map<String, Value> {
    shape.fields.iter().map(|field| (field.name.into(), filled(field, fill))).collect()
}

fn filled(field: &Field, fill: Fill) -> Value {
    let at = FILLS.iter().position(|other| *other == fill).expect("it is in the list");
    match field.wire {
        WireType::Bool => json!(at % 2 == 1),
        WireType::U8 => json!([0, 1, 255, 127][at]),
        WireType::U16 => json!([0, 1, 65_535, 258][at]),
        WireType::U32 => json!([0_u32, 1, u32::MAX, 0x0102_0304][at]),
        WireType::Id64 => {
            json!(["0000000000000000", "00000000000000ff", "ffffffffffffffff", "0123456789abcdef"][at])
        }
        WireType::Id128 => {
            json!(["0".repeat(32), format!("{:032x}", 258), "f".repeat(32), "0123456789abcdef".repeat(2)][at])
        }
        WireType::Time => json!([0, 1_795_219_200_000, ids::TIME_MS_MAX, 1][at]),
        WireType::Text => json!(text(fill, field.max.unwrap_or(usize::MAX))),
        WireType::Word(words) => json!(snake(words.words[at % words.words.len()].1)),
        WireType::List(shape) => match fill {
            Fill::Empty => json!([]),
            Fill::Short => json!([structure(shape, fill)]),
            Fill::Long | Fill::Unicode => json!(FILLS.map(|fill| structure(shape, fill))),
        },
        WireType::Batch => batch(events(), fill),
        WireType::StaffBatch => batch(staff_events(), fill),
    }
}

fn batch(kinds: Vec<&'static Kind>, fill: Fill) -> Value {
    match fill {
        Fill::Empty => json!([]),
        Fill::Short => json!([sample(kinds[kinds.len() - 1], fill)]),
        Fill::Long | Fill::Unicode => kinds.into_iter().map(|kind| sample(kind, fill)).collect(),
    }
}

/// A text of at most `max` bytes: none, inline, long enough for a length of two bytes, beyond ASCII.
fn text(fill: Fill, max: usize) -> String {
    let whole = match fill {
        Fill::Empty => String::new(),
        Fill::Short => "eight by".into(),
        Fill::Long => "nine or more bytes stand outside. ".repeat(10),
        Fill::Unicode => "Grüße, 世界 👋 \u{85}\"\\\n\t\u{1}".into(),
    };
    cut(whole, max)
}

fn cut(mut text: String, max: usize) -> String {
    while text.len() > max {
        text.pop();
    }
    text
}

/// Any frame of a kind, in its JSON form.
pub fn any_frame(kind: &'static Kind) -> BoxedStrategy<Value> {
    any_structure(&kind.shape).prop_map(move |fields| tagged(kind, fields)).boxed()
}

fn any_structure(shape: &'static Shape) -> BoxedStrategy<Map<String, Value>> {
    let values: Vec<_> = shape.fields.iter().map(any_value).collect();
    let named = |value: Vec<Value>| shape.fields.iter().map(|field| field.name.to_owned()).zip(value).collect();
    values.prop_map(named).boxed()
}

fn any_value(field: &'static Field) -> BoxedStrategy<Value> {
    let max = field.max.unwrap_or(usize::MAX);
    match field.wire {
        WireType::Bool => any::<bool>().prop_map(Value::from).boxed(),
        WireType::U8 => any::<u8>().prop_map(Value::from).boxed(),
        WireType::U16 => any::<u16>().prop_map(Value::from).boxed(),
        WireType::U32 => any::<u32>().prop_map(Value::from).boxed(),
        WireType::Id64 => any::<u64>().prop_map(|id| format!("{id:016x}").into()).boxed(),
        WireType::Id128 => any::<u128>().prop_map(|id| format!("{id:032x}").into()).boxed(),
        WireType::Time => (0..=ids::TIME_MS_MAX).prop_map(Value::from).boxed(),
        WireType::Text => any_text(max),
        WireType::Word(words) => (0..words.words.len()).prop_map(|at| snake(words.words[at].1).into()).boxed(),
        WireType::List(shape) => {
            let items = prop::collection::vec(any_structure(shape).prop_map(Value::Object), 0..4);
            items.prop_map(Value::Array).boxed()
        }
        WireType::Batch => any_batch(events()),
        WireType::StaffBatch => any_batch(staff_events()),
    }
}

fn any_batch(kinds: Vec<&'static Kind>) -> BoxedStrategy<Value> {
    let kind = prop::sample::select(kinds);
    prop::collection::vec(kind.prop_flat_map(any_frame), 0..4).prop_map(Value::Array).boxed()
}

fn any_text(max: usize) -> BoxedStrategy<Value> {
    let letters =
        |most| prop::collection::vec(any::<char>(), 0..most).prop_map(|letters| letters.into_iter().collect());
    let short = letters(5);
    let long = letters(90);
    let plain = (0_usize..2_000).prop_map(|length| "x".repeat(length));
    prop_oneof![short, long, plain].prop_map(move |text: String| cut(text, max).into()).boxed()
}
