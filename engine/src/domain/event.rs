//! What happened to a ticket: the records of its log. Numbers are never used again; a changed event is a new kind.

use deskwire_protocol::wire::{Field, Shape, Wire, WireType};
use deskwire_protocol::{
    ModerationAct, NoteKind, PersonId, Phase, Priority, Role, Routing, SilenceLevel, StaffAct, StageName, Step,
    StreamId, TellCause, Time, frames,
};
use rkyv::{Archive, Deserialize, Serialize};

use super::matcher::{CONDITIONS_MAX, Skill};

/// A category of tickets; numbers are never used again.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Archive,
    Serialize,
    Deserialize,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct CategoryId(pub u16);

impl Wire for CategoryId {
    const TYPE: WireType = WireType::U16;

    fn out_of_line(&self) -> usize {
        0
    }
}

/// What a ticket asks of its agent: skills at their least levels.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Archive, Serialize, Deserialize, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct SkillList(pub Vec<Skill>);

impl Wire for SkillList {
    const TYPE: WireType = WireType::List(&Shape {
        name: "Skill",
        doc: "A skill at a level.",
        fields: &[
            Field { name: "id", wire: WireType::U16, max: None, optional: false, doc: "Its number." },
            Field { name: "level", wire: WireType::U8, max: None, optional: false, doc: "1 to 5." },
        ],
    });

    fn size(&self) -> usize {
        self.0.len()
    }

    fn out_of_line(&self) -> usize {
        self.0.len() * std::mem::size_of::<rkyv::Archived<Skill>>()
    }
}

