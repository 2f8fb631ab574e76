//! `PROTOCOL.md`: the prose of `intro.md`, then every frame, field, bound, word, refusal and close code of the table.

use std::fmt::Write as _;

use crate::close::CloseCode;
use crate::limits;
use crate::refusal::Refusal;
use crate::wire::{Field, Kind, WireType, snake};
use crate::{SUBPROTOCOL_BINARY, SUBPROTOCOL_JSON};

use super::{SETS, line, structures, vocabularies};

/// The whole of `PROTOCOL.md`.
pub fn markdown() -> String {
    let mut out = intro();
    for set in &SETS {
        let _ = write!(out, "\n## `{}`: {}\n", set.name, set.doc);
        set.kinds.iter().for_each(|kind| frame(&mut out, kind));
    }
    out.push_str("\n## Structures in lists\n");
    for shape in structures() {
        let _ = write!(out, "\n### {}\n\n{}\n", snake(shape.name), line(shape.doc));
        fields(&mut out, shape.fields);
    }
    words(&mut out);
    refusals(&mut out);
    closes(&mut out);
    bounds(&mut out);
    out
}

/// The prose, its `{NAMES}` replaced by the values of the limits.
fn intro() -> String {
    let mut text = include_str!("intro.md")
        .replace("{SUBPROTOCOL_BINARY}", SUBPROTOCOL_BINARY)
        .replace("{SUBPROTOCOL_JSON}", SUBPROTOCOL_JSON);
    for limit in limits::ALL {
        text = text.replace(&format!("{{{}}}", limit.name), &grouped(limit.value));
    }
    text
}

/// A number with its thousands apart.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// One kind of frame.
fn frame(out: &mut String, kind: &Kind) {
    let event = if kind.event { " (*event*)" } else { "" };
    let _ = write!(out, "\n### {} `{}`{event}\n\n{}\n", kind.number, snake(kind.shape.name), line(kind.shape.doc));
    fields(out, kind.shape.fields);
}

/// The fields of a frame or structure.
fn fields(out: &mut String, fields: &[Field]) {
    if fields.is_empty() {
        return;
    }
    out.push_str("\n| field | type | bound | |\n|---|---|---|---|\n");
    for field in fields {
        let optional = if field.optional { "*Optional.* " } else { "" };
        let (name, of, bound) = (field.name, type_words(field.wire), bound(field));
        let _ = writeln!(out, "| `{name}` | {of} | {bound} | {optional}{} |", line(field.doc));
    }
}

/// A field's type, for people.
fn type_words(wire: WireType) -> String {
    match wire {
        WireType::Bool => "bool".into(),
        WireType::U8 => "u8".into(),
        WireType::U16 => "u16".into(),
        WireType::U32 => "u32".into(),
        WireType::Id64 => "id64".into(),
        WireType::Id128 => "id128".into(),
        WireType::Time => "time".into(),
        WireType::Text => "text".into(),
        WireType::Word(words) => format!("word: {}", snake(words.name)),
        WireType::Batch => "batch".into(),
        WireType::StaffBatch => "staff batch".into(),
        WireType::List(shape) => format!("list of {}", snake(shape.name)),
    }
}

/// A field's bound, for people.
fn bound(field: &Field) -> String {
    let unit = if let WireType::List(_) = field.wire { "items" } else { "bytes" };
    field.max.map(|max| format!("{} {unit}", grouped(max as u64))).unwrap_or_default()
}

/// The vocabularies.
fn words(out: &mut String) {
    out.push_str("\n## Words\n");
    for vocabulary in vocabularies() {
        let _ = write!(out, "\n### {}\n\n| byte | word | |\n|---|---|---|\n", snake(vocabulary.name));
        for (byte, word, doc) in vocabulary.words {
            let _ = writeln!(out, "| {byte} | `{}` | {} |", snake(word), line(doc));
        }
    }
}

/// The refusals.
fn refusals(out: &mut String) {
    out.push_str("\n## Refusals\n\n| code | name | again? | |\n|---|---|---|---|\n");
    for refusal in Refusal::ALL {
        let again = if refusal.is_retryable() { "after `retry_ms`" } else { "no" };
        let (number, name) = (refusal.number(), snake(refusal.name()));
        let _ = writeln!(out, "| {number} | `{name}` | {again} | {} |", line(refusal.words()));
    }
}

/// The close codes.
fn closes(out: &mut String) {
    out.push_str(
        "\n## Close codes\n\n| code | name | come back? | words in the close frame | |\n|---|---|---|---|---|\n",
    );
    for close in CloseCode::ALL {
        let back = if close.may_return() { "yes" } else { "no" };
        let (number, name, words) = (close.number(), snake(close.name()), close.words());
        let _ = writeln!(out, "| {number} | `{name}` | {back} | {words} | {} |", line(close.doc()));
    }
}

/// The bounds.
fn bounds(out: &mut String) {
    out.push_str("\n## Bounds\n\n| name | value | |\n|---|---|---|\n");
    for limit in limits::ALL {
        let _ = writeln!(out, "| `{}` | {} | {} |", limit.name, grouped(limit.value), line(limit.doc));
    }
}
