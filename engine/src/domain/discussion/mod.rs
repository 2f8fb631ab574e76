//! A discussion: an open room with a topic. What is kept of its members, and every rule that a ticket does not have.
//!
//! Its log, room, streams and pages are a ticket's; only its first event is another, and so is who may do what. For the
//! queue it does not exist.

mod decide;
#[cfg(test)]
mod tests;
pub(super) mod view;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use deskwire_protocol::ids::TIME_MS_MAX;
use deskwire_protocol::kinds;
use deskwire_protocol::limits::{SUBJECT_BYTES_MAX, TITLE_BYTES_MAX};
use deskwire_protocol::{
    MemberState, ModerationAct, PersonId, Phase, Priority, Refusal, Role, StageName, TicketId, Time,
};

use super::audience::Audience;
use super::authorize::{Action, Actor, Part, Target, authorize};
use super::event::{CategoryId, Entered, Event, Founded, Moderated};
use super::facts::{Causes, Facts};
use super::outline::{Member, Outline};
use super::rules::ms;
use super::ticket::{Refused, bounded};
use super::who::Who;
use decide::within_seconds;

/// The end of what has none.
pub const FOR_EVER: u64 = TIME_MS_MAX;

/// What a discussion is founded with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foundation {
    /// Its title.
    pub title: String,
    /// What it is about.
    pub topic: String,
    /// Most members that may be in it at once.
    pub members_max: u16,
    /// A member may post once in so many seconds; 0 for as often as he likes.
    pub slow_s: u32,
}

/// What somebody who moderates wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moderation {
    /// What.
    pub act: ModerationAct,
    /// To whom.
    pub member: u16,
    /// To which post.
    pub seq: u32,
    /// For how long.
    pub seconds: u32,
    /// Why.
    pub reason: String,
}

/// The fold of a discussion's events, beside what its outline keeps of any log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discussion {
    foundation: Foundation,
    /// By the members' indices.
    seats: Vec<Seat>,
    by_person: HashMap<PersonId, u16>,
    /// How many are in it.
    inside: usize,
    deleted: Deleted,
    moderations: usize,
}

/// The places of deleted posts. A clone shares them until one of the two changes.
pub type Deleted = Arc<BTreeSet<u32>>;

/// One who is or was a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seat {
    presence: Presence,
    /// 0 where he may speak.
    muted_until: Time,
    posted: Option<Time>,
    moderates: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Presence {
    #[default]
    Out,
    In,
    Banned,
}

/// What comes of the wish for a discussion: its first event.
pub(super) fn found(who: &Who, foundation: Foundation, at: Time) -> Result<Event, Refused> {
    authorize(&who.actor(), Action::Found, Target::Desk)?;
    let Foundation { title, topic, members_max, slow_s } = foundation;
    bounded("title", &title, TITLE_BYTES_MAX)?;
    bounded("topic", &topic, SUBJECT_BYTES_MAX)?;
    within_seconds("slow_s", slow_s)?;
    if title.trim().is_empty() {
        return Err(Refusal::EmptyText.into());
    }
    let (person, name, role) = (who.person, who.name.to_string(), who.role);
    Ok(Event::Founded(Founded { at, person, name, role, title, topic, members_max, slow_s }))
}

/// A discussion as the queue would see it, if it were asked: over from the beginning, and never changed.
pub(super) fn facts(ticket: TicketId, founded: &Founded) -> Facts {
    Facts {
        ticket,
        seq: 0,
        stage: StageName::Closed,
        round: 0,
        agent: None,
        customer: founded.person,
        category: CategoryId::default(),
        priority: Priority::Normal,
        arrived: founded.at,
        since: founded.at,
        phase: Phase::Asynchronous,
        reachable: false,
        skills: Vec::new(),
        wrap_up_until: None,
        told: Causes::default(),
        hands: Default::default(),
        name: String::new(),
        subject: String::new(),
    }
}

/// The text of a deleted post is empty on every way out. No other event has a text here.
pub fn without_text(mut event: Event) -> Event {
    if let Event::Posted(posted) = &mut event {
        posted.text.clear();
    }
    event
}

