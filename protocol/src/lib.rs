//! The frames of Deskwire: what crosses a socket, said once.
//!
//! | room | what is in it |
//! |---|---|
//! | [`kinds`] | the table of frames: number, name, fields, bounds, meaning |
//! | [`ids`] | the newtypes on the wire: tickets, people, streams, times |
//! | [`words`] | the small closed vocabularies: role, stage, step, priority, status |
//! | [`refusal`] | numbered answers "no", final or retryable |
//! | [`close`] | numbered ends of a connection |
//! | [`limits`] | every bound of the wire, by name |
//! | [`batch`] | many event frames in one field, for pages |
//! | [`frame`] | the macro that makes types, codec and description out of the table |
//! | [`wire`] | how a field's type is described to the generators |
//! | [`mod@reference`] | `PROTOCOL.md` and the TypeScript codec, generated from the table |
//!
//! A binary frame is **one kind byte, then one rkyv archive** (little endian, unaligned, 32-bit offsets) of that
//! kind's fields. The JSON form is the same frame as an object with a `kind`. Numbers are never used again and a
//! frame's fields never change: a changed frame is a new kind.

pub mod batch;
pub mod close;
pub mod frame;
pub mod ids;
pub mod kinds;
pub mod limits;
pub mod reference;
pub mod refusal;
pub mod wire;
pub mod words;

pub use batch::{Batch, StaffBatch};
pub use close::CloseCode;
pub use frame::Malformed;
pub use ids::{PersonId, StreamId, TicketId, Time};
pub use kinds::{ClientFrame, PublicFrame, ServerFrame, StaffFrame};
pub use refusal::Refusal;
pub use words::{
    FloorPart, MemberState, ModerationAct, NoteKind, NoticeWord, Obstacle, Phase, Priority, Role, Routing, StaffAct,
    StageName, Status, Step, TakenBack,
};

#[doc(hidden)]
pub use {rkyv, serde};

/// The subprotocol of the binary form, the default.
pub const SUBPROTOCOL_BINARY: &str = "deskwire.v1";
/// The subprotocol of the JSON form, for simple clients, scripts and debugging.
pub const SUBPROTOCOL_JSON: &str = "deskwire.v1.json";
