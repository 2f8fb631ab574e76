//! Who may receive what of a ticket: one table, what there is to show × who looks.
//!
//! Who may hear a ticket at all is [`authorize`](super::authorize); of those, this says what each is shown. Staff are
//! shown every event of the log, so that its sequence has no gap for them; a customer is shown what is public, in a
//! numbering of his own ([`numbering`](super::numbering)).

use deskwire_protocol::{ModerationAct, NoteKind, Role};

use super::authorize::Standing;
use super::event::Event;
use crate::planted::{self, PlantedBug};

/// Which frames somebody may be handed, and in which numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Public frames only, in numbers that count what he may see.
    Customer,
    /// Public and staff frames, in the numbers of the log.
    Staff,
}

impl Audience {
    /// That of a role.
    pub fn of(role: Role) -> Audience {
        match role {
            Role::Customer => Audience::Customer,
            Role::Agent | Role::Supervisor | Role::Admin => Audience::Staff,
        }
    }
}

/// What there is to show of a ticket: the kinds of its events, and what is told and not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It began.
    Opened,
    /// Somebody said something.
    Posted,
    /// An agent has it.
    Assigned,
    /// It went a step through its life.
    Advanced,
    /// Somebody takes part.
    MemberAdded,
    /// The two sides are there at the same time no more, or again.
    PhaseChanged,
    /// The engine said something to the customer.
    CustomerTold,
    /// The agent has not answered for too long.
    AgentSilent,
    /// A remark for staff.
    Note,
    /// A supervisor's word to the agent.
    Whisper,
    /// Somebody began to watch.
    WatchBegan,
    /// Somebody ceased to watch.
    WatchEnded,
    /// Something was done that the customer is not told.
    Acted,
    /// It went to another category.
    CategoryChanged,
    /// A discussion was founded.
    Founded,
    /// Somebody is in a discussion.
    Entered,
    /// He is no longer: he left, or was put out.
    Departed,
    /// A post was deleted, or slow mode changed.
    Ruled,
    /// A discussion was moderated otherwise.
    Moderated,
    /// A member types. Who is none is shown to nobody.
    Typing,
    /// A member came or went. Who is none is shown to nobody.
    Presence,
    /// One of the staff types a note.
    NoteTyping,
    /// One of the staff hears it, or no longer.
    StaffHere,
    /// A member has read on. Who is none leaves no mark.
    ReadMark,
}

impl Sort {
    /// Every sort, in the order of the table.
    pub const ALL: [Sort; 24] = [
        Sort::Opened,
        Sort::Posted,
        Sort::Assigned,
        Sort::Advanced,
        Sort::MemberAdded,
        Sort::PhaseChanged,
        Sort::CustomerTold,
        Sort::AgentSilent,
        Sort::Note,
        Sort::Whisper,
        Sort::WatchBegan,
        Sort::WatchEnded,
        Sort::Acted,
        Sort::CategoryChanged,
        Sort::Founded,
        Sort::Entered,
        Sort::Departed,
        Sort::Ruled,
        Sort::Moderated,
        Sort::Typing,
        Sort::Presence,
        Sort::NoteTyping,
        Sort::StaffHere,
        Sort::ReadMark,
    ];

    /// That of an event.
    pub fn of(event: &Event) -> Sort {
        match event {
            Event::Opened(_) => Sort::Opened,
            Event::Posted(_) => Sort::Posted,
            Event::Assigned(_) => Sort::Assigned,
            Event::Advanced(_) => Sort::Advanced,
            Event::MemberAdded(_) => Sort::MemberAdded,
            Event::PhaseChanged(_) => Sort::PhaseChanged,
            Event::CustomerTold(_) => Sort::CustomerTold,
            Event::AgentSilent(_) => Sort::AgentSilent,
            Event::Noted(noted) => match noted.note {
                NoteKind::Note => Sort::Note,
                NoteKind::Whisper => Sort::Whisper,
            },
            Event::WatchBegan(_) => Sort::WatchBegan,
            Event::WatchEnded(_) => Sort::WatchEnded,
            Event::Acted(_) => Sort::Acted,
            Event::CategoryChanged(_) => Sort::CategoryChanged,
            Event::Founded(_) => Sort::Founded,
            Event::Entered(_) => Sort::Entered,
            Event::Departed(_) => Sort::Departed,
            Event::Moderated(moderated) => match moderated.act {
                ModerationAct::Remove | ModerationAct::Ban => Sort::Departed,
                ModerationAct::DeletePost | ModerationAct::SlowMode => Sort::Ruled,
                ModerationAct::Mute
                | ModerationAct::Unmute
                | ModerationAct::Unban
                | ModerationAct::Appoint
                | ModerationAct::Dismiss => Sort::Moderated,
            },
        }
    }
}

/// The table. Who stands to a ticket as nobody is shown nothing of it.
const fn shown_to(sort: Sort) -> &'static [Standing] {
    use Standing::{Admin, Adviser, Agent, Candidate, Colleague, Customer, Guest, Onlooker, Partaker, Supervisor};
    match sort {
        Sort::Opened | Sort::Posted | Sort::Assigned | Sort::Advanced | Sort::MemberAdded | Sort::PhaseChanged => {
            &[Customer, Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker, Colleague]
        }
        Sort::Founded | Sort::Entered | Sort::Departed | Sort::Ruled => {
            &[Customer, Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker, Colleague]
        }
        Sort::Moderated => &[Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker, Colleague],
        Sort::CategoryChanged | Sort::Typing | Sort::Presence | Sort::ReadMark => {
            &[Customer, Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker, Colleague]
        }
        Sort::Note | Sort::Whisper => {
            &[Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker, Colleague]
        }
        Sort::CustomerTold => {
            &[Customer, Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker, Colleague]
        }
        Sort::WatchBegan | Sort::WatchEnded | Sort::Acted | Sort::AgentSilent => {
            &[Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker, Colleague]
        }
        Sort::NoteTyping | Sort::StaffHere => {
            &[Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker, Colleague]
        }
    }
}

/// Whether somebody who stands like this to a ticket is shown this.
pub fn sees(sort: Sort, standing: Standing) -> bool {
    let leaked = sort == Sort::Whisper && planted::is(PlantedBug::WhisperLeaked);
    shown_to(sort).contains(&standing) || (leaked && standing == Standing::Customer)
}

/// Whether an event has no number for customers.
pub fn is_hidden(event: &Event) -> bool {
    !shown_to(Sort::of(event)).contains(&Standing::Customer)
}

#[cfg(test)]
#[path = "audience_tests.rs"]
mod tests;