impl Discussion {
    /// The discussion after its first event; its founder is in it, and moderates.
    pub(super) fn begin(founded: &Founded) -> Discussion {
        let foundation = Foundation {
            title: founded.title.clone(),
            topic: founded.topic.clone(),
            members_max: founded.members_max,
            slow_s: founded.slow_s,
        };
        let founder = Seat { presence: Presence::In, moderates: true, ..Seat::default() };
        Discussion {
            foundation,
            seats: vec![founder],
            by_person: HashMap::from([(founded.person, 0)]),
            inside: 1,
            deleted: Deleted::default(),
            moderations: 0,
        }
    }

    /// Takes in the next event.
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Posted(posted) => self.with_seat(posted.author, |seat| seat.posted = Some(posted.at)),
            Event::Entered(entered) => self.enter(entered),
            Event::Departed(departed) => self.put(departed.member, Presence::Out),
            Event::Moderated(moderated) => self.moderated(moderated),
            Event::Founded(_)
            | Event::Opened(_)
            | Event::Assigned(_)
            | Event::Advanced(_)
            | Event::MemberAdded(_)
            | Event::PhaseChanged(_)
            | Event::CustomerTold(_)
            | Event::AgentSilent(_)
            | Event::CategoryChanged(_)
            | Event::Noted(_)
            | Event::WatchBegan(_)
            | Event::WatchEnded(_)
            | Event::Acted(_) => {}
        }
    }

    fn enter(&mut self, entered: &Entered) {
        if usize::from(entered.member) == self.seats.len() {
            self.seats.push(Seat::default());
            self.by_person.insert(entered.person, entered.member);
        }
        self.put(entered.member, Presence::In);
    }

    fn moderated(&mut self, moderated: &Moderated) {
        self.moderations += 1;
        let Moderated { member, seq, until, seconds, .. } = *moderated;
        match moderated.act {
            ModerationAct::Mute => self.with_seat(member, |seat| seat.muted_until = until),
            ModerationAct::Unmute => self.with_seat(member, |seat| seat.muted_until = Time::default()),
            ModerationAct::Remove | ModerationAct::Unban => self.put(member, Presence::Out),
            ModerationAct::Ban => self.put(member, Presence::Banned),
            ModerationAct::DeletePost => _ = Arc::make_mut(&mut self.deleted).insert(seq),
            ModerationAct::SlowMode => self.foundation.slow_s = seconds,
            ModerationAct::Appoint => self.with_seat(member, |seat| seat.moderates = true),
            ModerationAct::Dismiss => self.with_seat(member, |seat| seat.moderates = false),
        }
    }

    fn with_seat(&mut self, member: u16, change: impl FnOnce(&mut Seat)) {
        if let Some(seat) = self.seats.get_mut(usize::from(member)) {
            change(seat);
        }
    }

    fn put(&mut self, member: u16, presence: Presence) {
        let Some(seat) = self.seats.get_mut(usize::from(member)) else { return };
        self.inside -= usize::from(seat.presence == Presence::In);
        self.inside += usize::from(presence == Presence::In);
        seat.presence = presence;
    }

    fn seat(&self, person: PersonId) -> Option<&Seat> {
        self.seats.get(usize::from(self.member(person)?))
    }

    /// The index of one who is or was a member.
    pub fn member(&self, person: PersonId) -> Option<u16> {
        self.by_person.get(&person).copied()
    }

    /// Whether somebody is in it: he may hear it.
    pub fn holds(&self, person: PersonId) -> bool {
        self.seat(person).is_some_and(|seat| seat.presence == Presence::In)
    }

    /// How many are in it.
    pub fn inside(&self) -> usize {
        self.inside
    }

    /// Where its deleted posts are.
    pub fn deleted(&self) -> &Deleted {
        &self.deleted
    }

    /// What somebody is to it: the first that fits.
    pub fn part(&self, who: &Who) -> Part {
        let seat = self.seat(who.person).copied().unwrap_or_default();
        match (may_found(who.role) || seat.moderates, seat.presence) {
            (true, _) => Part::Moderator,
            (false, Presence::In) => Part::Member,
            (false, Presence::Out) => Part::Visitor,
            (false, Presence::Banned) => Part::Banned,
        }
    }

    /// Whether one of its members may say something now.
    pub(super) fn may_post(&self, who: &Who, at: Time) -> Result<(), Refused> {
        authorize(&who.actor(), Action::Post, Target::Discussion(self.part(who)))?;
        let seat = self.seat(who.person).filter(|seat| seat.presence == Presence::In).ok_or(Refusal::NotAMember)?;
        if seat.muted_until > at {
            let detail = match seat.muted_until.ms() {
                FOR_EVER => "muted for good".to_owned(),
                until => format!("muted for {} more seconds", (until - at.ms()).div_ceil(1_000)),
            };
            return Err(Refused { detail, ..Refusal::Muted.into() });
        }
        self.is_time(who, at)
    }

    /// Whether slow mode lets somebody post by now; staff it always does.
    pub(super) fn is_time(&self, who: &Who, at: Time) -> Result<(), Refused> {
        let posted = self.seat(who.person).and_then(|seat| seat.posted).filter(|_| !who.role.is_staff());
        let next = posted.map_or(0, |posted| posted.ms() + ms(self.foundation.slow_s));
        match next.saturating_sub(at.ms()) {
            0 => Ok(()),
            wait_ms => Err(Refused {
                retry_ms: wait_ms.try_into().unwrap_or(u32::MAX),
                detail: format!("one post in {} seconds", self.foundation.slow_s),
                ..Refusal::TooSoon.into()
            }),
        }
    }

    /// Whether an act would change anything for a member, if it may be.
    fn changes(&self, act: ModerationAct, member: u16, members: &[Member]) -> Result<bool, Refused> {
        let (Some(seat), Some(named)) = (self.seats.get(usize::from(member)), members.get(usize::from(member))) else {
            return Err(Refusal::UnknownPost.into());
        };
        let moderates = seat.moderates || may_found(named.role);
        Ok(match act {
            ModerationAct::Mute | ModerationAct::Remove | ModerationAct::Ban if moderates => {
                return Err(Refusal::Moderates.into());
            }
            ModerationAct::Mute => true,
            ModerationAct::Unmute => seat.muted_until > Time::default(),
            ModerationAct::Remove => seat.presence == Presence::In,
            ModerationAct::Ban => seat.presence != Presence::Banned,
            ModerationAct::Unban => seat.presence == Presence::Banned,
            ModerationAct::Appoint if !named.role.is_staff() => return Err(Refusal::Forbidden.into()),
            ModerationAct::Appoint => !seat.moderates,
            ModerationAct::Dismiss => seat.moderates,
            ModerationAct::DeletePost | ModerationAct::SlowMode => false,
        })
    }
}

