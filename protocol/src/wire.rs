//! How a field's type is described, so that the reference and other languages' codecs can be generated.

use crate::frame::Malformed;

/// The closed set of shapes that may cross the wire. None is recursive, none is a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireType {
    /// One byte, 0 or 1.
    Bool,
    /// One byte.
    U8,
    /// Two bytes, little endian.
    U16,
    /// Four bytes, little endian.
    U32,
    /// Eight bytes, little endian; as text 16 hexadecimal digits.
    Id64,
    /// Sixteen bytes, little endian; as text 32 hexadecimal digits.
    Id128,
    /// Six bytes, little endian: milliseconds since 1970.
    Time,
    /// UTF-8 text.
    Text,
    /// One byte out of a closed vocabulary.
    Word(&'static Words),
    /// Event frames, each preceded by its length in four bytes, little endian; in JSON a list of frames.
    Batch,
    /// The same with events for staff alone among them.
    StaffBatch,
    /// A list of fixed structures.
    List(&'static Shape),
}

/// A closed vocabulary: one byte on the wire, a word in JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// The name of the vocabulary.
    pub name: &'static str,
    /// Byte, word and meaning of each.
    pub words: &'static [(u8, &'static str, &'static str)],
}

/// A structure of fields, in the order of the wire.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// The Rust name.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its fields, in order.
    pub fields: &'static [Field],
}

/// One field of a frame.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, in every form.
    pub name: &'static str,
    /// Its shape.
    pub wire: WireType,
    /// The most bytes (text) or items (list), where there is a bound.
    pub max: Option<usize>,
    /// Whether JSON may leave it out (it is then empty or zero).
    pub optional: bool,
    /// What it means, its unit, its bounds.
    pub doc: &'static str,
}

/// One kind of frame.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The kind byte; never used again.
    pub number: u8,
    /// Name, meaning and fields.
    pub shape: Shape,
    /// Whether it is an event of a ticket's log: these come live and in pages alike.
    pub event: bool,
}

/// A Rust type that may be a field.
pub trait Wire {
    /// Its shape.
    const TYPE: WireType;

    /// What a bound counts: bytes of a text, items of a list, else nothing.
    fn size(&self) -> usize {
        0
    }

    /// The bytes it takes in front of the archive's root. No default: decode refuses every other length.
    fn out_of_line(&self) -> usize;

    /// Checks the bounds of what is inside it.
    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

macro_rules! plain {
    ($($ty:ty => $wire:ident),+) => {
        $(impl Wire for $ty {
            const TYPE: WireType = WireType::$wire;

            fn out_of_line(&self) -> usize {
                0
            }
        })+
    };
}
plain!(bool => Bool, u8 => U8, u16 => U16, u32 => U32);

impl Wire for String {
    const TYPE: WireType = WireType::Text;

    fn size(&self) -> usize {
        self.len()
    }

    fn out_of_line(&self) -> usize {
        if self.len() > INLINE_TEXT_BYTES { self.len() } else { 0 }
    }
}

/// A text up to this long stands in its eight bytes of the root itself.
pub const INLINE_TEXT_BYTES: usize = 8;

/// `UpperCamel` as `snake_case`: the name of a frame or word in JSON.
pub fn snake(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 4);
    for (at, letter) in camel.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// The bound of a field, out of the none or one that the table names.
pub const fn first(bounds: &[usize]) -> Option<usize> {
    match bounds {
        [] => None,
        [bound, ..] => Some(*bound),
    }
}

/// Whether the table carries the optional mark.
pub const fn marked(marks: &[&str]) -> bool {
    !marks.is_empty()
}
