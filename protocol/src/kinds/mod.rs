//! The table of frames: who sends it, its number, its fields, their bounds and meaning.
//!
//! Numbers: 1–63 from clients, 64–191 to everybody, 192–254 to staff alone. Kinds marked `as event` are of the
//! ticket's log: they carry its sequence and come live and in pages alike.

mod client;
mod discussion;
mod public;
mod staff;

use rkyv::{Archive, Deserialize, Serialize};

use crate::frame::{Malformed, within};
use crate::ids::{PersonId, TicketId, Time};
use crate::limits::{CATEGORY_BYTES_MAX, NAME_BYTES_MAX, REASON_BYTES_MAX, TEXT_BYTES_MAX};
use crate::wire::{Field, Shape, Wire, WireType};
use crate::words::{NoticeWord, Obstacle, Role, StageName, Status};

pub use client::*;
pub use discussion::{DiscussionLine, Participant};
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

use shape;

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

shape! {
    /// A ticket in a list of them.
    TicketNamed {
        /// The ticket.
        ticket: TicketId,
    }
}

shape! {
    /// An agent in a list of them.
    AgentNamed {
        /// Who.
        agent: PersonId,
    }
}

shape! {
    /// A category that is to help out another.
    OverflowAsked {
        /// Whose tickets, by name.
        of: String [max CATEGORY_BYTES_MAX],
        /// Who helps out, by name.
        to: String [max CATEGORY_BYTES_MAX],
        /// With tickets that have waited for so long, in seconds.
        after_s: u32,
    }
}

shape! {
    /// What became of one ticket of many.
    ItemResult {
        /// The ticket.
        ticket: TicketId,
        /// 0 for done, else a refusal's number.
        code: u16,
    }
}

shape! {
    /// One agent as the floor view shows him. His slots are counted by what they are used for.
    FloorAgent {
        /// Who.
        agent: PersonId,
        /// His display name.
        name: String [max NAME_BYTES_MAX],
        /// His team's number; 0 for none.
        team: u16,
        /// Whether he takes new tickets.
        status: Status,
        /// Since when; 0 where nobody has seen it change since the queue's last start.
        since: Time,
        /// Whether he has a connection.
        here: bool,
        /// Live chats that he may have at once.
        live: u16,
        /// Of these offered to him or on their way.
        live_offered: u16,
        /// Of these that he has.
        live_active: u16,
        /// Of these that he set aside.
        live_held: u16,
        /// Of these that he writes up.
        live_wrap_up: u16,
        /// Asynchronous tickets that he may have at once.
        asynchronous: u16,
        /// Of these offered to him or on their way.
        asynchronous_offered: u16,
        /// Of these that he has.
        asynchronous_active: u16,
        /// Of these that he set aside.
        asynchronous_held: u16,
        /// Of these that he writes up.
        asynchronous_wrap_up: u16,
    }
}

shape! {
    /// One category as the floor view shows it. What is counted is counted over the window, of live tickets, each by how
    /// its first wait ended.
    FloorCategory {
        /// Its name.
        category: String [max CATEGORY_BYTES_MAX],
        /// Live tickets that wait.
        waiting_live: u32,
        /// Asynchronous tickets that wait.
        waiting_asynchronous: u32,
        /// When the one that waits longest came; 0 where none waits.
        oldest: Time,
        /// Agents who serve it, are here and take new tickets.
        on_duty: u32,
        /// Of these, those with a free live slot.
        free: u32,
        /// Used live slots of those on duty, in thousandths of all that they have; 0 where nobody is.
        occupancy: u16,
        /// Within this time an agent should be there, in seconds.
        answer_within_s: u32,
        /// Tickets whose agent came.
        answered: u32,
        /// Of these, in that time.
        in_time: u32,
        /// Tickets whose customer left before.
        abandoned: u32,
        /// Of these, within five seconds.
        abandoned_short: u32,
        /// in_time / (answered + abandoned), in thousandths; 1000 where nothing is counted.
        service_level: u16,
        /// in_time / (answered + abandoned - abandoned_short), likewise.
        service_level_without_short: u16,
        /// abandoned / (answered + abandoned), in thousandths; 0 where nothing is counted.
        abandonment: u16,
    }
}

shape! {
    /// One minute of a floor that was run forward; the mean of several runs.
    WhatIfMinute {
        /// Tickets that wait at its end, in hundredths.
        waiting: u32,
        /// How long the one that waits longest has waited at its end, in seconds.
        oldest_s: u32,
        /// Tickets that got their agents, in hundredths.
        served: u32,
        /// Of these, those who waited at most 20 seconds, in hundredths.
        in_time: u32,
        /// Tickets whose customers left, in hundredths.
        abandoned: u32,
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
