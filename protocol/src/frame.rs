//! The macro that makes types, codec and description out of the table, and the fault of a frame that is not in it.

/// Bytes or text that are no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No bytes at all.
    #[error("an empty frame")]
    Empty,
    /// The kind byte is not in the table, or not for this direction or place.
    #[error("kind {0} has no place here")]
    Kind(u8),
    /// The archive does not validate, or is longer or shorter than what it says would be written.
    #[error("the bytes are not of this kind's form")]
    Archive,
    /// The JSON is not of the kind's form.
    #[error("{0}")]
    Json(String),
    /// A field passes its bound.
    #[error("{field} has {size} and may have {max}")]
    TooLong {
        /// The field's name.
        field: &'static str,
        /// Its size, in bytes or items.
        size: usize,
        /// The bound.
        max: usize,
    },
}

/// Holds a field against its bound.
pub fn within(field: &'static str, size: usize, max: usize) -> Result<(), Malformed> {
    if size > max {
        return Err(Malformed::TooLong { field, size, max });
    }
    Ok(())
}

/// Makes a closed set of kinds: a structure for each, an enum over all, both codecs, and the description.
///
/// ```text
/// frames! {
///     /// What clients send.
///     pub enum ClientFrame {
///         /// Meaning.
///         5 Post as event {
///             /// Meaning, unit.
///             text: String [max TEXT_BYTES_MAX] = default;
///         }
///     }
/// }
/// ```
/// `[max N]` bounds a text or batch (bytes) or list (items); `= default` lets JSON leave the field out; `as event`
/// marks what may stand in a page.
#[macro_export]
macro_rules! frames {
    (
        $(#[doc = $set_doc:literal])+
        pub enum $set:ident {
            $(
                $(#[doc = $doc:literal])+
                $number:literal $name:ident $(as $event:ident)? {
                    $(
                        $(#[doc = $field_doc:literal])+
                        $field:ident : $ty:ty $([max $max:expr])? $(= $default:ident)? ;
                    )*
                }
            )+
        }
    ) => {
        $(
            $(#[doc = $doc])+
            #[derive(
                Clone, Debug, PartialEq, Eq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize,
                serde::Serialize, serde::Deserialize,
            )]
            #[serde(deny_unknown_fields)]
            pub struct $name {
                $($(#[doc = $field_doc])+ $(#[serde($default)])? pub $field: $ty,)*
            }

            impl From<$name> for $set {
                fn from(frame: $name) -> $set {
                    $set::$name(frame)
                }
            }
        )+

        $(#[doc = $set_doc])+
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum $set { $($(#[doc = $doc])+ $name($name),)+ }

        impl $set {
            /// The description of every kind in this set, in the order of the table.
            pub const KINDS: &'static [$crate::wire::Kind] = &[$(
                $crate::wire::Kind {
                    number: $number,
                    shape: $crate::wire::Shape {
                        name: stringify!($name),
                        doc: concat!($($doc),+),
                        fields: &[$(
                            $crate::wire::Field {
                                name: stringify!($field),
                                wire: <$ty as $crate::wire::Wire>::TYPE,
                                max: $crate::wire::first(&[$($max)?]),
                                optional: $crate::wire::marked(&[$(stringify!($default))?]),
                                doc: concat!($($field_doc),+),
                            },
                        )*],
                    },
                    event: $crate::wire::marked(&[$(stringify!($event))?]),
                },
            )+];

            /// The kind byte.
            pub fn kind(&self) -> u8 {
                match self { $($set::$name(_) => $number,)+ }
            }

            /// Whether a kind byte belongs to this set.
            pub fn has_kind(kind: u8) -> bool {
                [$($number),+].contains(&kind)
            }

            /// Whether a kind byte belongs to an event of this set.
            pub fn has_event(kind: u8) -> bool {
                match kind {
                    $($number => $crate::wire::marked(&[$(stringify!($event))?]),)+
                    _ => false,
                }
            }

            /// Appends the binary form: kind byte, then archive.
            pub fn encode_into(&self, out: &mut Vec<u8>) {
                out.push(self.kind());
                let bytes = std::mem::take(out);
                *out = match self {
                    $($set::$name(frame) => rkyv::api::high::to_bytes_in::<_, rkyv::rancor::Failure>(frame, bytes),)+
                }
                .expect("writing an archive into memory cannot fail");
            }

            /// The binary form.
            pub fn encode(&self) -> Vec<u8> {
                let mut out = Vec::new();
                self.encode_into(&mut out);
                out
            }

            /// Reads the binary form; every bound of the table is checked, and that the archive has the length that
            /// these fields are written in: the root stands at its end, so garbage in front would else go unseen.
            pub fn decode(bytes: &[u8]) -> Result<$set, $crate::Malformed> {
                let (kind, archive) = bytes.split_first().ok_or($crate::Malformed::Empty)?;
                let frame = match kind {
                    $($number => rkyv::from_bytes::<$name, rkyv::rancor::Failure>(archive).map($set::$name),)+
                    other => return Err($crate::Malformed::Kind(*other)),
                }
                .map_err(|_| $crate::Malformed::Archive)?;
                if frame.archive_bytes() != archive.len() {
                    return Err($crate::Malformed::Archive);
                }
                frame.check()?;
                Ok(frame)
            }

            /// How long the archive behind the kind byte is.
            pub fn archive_bytes(&self) -> usize {
                match self { $($set::$name(_frame) => {
                    size_of::<rkyv::Archived<$name>>() $(+ $crate::wire::Wire::out_of_line(&_frame.$field))*
                })+ }
            }

            /// The JSON form.
            pub fn to_json(&self) -> String {
                serde_json::to_string(self).expect("every frame has a JSON form")
            }

            /// Reads the JSON form; every bound of the table is checked.
            pub fn from_json(text: &str) -> Result<$set, $crate::Malformed> {
                let frame: $set =
                    serde_json::from_str(text).map_err(|fault| $crate::Malformed::Json(fault.to_string()))?;
                frame.check()?;
                Ok(frame)
            }

            /// Checks the bounds of the table.
            pub fn check(&self) -> Result<(), $crate::Malformed> {
                match self { $($set::$name(_frame) => {
                    $(
                        $($crate::frame::within(
                            stringify!($field), $crate::wire::Wire::size(&_frame.$field), $max,
                        )?;)?
                        $crate::wire::Wire::check(&_frame.$field)?;
                    )*
                    Ok(())
                })+ }
            }
        }
    };
}
