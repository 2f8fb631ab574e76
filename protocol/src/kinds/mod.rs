//! The table of frames: who sends it, its number, its fields, their bounds and meaning.
//!
//! Numbers: 1–63 from clients, 64–191 to everybody, 192–254 to staff alone. Kinds marked *event* are of the ticket's
//! log: they carry its sequence and come live and in pages alike.

mod client;
mod public;
mod staff;

use rkyv::{Archive, Deserialize, Serialize};

use crate::frame::Malformed;
use crate::ids::TicketId;
use crate::wire::{Field, Shape, Wire, WireType};
use crate::words::{Role, StageName};

pub use client::*;
pub use public::*;
pub use staff::*;

macro_rules! shape {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $field_doc:literal])+ $field:ident: $ty:ty,)+ }) => {
        $(#[doc = $doc])+
        #[derive(
            Clone, Debug, PartialEq, Eq, Archive, Serialize, Deserialize, serde::Serialize, serde::Deserialize,
        )]
        pub struct $name { $($(#[doc = $field_doc])+ pub $field: $ty,)+ }

        impl Wire for Vec<$name> {
            const TYPE: WireType = WireType::List(&Shape {
                name: stringify!($name),
                doc: concat!($($doc),+),
                fields: &[$(Field {
                    name: stringify!($field),
                    wire: <$ty as Wire>::TYPE,
                    max: None,
                    optional: false,
                    doc: concat!($($field_doc),+),
                }),+],
            });

            fn size(&self) -> usize {
                self.len()
            }
        }
    };
}

shape! {
    /// One ticket in a list.
    TicketLine {
        /// The ticket.
        ticket: TicketId,
        /// Where it is in its life.
        stage: StageName,
    }
}

shape! {
    /// One who took part in a ticket.
    Member {
        /// His display name.
        name: String,
        /// What he is.
        role: Role,
    }
}

/// What a client can receive.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum ServerFrame {
    /// For anybody.
    Public(PublicFrame),
    /// For staff alone.
    Staff(StaffFrame),
}

impl ServerFrame {
    /// The binary form.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            ServerFrame::Public(frame) => frame.encode(),
            ServerFrame::Staff(frame) => frame.encode(),
        }
    }

    /// Reads the binary form.
    pub fn decode(bytes: &[u8]) -> Result<ServerFrame, Malformed> {
        let kind = *bytes.first().ok_or(Malformed::Empty)?;
        if StaffFrame::has_kind(kind) {
            StaffFrame::decode(bytes).map(ServerFrame::Staff)
        } else {
            PublicFrame::decode(bytes).map(ServerFrame::Public)
        }
    }
}

impl PublicFrame {
    /// Whether this frame holds a batch.
    pub fn is_page(&self) -> bool {
        matches!(self, PublicFrame::Page(_) | PublicFrame::History(_))
    }
}
