//! A ticket: the fold of its events, and every rule of a conversation.

use std::sync::Arc;

use deskwire_protocol::kinds;
use deskwire_protocol::limits::{
    MEMBERS_PER_TICKET_MAX, REASON_BYTES_MAX, STREAMS_PER_DISCUSSION_MAX, STREAMS_PER_TICKET_MAX, SUBJECT_BYTES_MAX,
    TEXT_BYTES_MAX,
};
use deskwire_protocol::{NoteKind, Phase, Priority, Refusal, Role, Routing, Step, StreamId, TicketId, Time};

use super::authorize::{Action, Target, authorize};
use super::discussion::{self, Foundation, Moderation};
use super::event::{Advanced, Assigned, CategoryId, Event, MemberAdded, Opened, Posted, SkillList};
use super::facts::Facts;
use super::handing::Handing;
use super::lifecycle::{self, Act};
use super::matcher::Skill;
use super::outline::Outline;
use super::reopening;
use super::streams::{Digest, Place, Streams};
use super::who::Who;

pub use super::decision::{Decision, Refused};
pub(super) use super::decision::{bounded, illegal};
pub use super::moved::Moved;

/// The reason of what happens because the agent is gone.
pub const AGENT_GONE: &str = "agent_gone";
/// The reason of what happens because the customer is gone.
pub const CUSTOMER_GONE: &str = "customer_gone";

/// What somebody wants of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A customer begins it.
    Open {
        /// The category.
        category: CategoryId,
        /// The category's name.
        category_name: String,
        /// How soon it should be served.
        priority: Priority,
        /// What it is about.
        subject: String,
        /// Whether the customer may post before an agent has it.
        early_posts: bool,
        /// Whether both sides are there at the same time.
        phase: Phase,
        /// What it asks of its agent.
        skills: Vec<Skill>,
        /// The first message, number 1 of this stream, if there is one.
        first: Option<Box<(StreamId, String)>>,
        /// Why it is not to be, where it is not: what is said instead of opening it.
        turned_away: Option<Box<kinds::TurnedAway>>,
    },
    /// Say something.
    Post {
        /// The sender's stream.
        stream: StreamId,
        /// The number there.
        number: u32,
        /// What.
        text: String,
    },
    /// Say something beside the talk, to staff alone.
    Note {
        /// The sender's stream.
        stream: StreamId,
        /// The number there.
        number: u32,
        /// A note or a whisper.
        note: NoteKind,
        /// What.
        text: String,
    },
    /// Take part in the talk, as a member whom all see.
    TakePart,
    /// Go a step through its life.
    Advance {
        /// Which.
        step: Step,
        /// Outcome or reason.
        reason: String,
    },
    /// The queue gives it to `who`: a compare-and-set on the round.
    Assign {
        /// The round of waiting that the queue saw.
        round: u32,
        /// How it came to him.
        routing: Routing,
        /// How long he may write it up, in seconds.
        wrap_up_s: u32,
        /// Who has it until then and who moves it, where it does not wait.
        moved: Option<Arc<Moved>>,
    },
    /// It goes from hand to hand.
    Hand(Handing),
    /// Its last agent has written it up (0), or needs so many seconds from now.
    WrapUp {
        /// How many.
        more_s: u32,
    },
    /// A discussion begins.
    Found(Foundation),
    /// Be in a discussion.
    Enter,
    /// Be in it no longer.
    Depart,
    /// Moderate it.
    Moderate(Moderation),
    /// Its customer does not stay: it goes on as a message.
    LeaveMessage,
}

/// The fold of a ticket's events. It exists from its first event on.
#[derive(Clone, Debug)]
pub struct Ticket {
    outline: Outline,
    streams: Streams,
}

impl Ticket {
    /// What comes of a command to a ticket that does not exist: only opening it, or founding a discussion, makes one.
    pub fn decide_first(who: &Who, command: Command, now: Time) -> Result<Decision, Refused> {
        if let Command::Found(foundation) = command {
            return discussion::found(who, foundation, now).map(|founded| Decision::Events(vec![founded]));
        }
        let Command::Open {
            category,
            category_name,
            priority,
            subject,
            early_posts,
            phase,
            skills,
            first,
            turned_away,
        } = command
        else {
            return Err(Refusal::UnknownTicket.into());
        };
        authorize(&who.actor(), Action::OpenTicket, Target::Desk)?;
        bounded("subject", &subject, SUBJECT_BYTES_MAX)?;
        bounded("text", first.as_ref().map_or("", |first| &first.1), TEXT_BYTES_MAX)?;
        if let Some(turned_away) = turned_away {
            return Ok(Decision::TurnedAway(turned_away));
        }
        let opened = Event::Opened(Opened {
            at: now,
            person: who.person,
            name: who.name.to_string(),
            category,
            category_name,
            priority,
            subject,
            early_posts,
            phase,
            reachable: who.reachable,
            skills: SkillList(skills),
        });
        let posted = |first: Box<(StreamId, String)>| {
            let (stream, text) = *first;
            Event::Posted(Posted { at: now, author: 0, stream, number: 1, text })
        };
        Ok(Decision::Events([opened].into_iter().chain(first.map(posted)).collect()))
    }

