//! The TypeScript side of the table: a type for each frame, and the tables that drive its codec.

use std::fmt::Write as _;

use crate::close::CloseCode;
use crate::kinds::{ENGINE, FROM_NEWEST};
use crate::refusal::Refusal;
use crate::wire::{Field, Kind, WireType, Words, snake};
use crate::{SUBPROTOCOL_BINARY, limits};

use super::{SETS, Set, line, structures, vocabularies};

/// The head of the file: what does not depend on the table.
const HEAD: &str = "\
// Generated from the table of frames in protocol/src. Do not edit; this writes it again:
// DESKWIRE_UPDATE=1 cargo test -p deskwire-protocol

/** How a field stands on the wire; a list of words is a vocabulary, its place the byte. */
export type FieldType =
  | \"bool\" | \"u8\" | \"u16\" | \"u32\" | \"id64\" | \"id128\" | \"time\" | \"text\" | \"batch\"
  | readonly string[]
  | { readonly list: readonly Field[] };

/** Name, type, and the most bytes (text, batch) or items (list). */
export type Field = readonly [name: string, type: FieldType, max?: number];

/** One kind of frame: its byte, its name, whether it is an event of a ticket's log, its fields. */
export interface Kind {
  readonly number: number;
  readonly kind: string;
  readonly event: boolean;
  readonly fields: readonly Field[];
}
";

/// The whole of `protocol.gen.ts`.
pub fn typescript() -> String {
    let mut out = String::from(HEAD);
    constants(&mut out);
    vocabularies().into_iter().for_each(|words| vocabulary(&mut out, words));
    for shape in structures() {
        interface(&mut out, shape.name, &line(shape.doc), None, shape.fields);
    }
    for set in &SETS {
        for kind in set.kinds {
            let tag = Some(snake(kind.shape.name));
            interface(&mut out, kind.shape.name, &line(kind.shape.doc), tag, kind.shape.fields);
        }
        union(&mut out, set.name, set.doc, set.kinds.iter().collect());
    }
    let events = SETS.iter().flat_map(|set| set.kinds).filter(|kind| kind.event);
    union(&mut out, "EventFrame", "The events of a ticket's log.", events.collect());
    put(&mut out, "/** What a client can receive. */\nexport type ServerFrame = PublicFrame | StaffFrame;\n");
    let [client, public, staff] = &SETS;
    table(&mut out, "CLIENT_KINDS", &[client]);
    table(&mut out, "SERVER_KINDS", &[public, staff]);
    refusals(&mut out);
    closes(&mut out);
    out
}

/// Adds a block, an empty line in front.
fn put(out: &mut String, block: &str) {
    out.push('\n');
    out.push_str(block);
}

/// The subprotocol, the marks and the limits.
fn constants(out: &mut String) {
    let mut block = format!(
        "export const SUBPROTOCOL = {SUBPROTOCOL_BINARY:?};\n\
         /** `after` of a join that asks for the newest page. */\nexport const FROM_NEWEST = {FROM_NEWEST};\n\
         /** The author of what the engine itself did. */\nexport const ENGINE = {ENGINE};\n\n\
         export const LIMITS = {{\n"
    );
    for limit in limits::ALL {
        let _ = writeln!(block, "  /** {} */\n  {}: {},", line(limit.doc), limit.name, limit.value);
    }
    put(out, &(block + "} as const;\n"));
}

/// A vocabulary: its list, in the order of the bytes, and its type.
fn vocabulary(out: &mut String, words: &Words) {
    let in_order = words.words.iter().enumerate().all(|(at, (byte, ..))| usize::from(*byte) == at);
    assert!(in_order, "the bytes of {} are 0, 1, 2 …", words.name);
    let list: Vec<String> = words.words.iter().map(|(_, word, _)| format!("{:?}", snake(word))).collect();
    let (name, list) = (words.name, list.join(", "));
    put(
        out,
        &format!(
            "export const {}_WORDS = [{list}] as const;\nexport type {name} = (typeof {0}_WORDS)[number];\n",
            upper(name)
        ),
    );
}

