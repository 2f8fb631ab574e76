//! The table of frames: who sends it, its number, its fields, their bounds and meaning.
//!
//! Numbers: 1–63 from clients, 64–191 to everybody, 192–254 to staff alone. Kinds marked `as event` are of the
//! ticket's log: they carry its sequence and come live and in pages alike.

mod client;
mod public;
mod staff;

use rkyv::{Archive, Deserialize, Serialize};

use crate::frame::{Malformed, within};
use crate::ids::{PersonId, TicketId, Time};
use crate::limits::{CATEGORY_BYTES_MAX, NAME_BYTES_MAX, REASON_BYTES_MAX, TEXT_BYTES_MAX};
use crate::wire::{Field, Shape, Wire, WireType};
use crate::words::{NoticeWord, Obstacle, Role, StageName};

pub use client::*;
pub use public::*;
pub use staff::*;

macro_rules! shape {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $field_doc:literal])+ $field:ident: $ty:ty $([max $max:expr])?,)+ }) => {
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
                    max: crate::wire::first(&[$($max)?]),
                    optional: false,
                    doc: concat!($($field_doc),+),
                }),+],
            });

            fn size(&self) -> usize {
                self.len()
            }

            fn out_of_line(&self) -> usize {
                let inside = |item: &$name| 0 $(+ item.$field.out_of_line())+;
                self.len() * size_of::<rkyv::Archived<$name>>() + self.iter().map(inside).sum::<usize>()
            }

            fn check(&self) -> Result<(), Malformed> {
                self.iter().try_for_each(|_item| {
                    $($(within(stringify!($field), _item.$field.size(), $max)?;)?)+
                    Ok(())
                })
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
        name: String [max NAME_BYTES_MAX],
        /// What he is.
        role: Role,
    }
}

shape! {
    /// A skill that a ticket asks for.
    SkillAsked {
        /// Its number.
        skill: u16,
        /// The lowest level that will do, 1 to 5.
        level: u8,
    }
}

shape! {
    /// One agent, and why a ticket is or is not his.
    RoutingLine {
        /// Who.
        agent: PersonId,
        /// His display name.
        name: String [max NAME_BYTES_MAX],
        /// What keeps it from him.
        obstacle: Obstacle,
        /// The skill he lacks, where it is that; else 0.
        skill: u16,
        /// The level that it is asked at, where it is that; else 0.
        level: u8,
        /// Until when he is passed over, where he declined; else 0.
        until: Time,
        /// His slots used: the fewer, the sooner his turn.
        used: u16,
        /// Since when he has been given nothing: the earlier, the sooner his turn among those with as many used.
        idle_since: Time,
    }
}

shape! {
    /// How many agents one thing keeps a ticket from.
    ObstacleCount {
        /// What.
        obstacle: Obstacle,
        /// How many.
        agents: u32,
    }
}

shape! {
    /// One waiting ticket, and what keeps it from an agent.
    MyRoutingLine {
        /// The ticket.
        ticket: TicketId,
        /// The category whose queue it is first of.
        category: String [max CATEGORY_BYTES_MAX],
        /// What keeps it from him.
        obstacle: Obstacle,
        /// The skill he lacks, where it is that; else 0.
        skill: u16,
        /// The level that it is asked at, where it is that; else 0.
        level: u8,
        /// Until when he is passed over, where he declined; else 0.
        until: Time,
        /// How many wait in that queue.
        waiting: u32,
    }
}

shape! {
    /// How far one member has read.
    ReadMark {
        /// Index of the member.
        author: u16,
        /// The last event that he has read, in the numbers of whoever is told this.
        seq: u32,
    }
}

shape! {
    /// One notice of a person's list.
    NoticeLine {
        /// Its number in the list; higher ones are newer.
        number: u32,
        /// What happened.
        what: NoticeWord,
        /// The ticket it is about; 0 where it is about none.
        ticket: TicketId,
        /// When.
        at: Time,
        /// Whether it is marked as read.
        read: bool,
        /// Who did it, by display name; empty for the engine.
        by: String [max NAME_BYTES_MAX],
        /// The reason, or what it is about.
        detail: String [max REASON_BYTES_MAX],
    }
}

shape! {
    /// A canned reply, filled in.
    CannedLine {
        /// Its number.
        id: u32,
        /// What it is called.
        title: String [max NAME_BYTES_MAX],
        /// What it says.
        text: String [max TEXT_BYTES_MAX],
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

impl From<PublicFrame> for ServerFrame {
    fn from(frame: PublicFrame) -> ServerFrame {
        ServerFrame::Public(frame)
    }
}

impl From<StaffFrame> for ServerFrame {
    fn from(frame: StaffFrame) -> ServerFrame {
        ServerFrame::Staff(frame)
    }
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

impl ServerFrame {
    /// The kind byte.
    pub fn kind(&self) -> u8 {
        match self {
            ServerFrame::Public(frame) => frame.kind(),
            ServerFrame::Staff(frame) => frame.kind(),
        }
    }

    /// Whether a kind byte belongs to an event of a ticket's log: what may stand in a page.
    pub fn has_event(kind: u8) -> bool {
        PublicFrame::has_event(kind) || StaffFrame::has_event(kind)
    }

    /// The JSON form.
    pub fn to_json(&self) -> String {
        match self {
            ServerFrame::Public(frame) => frame.to_json(),
            ServerFrame::Staff(frame) => frame.to_json(),
        }
    }

    /// Reads the JSON form.
    pub fn from_json(text: &str) -> Result<ServerFrame, Malformed> {
        let frame: ServerFrame = serde_json::from_str(text).map_err(|fault| Malformed::Json(fault.to_string()))?;
        match &frame {
            ServerFrame::Public(frame) => frame.check()?,
            ServerFrame::Staff(frame) => frame.check()?,
        }
        Ok(frame)
    }
}