    /// The ticket after its first event; nothing where that is not an opening.
    pub fn begin(id: TicketId, first: &Event) -> Option<Ticket> {
        let outline = Outline::begin(id, first)?;
        let streams_max =
            if outline.discussion().is_some() { STREAMS_PER_DISCUSSION_MAX } else { STREAMS_PER_TICKET_MAX };
        Some(Ticket { outline, streams: Streams::at_most(streams_max) })
    }

    /// What comes of a command. Changes nothing.
    pub fn decide(&self, who: &Who, command: Command, now: Time) -> Result<Decision, Refused> {
        let at = now.max(self.outline.last_at());
        match command {
            // A key that was used for a chat of his: he founds nothing with it.
            Command::Found(_) if who.role == Role::Customer => Err(Refusal::Forbidden.into()),
            Command::Open { .. } | Command::Found(_) if who.person == self.facts().customer => Ok(Decision::Already),
            Command::Open { .. } | Command::Found(_) => Err(Refusal::UnknownTicket.into()),
            Command::Post { stream, number, text } => self.decide_post(who, stream, number, text, at),
            Command::Note { stream, number, note, text } => self.decide_note(who, stream, number, (note, text), at),
            Command::TakePart => self.decide_take_part(who, at),
            Command::Advance { step, reason } => self.decide_advance(who, step, reason, at),
            Command::Assign { round, routing, wrap_up_s, moved } => {
                self.decide_assign(who, round, routing, (wrap_up_s, moved), at)
            }
            Command::LeaveMessage => self.decide_leave_message(who, at),
            Command::Hand(handing) => self.decide_hand(who, handing, at),
            Command::WrapUp { more_s } => self.decide_wrap_up(who, more_s, at),
            Command::Enter => self.decide_enter(who, at),
            Command::Depart => self.decide_depart(who, at),
            Command::Moderate(wish) => self.decide_moderate(who, wish, at),
        }
    }

    fn decide_post(
        &self,
        who: &Who,
        stream: StreamId,
        number: u32,
        text: String,
        at: Time,
    ) -> Result<Decision, Refused> {
        let author = self.outline.member(who.person).ok_or(Refusal::UnknownTicket)?;
        bounded("text", &text, TEXT_BYTES_MAX)?;
        match self.streams.place(who.person, stream, number, Digest::of(&text), at) {
            Place::Repeat(taken) => Ok(Decision::Repeat(taken)),
            Place::No { refusal, expected } => {
                // Who lost the ticket learns nothing of it, not even that it is there.
                self.outline.allows(who, Action::Read)?;
                if let (Refusal::OutOfOrder, Some(discussion)) = (refusal, self.outline.discussion()) {
                    // What follows a number that is too soon is too soon as well: to name that one would ask for it.
                    discussion.is_time(who, at)?;
                }
                Err(Refused { expected, ..refusal.into() })
            }
            Place::Next => {
                match self.outline.discussion() {
                    Some(discussion) => discussion.may_post(who, at)?,
                    None => self.may_post(who)?,
                }
                if text.trim().is_empty() {
                    return Err(Refusal::EmptyText.into());
                }
                Ok(Decision::Events(vec![Event::Posted(Posted { at, author, stream, number, text })]))
            }
        }
    }

    /// Who may talk: its customer, its agent and a supervisor who takes part, while it is open.
    fn may_post(&self, who: &Who) -> Result<(), Refused> {
        let stage = self.facts().stage;
        if lifecycle::next(stage, Act::CustomerPost).is_none() {
            return Err(illegal(stage, "posting"));
        }
        if who.person == self.facts().customer {
            return match self.facts().is_waiting() && self.facts().phase == Phase::Live && !self.outline.early_posts() {
                true => Err(Refusal::NotYetAssigned.into()),
                false => Ok(()),
            };
        }
        Ok(self.outline.allows(who, Action::Post)?)
    }