frames! {
    /// One record of a ticket's log. Its sequence is its key in the store, not a field.
    pub enum Event {
        /// The ticket began; the customer is member 0.
        1 Opened {
            /// When.
            at: Time;
            /// The customer.
            person: PersonId;
            /// His display name.
            name: String;
            /// The category.
            category: CategoryId;
            /// The category's name then.
            category_name: String;
            /// How soon it should be served.
            priority: Priority;
            /// What it is about.
            subject: String;
            /// Whether the customer may post before an agent has it.
            early_posts: bool;
            /// Whether both sides are there at the same time.
            phase: Phase;
            /// Whether the customer can be reached when he has left.
            reachable: bool;
            /// What it asks of its agent.
            skills: SkillList [max CONDITIONS_MAX];
        }
        /// Somebody said something.
        2 Posted {
            /// When.
            at: Time;
            /// Index of the member.
            author: u16;
            /// The stream it was posted on.
            stream: StreamId;
            /// Its number there.
            number: u32;
            /// What.
            text: String;
        }
        /// An agent has the ticket; he is a member from here on if he was none.
        3 Assigned {
            /// When.
            at: Time;
            /// The agent.
            agent: PersonId;
            /// His display name.
            name: String;
            /// What he is.
            role: Role;
            /// His index in the ticket's members.
            member: u16;
            /// Which round of waiting this ends.
            round: u32;
            /// How it came to him.
            routing: Routing;
            /// How long he may write it up after it has ended, in seconds.
            wrap_up_s: u32;
        }
        /// The ticket went a step through its life.
        4 Advanced {
            /// When.
            at: Time;
            /// Index of the member, or 65535 for the engine.
            author: u16;
            /// What was done.
            step: Step;
            /// Where that led: replaying needs no rule.
            stage: StageName;
            /// Outcome or reason.
            reason: String;
        }
        /// Somebody became a member without having the ticket.
        5 MemberAdded {
            /// When.
            at: Time;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String;
            /// What he is.
            role: Role;
        }
        /// The two sides are there at the same time no more, or again.
        6 PhaseChanged {
            /// When.
            at: Time;
            /// Index of the member, or 65535 for the engine.
            author: u16;
            /// From now on.
            phase: Phase;
            /// Why.
            reason: String;
        }
        /// The engine said something to the customer.
        7 CustomerTold {
            /// When.
            at: Time;
            /// Why.
            cause: TellCause;
            /// Whether waiting on makes sense.
            may_wait: bool;
            /// Whether it may go on as a message.
            may_leave_message: bool;
            /// What the category had to say.
            text: String;
        }
        /// The customer waits for an answer of the agent's for too long.
        8 AgentSilent {
            /// When that was noticed.
            at: Time;
            /// The agent.
            agent: PersonId;
            /// His display name.
            name: String;
            /// What came of it.
            level: SilenceLevel;
        }
        /// One of the staff said something beside the talk. Who he is stands here: he need not be a member, and
        /// customers are shown the members.
        20 Noted {
            /// When.
            at: Time;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String;
            /// What he is.
            role: Role;
            /// A note or a whisper.
            note: NoteKind;
            /// The stream it was posted on.
            stream: StreamId;
            /// Its number there.
            number: u32;
            /// What.
            text: String;
        }
        /// Somebody who is no member began to watch.
        21 WatchBegan {
            /// When.
            at: Time;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String;
        }
        /// He ceased to. After a fall this is written when it is noticed; one without a beginning says nothing.
        22 WatchEnded {
            /// When.
            at: Time;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String;
        }
        /// Somebody did something about the ticket that its customer is not told.
        23 Acted {
            /// When.
            at: Time;
            /// Who; nobody for the engine.
            person: PersonId;
            /// His display name; empty for the engine.
            name: String;
            /// What.
            act: StaffAct;
            /// Whom it concerns, where it concerns somebody.
            agent: PersonId;
            /// His display name.
            agent_name: String;
            /// Until when, where there is an end.
            until: Time;
            /// Why.
            reason: String;
        }
        /// It went to another category, where it waits: a new round, at the place of its arrival.
        24 CategoryChanged {
            /// When.
            at: Time;
            /// The category.
            category: CategoryId;
            /// The category's name then.
            category_name: String;
            /// Whether the customer may post there before an agent has it.
            early_posts: bool;
            /// Where that led: replaying needs no rule.
            stage: StageName;
        }
        /// A discussion was founded; its founder is member 0.
        30 Founded {
            /// When.
            at: Time;
            /// The founder.
            person: PersonId;
            /// His display name.
            name: String;
            /// What he is.
            role: Role;
            /// Its title.
            title: String;
            /// What it is about.
            topic: String;
            /// Most members that may be in it at once.
            members_max: u16;
            /// A member may post once in so many seconds.
            slow_s: u32;
        }
        /// Somebody is in a discussion, for the first time or again.
        31 Entered {
            /// When.
            at: Time;
            /// Who.
            person: PersonId;
            /// His display name.
            name: String;
            /// What he is.
            role: Role;
            /// His index in the members: the next, or the one he had.
            member: u16;
        }
        /// He left it.
        32 Departed {
            /// When.
            at: Time;
            /// His index in the members.
            member: u16;
        }
        /// A discussion was moderated.
        33 Moderated {
            /// When.
            at: Time;
            /// Who did it.
            person: PersonId;
            /// His display name.
            name: String;
            /// What.
            act: ModerationAct;
            /// Whom it concerns: index of a member, or 65535.
            member: u16;
            /// The post's sequence, where it concerns a post.
            seq: u32;
            /// What customers call that.
            place: u32;
            /// Until when, of a mute.
            until: Time;
            /// The pause of slow mode.
            seconds: u32;
            /// Why.
            reason: String;
        }
    }
}

impl Event {
    /// When it happened.
    pub fn at(&self) -> Time {
        match self {
            Event::Opened(event) => event.at,
            Event::Posted(event) => event.at,
            Event::Assigned(event) => event.at,
            Event::Advanced(event) => event.at,
            Event::MemberAdded(event) => event.at,
            Event::PhaseChanged(event) => event.at,
            Event::CustomerTold(event) => event.at,
            Event::AgentSilent(event) => event.at,
            Event::Noted(event) => event.at,
            Event::WatchBegan(event) => event.at,
            Event::WatchEnded(event) => event.at,
            Event::Acted(event) => event.at,
            Event::CategoryChanged(event) => event.at,
            Event::Founded(event) => event.at,
            Event::Entered(event) => event.at,
            Event::Departed(event) => event.at,
            Event::Moderated(event) => event.at,
        }
    }
}
