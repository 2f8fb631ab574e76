//! `PROTOCOL.md` and the TypeScript tables, generated from the table of frames.

mod markdown;
mod typescript;

use crate::kinds::{ClientFrame, PublicFrame, StaffFrame};
use crate::wire::{Kind, Shape, WireType, Words};

pub use markdown::markdown;
pub use typescript::typescript;

/// A direction of the table: its name in TypeScript, what it is, its kinds.
struct Set {
    name: &'static str,
    doc: &'static str,
    kinds: &'static [Kind],
}

/// The whole table, in the order of the numbers.
const SETS: [Set; 3] = [
    Set { name: "ClientFrame", doc: "What clients send.", kinds: ClientFrame::KINDS },
    Set { name: "PublicFrame", doc: "What the engine sends to anybody.", kinds: PublicFrame::KINDS },
    Set {
        name: "StaffFrame",
        doc: "What the engine sends to staff alone; a customer's connection is never handed one.",
        kinds: StaffFrame::KINDS,
    },
];

/// A doc comment as one line.
fn line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every field type of the table, in the order of first use.
fn types() -> impl Iterator<Item = WireType> {
    let kinds = SETS.iter().flat_map(|set| set.kinds);
    kinds.flat_map(|kind| kind.shape.fields).flat_map(|field| {
        let inside = if let WireType::List(shape) = field.wire { shape.fields } else { &[] };
        std::iter::once(field.wire).chain(inside.iter().map(|field| field.wire))
    })
}

/// Every vocabulary, once.
fn vocabularies() -> Vec<&'static Words> {
    let mut found: Vec<&'static Words> = Vec::new();
    for wire in types() {
        if let WireType::Word(words) = wire
            && !found.contains(&words)
        {
            found.push(words);
        }
    }
    found.sort_by_key(|words| words.name);
    found
}

/// Every structure that stands in lists, once.
fn structures() -> Vec<&'static Shape> {
    let mut found: Vec<&'static Shape> = Vec::new();
    for wire in types() {
        if let WireType::List(shape) = wire
            && !found.contains(&shape)
        {
            found.push(shape);
        }
    }
    found
}