/// Whether people of this role found discussions, and moderate them all.
fn may_found(role: Role) -> bool {
    authorize(&Actor { person: PersonId(0), role }, Action::Found, Target::Desk).is_ok()
}

/// The frame that begins hearing a discussion.
pub(super) fn joined(
    outline: &Outline,
    discussion: &Discussion,
    who: &Who,
    (stream_head, here): (u32, u32),
) -> kinds::DiscussionJoined {
    let Foundation { title, topic, members_max, slow_s } = discussion.foundation.clone();
    let members = outline.members().iter().zip(&discussion.seats).map(|(member, seat)| kinds::Participant {
        name: member.name.to_string(),
        role: member.role,
        state: match (seat.presence, seat.moderates) {
            (Presence::In, true) => MemberState::Moderates,
            (Presence::In, false) => MemberState::In,
            (Presence::Out | Presence::Banned, _) => MemberState::Out,
        },
    });
    kinds::DiscussionJoined {
        ticket: outline.facts().ticket,
        head: outline.point(Audience::of(who.role), outline.head()).place,
        title,
        topic,
        members_max,
        slow_s,
        members: members.collect(),
        here,
        moderates: discussion.part(who) == Part::Moderator,
        muted_until: discussion.seat(who.person).map_or(Time::default(), |seat| seat.muted_until),
        stream_head,
    }
}