/// `StageName` as `STAGE_NAME`.
fn upper(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// The type of one frame or structure.
fn interface(out: &mut String, name: &str, doc: &str, kind: Option<String>, fields: &[Field]) {
    let mut block = format!("/** {doc} */\nexport interface {name} {{\n");
    if let Some(kind) = kind {
        let _ = writeln!(block, "  kind: {kind:?};");
    }
    for field in fields {
        let _ = writeln!(block, "  /** {} */\n  {}: {};", line(field.doc), field.name, type_name(field.wire));
    }
    put(out, &(block + "}\n"));
}

/// The TypeScript type of a field.
fn type_name(wire: WireType) -> String {
    match wire {
        WireType::Bool => "boolean".into(),
        WireType::U8 | WireType::U16 | WireType::U32 | WireType::Time => "number".into(),
        WireType::Id64 | WireType::Id128 | WireType::Text => "string".into(),
        WireType::Word(words) => words.name.into(),
        WireType::Batch | WireType::StaffBatch => "EventFrame[]".into(),
        WireType::List(shape) => format!("{}[]", shape.name),
    }
}

/// The union of some kinds.
fn union(out: &mut String, name: &str, doc: &str, kinds: Vec<&Kind>) {
    let mut block = format!("/** {doc} */\nexport type {name} =\n");
    for kind in kinds {
        let _ = writeln!(block, "  | {}", kind.shape.name);
    }
    block.insert(block.len() - 1, ';');
    put(out, &block);
}

/// The table that drives the codec.
fn table(out: &mut String, name: &str, sets: &[&Set]) {
    let mut block = format!("export const {name}: readonly Kind[] = [\n");
    for kind in sets.iter().flat_map(|set| set.kinds) {
        let _ = writeln!(
            block,
            "  {{ number: {}, kind: {:?}, event: {}, fields: {} }},",
            kind.number,
            snake(kind.shape.name),
            kind.event,
            fields(kind.shape.fields)
        );
    }
    put(out, &(block + "];\n"));
}

/// The fields of one kind or structure, as the codec reads them.
fn fields(fields: &[Field]) -> String {
    let of = |field: &Field| {
        let max = field.max.map(|max| format!(", {max}")).unwrap_or_default();
        format!("[{:?}, {}{max}]", field.name, type_code(field.wire))
    };
    format!("[{}]", fields.iter().map(of).collect::<Vec<_>>().join(", "))
}

/// The type of a field, as the codec reads it.
fn type_code(wire: WireType) -> String {
    match wire {
        WireType::Bool => "\"bool\"".into(),
        WireType::U8 => "\"u8\"".into(),
        WireType::U16 => "\"u16\"".into(),
        WireType::U32 => "\"u32\"".into(),
        WireType::Id64 => "\"id64\"".into(),
        WireType::Id128 => "\"id128\"".into(),
        WireType::Time => "\"time\"".into(),
        WireType::Text => "\"text\"".into(),
        WireType::Batch | WireType::StaffBatch => "\"batch\"".into(),
        WireType::Word(words) => format!("{}_WORDS", upper(words.name)),
        WireType::List(shape) => format!("{{ list: {} }}", fields(shape.fields)),
    }
}

/// The refusals by number.
fn refusals(out: &mut String) {
    let mut block = String::from(
        "export interface RefusalMeaning {\n  readonly name: string;\n  readonly retryable: boolean;\n  \
         readonly words: string;\n}\n\nexport const REFUSALS: Readonly<Record<number, RefusalMeaning>> = {\n",
    );
    for refusal in Refusal::ALL {
        let _ = writeln!(
            block,
            "  {}: {{ name: {:?}, retryable: {}, words: {:?} }},",
            refusal.number(),
            snake(refusal.name()),
            refusal.is_retryable(),
            line(refusal.words())
        );
    }
    put(out, &(block + "};\n"));
}

/// The close codes by number.
fn closes(out: &mut String) {
    let mut block = String::from(
        "export interface CloseMeaning {\n  readonly name: string;\n  readonly comeBack: boolean;\n  \
         readonly words: string;\n}\n\nexport const CLOSES: Readonly<Record<number, CloseMeaning>> = {\n",
    );
    for close in CloseCode::ALL {
        let _ = writeln!(
            block,
            "  {}: {{ name: {:?}, comeBack: {}, words: {:?} }},",
            close.number(),
            snake(close.name()),
            close.may_return(),
            close.words()
        );
    }
    put(out, &(block + "};\n"));
}