    fn decide_advance(&self, who: &Who, step: Step, reason: String, at: Time) -> Result<Decision, Refused> {
        self.outline.allows(who, reopening::action(step, self.facts().stage))?;
        bounded("reason", &reason, REASON_BYTES_MAX)?;
        let stage = lifecycle::next(self.facts().stage, Act::Step(step))
            .ok_or_else(|| illegal(self.facts().stage, &format!("{step:?}").to_lowercase()))?;
        let mut events = Vec::with_capacity(2);
        let author = match self.outline.member(who.person) {
            Some(author) => author,
            None => {
                let next = self.next_member()?;
                let (person, name, role) = (who.person, who.name.to_string(), who.role);
                events.push(Event::MemberAdded(MemberAdded { at, person, name, role }));
                next
            }
        };
        events.push(Event::Advanced(Advanced { at, author, step, stage, reason }));
        Ok(Decision::Events(events))
    }

    fn decide_assign(
        &self,
        who: &Who,
        round: u32,
        routing: Routing,
        (wrap_up_s, moved): (u32, Option<Arc<Moved>>),
        at: Time,
    ) -> Result<Decision, Refused> {
        let from = moved.as_ref().and_then(|moved| moved.from);
        let act = if from.is_some() { Act::Move } else { Act::Assign };
        if self.facts().owner() == Some(who.person) && self.facts().round == round + u32::from(from.is_some()) {
            return Ok(Decision::Already);
        }
        let is_asked_for = routing != Routing::Escalated || self.facts().escalated().is_some();
        let is_from = from.is_none() || self.facts().owner() == from;
        if !is_from
            || !is_asked_for
            || self.facts().round != round
            || lifecycle::next(self.facts().stage, act).is_none()
        {
            return Err(Refused {
                detail: format!("the ticket is {:?} in round {}", self.facts().stage, self.facts().round),
                ..Refusal::Taken.into()
            });
        }
        if moved.is_none() && self.facts().hands.ignored.contains(&who.person) {
            return Err(Refusal::Ignored.into());
        }
        let member = match self.outline.member(who.person) {
            Some(member) => member,
            None => self.next_member()?,
        };
        let (agent, name, role) = (who.person, who.name.to_string(), who.role);
        let acted = moved.and_then(|moved| moved.acted(at, routing, (agent, name.clone())));
        let assigned = Assigned { at, agent, name, role, member, round, routing, wrap_up_s };
        Ok(Decision::Events(acted.into_iter().map(Event::Acted).chain([Event::Assigned(assigned)]).collect()))
    }

    /// The index of the next member, if there may be one.
    pub(super) fn next_member(&self) -> Result<u16, Refused> {
        match self.outline.members().len() < MEMBERS_PER_TICKET_MAX {
            true => Ok(self.outline.members().len() as u16),
            false => Err(Refusal::MembersFull.into()),
        }
    }

    /// Takes in what was decided, or what the log holds. Decides nothing.
    pub fn apply(&mut self, event: &Event) {
        self.outline.apply(event);
        let seq = self.outline.head();
        match event {
            Event::Posted(posted) => {
                if let Some(author) = self.outline.members().get(usize::from(posted.author)) {
                    let digest = Digest::of(&posted.text);
                    self.streams.take(author.person, posted.stream, posted.number, digest, seq, posted.at);
                }
            }
            Event::Noted(noted) => {
                let digest = Digest::of_note(noted.note, &noted.text);
                self.streams.take(noted.person, noted.stream, noted.number, digest, seq, noted.at);
            }
            Event::Opened(_)
            | Event::Assigned(_)
            | Event::Advanced(_)
            | Event::MemberAdded(_)
            | Event::PhaseChanged(_)
            | Event::CustomerTold(_)
            | Event::AgentSilent(_)
            | Event::WatchBegan(_)
            | Event::WatchEnded(_)
            | Event::Acted(_)
            | Event::CategoryChanged(_)
            | Event::Founded(_)
            | Event::Entered(_)
            | Event::Departed(_)
            | Event::Moderated(_) => {}
        }
    }

    /// Forgets which numbers were used: what a fold that keeps them in memory only does at a restart.
    pub(super) fn forget_streams(&mut self) {
        self.streams.forget();
    }

    pub(super) fn facts(&self) -> &Facts {
        self.outline.facts()
    }

    /// All but the streams.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Its streams.
    pub fn streams(&self) -> &Streams {
        &self.streams
    }
}
