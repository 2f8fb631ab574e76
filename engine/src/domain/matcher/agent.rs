//! An agent as the queue sees him: what he may take, whether he takes it now, and the tickets that use his slots.

use std::collections::{BTreeMap, BTreeSet};

use deskwire_protocol::{PersonId, Phase, Role, Status, TicketId, Time};

use super::skill::Skills;
use crate::domain::event::CategoryId;

/// An absence shorter than this (a page reload) does not move an agent in the order of the idle, in milliseconds.
pub const RELOAD_MS: u64 = 60_000;

/// Something per phase: live chats and asynchronous tickets are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PerPhase<T> {
    /// Of live chats.
    pub live: T,
    /// Of asynchronous tickets.
    pub asynchronous: T,
}

impl<T> PerPhase<T> {
    /// Of one phase.
    pub fn of(&self, phase: Phase) -> &T {
        match phase {
            Phase::Live => &self.live,
            Phase::Asynchronous => &self.asynchronous,
        }
    }

    /// Of one phase, to be changed.
    pub fn of_mut(&mut self, phase: Phase) -> &mut T {
        match phase {
            Phase::Live => &mut self.live,
            Phase::Asynchronous => &mut self.asynchronous,
        }
    }
}

/// Slots of an agent or a team.
pub type Slots = PerPhase<u16>;

/// A team of agents; numbers are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct TeamId(pub u16);

/// What the place's administration says of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentProfile {
    /// Who.
    pub id: PersonId,
    /// His display name.
    pub name: String,
    /// What he is.
    pub role: Role,
    /// His team, if he is in one.
    pub team: Option<TeamId>,
    /// The categories he serves and sees.
    pub categories: BTreeSet<CategoryId>,
    /// What he can do.
    pub skills: Skills,
    /// How many tickets he may have at once.
    pub slots: Slots,
}

impl AgentProfile {
    /// Somebody of whom only the number is known.
    pub fn nobody(id: PersonId) -> AgentProfile {
        let (categories, skills) = (BTreeSet::new(), Skills::default());
        AgentProfile {
            id,
            name: String::new(),
            role: Role::Agent,
            team: None,
            categories,
            skills,
            slots: Slots::default(),
        }
    }
}

/// Whether somebody can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// He has a connection.
    Here,
    /// He has none.
    Gone,
}

/// How an agent stands: what is told to him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentState {
    /// Whether he gets tickets.
    pub status: Status,
    /// How many he may have at once.
    pub slots: Slots,
    /// How many slots are used.
    pub used: Slots,
}

/// His turn among those with a free slot: the smallest is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// Slots of the phase used.
    pub load: u16,
    /// When a slot of his was last taken or freed, or he came to work, in milliseconds since 1970.
    pub idle_since_ms: u64,
    /// Who.
    pub agent: PersonId,
}

/// One agent. His slots are a set of ticket ids: taking or freeing one twice changes nothing.
#[derive(Clone, Debug)]
pub struct Agent {
    profile: AgentProfile,
    standing: Standing,
    status: Status,
    status_since_ms: u64,
    presence: Presence,
    gone_since_ms: u64,
    idle_since_ms: u64,
    held: BTreeMap<TicketId, Held>,
    /// Counted from `held` at each change, since every choice asks for it.
    used: Slots,
}

/// Whether the administration knows him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Known,
    Unknown,
}

/// One used slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The ticket's category.
    pub category: CategoryId,
    /// Which of his slots it uses.
    pub phase: Phase,
    /// What for.
    pub hold: Hold,
    /// Since when; unknown where the ticket was found in the log.
    pub since: Option<Time>,
}

/// Whether a ticket that somebody gives by hand needs a free slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// It does.
    Kept,
    /// It does not: a supervisor says so, and answers for it.
    Beyond,
}

/// What a slot is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// The ticket is offered to him, or on its way: it still waits.
    Promised,
    /// He has it.
    Active,
    /// It is over, and he writes it up.
    WrapUp,
}

impl Agent {
    /// Somebody of whom nothing is known yet but that he exists: he may take nothing, and is away until he says
    /// otherwise.
    pub fn unknown(id: PersonId) -> Agent {
        Agent {
            profile: AgentProfile::nobody(id),
            standing: Standing::Unknown,
            status: Status::Away,
            status_since_ms: 0,
            presence: Presence::Gone,
            gone_since_ms: 0,
            idle_since_ms: 0,
            held: BTreeMap::new(),
            used: Slots::default(),
        }
    }

    /// What is known of him.
    pub fn profile(&self) -> &AgentProfile {
        &self.profile
    }

    /// The tickets that use his slots.
    pub fn held(&self) -> &BTreeMap<TicketId, Held> {
        &self.held
    }

    /// How he stands.
    pub fn state(&self) -> AgentState {
        AgentState { status: self.status, slots: self.profile.slots, used: self.used }
    }

    /// Whether he is here.
    pub fn presence(&self) -> Presence {
        self.presence
    }

    /// Since when he is not here, if he is not.
    pub fn gone_since(&self) -> Option<Time> {
        (self.presence == Presence::Gone).then(|| Time::from_ms(self.gone_since_ms))
    }

    /// Since when his status is what it is; 0 where it has not changed since he is known.
    pub fn status_since(&self) -> Time {
        Time::from_ms(self.status_since_ms)
    }

    /// When a slot of his was last taken or freed, or he came to work.
    pub fn idle_since(&self) -> Time {
        Time::from_ms(self.idle_since_ms)
    }

    /// Slots used.
    pub fn used(&self) -> Slots {
        self.used
    }

    /// Slots of a phase used, counted anew.
    pub fn count(&self, phase: Phase) -> usize {
        self.held.values().filter(|held| held.phase == phase).count()
    }

    /// Whether he serves a category.
    pub fn serves(&self, category: CategoryId) -> bool {
        self.profile.categories.contains(&category)
    }

    /// Whether he is at work: here and available, with free slots or without.
    pub fn is_on_duty(&self) -> bool {
        self.presence == Presence::Here && self.status == Status::Available
    }

    /// Live slots that work now, used or not.
    pub fn slots_at_work(&self) -> u32 {
        if self.is_on_duty() { u32::from(self.profile.slots.live) } else { 0 }
    }

    /// His turn, if he may take one more of this phase now.
    pub fn turn(&self, phase: Phase) -> Option<Turn> {
        let load = *self.used.of(phase);
        let free = self.is_on_duty() && load < *self.profile.slots.of(phase);
        free.then_some(Turn { load, idle_since_ms: self.idle_since_ms, agent: self.profile.id })
    }

    /// Whether the administration knows him.
    pub fn is_known(&self) -> bool {
        self.standing == Standing::Known
    }

    /// Whether he can be forgotten: unknown, not here, and nothing held.
    pub(super) fn is_nobody(&self) -> bool {
        !self.is_known() && self.held.is_empty() && self.presence == Presence::Gone
    }

    pub(super) fn set_profile(&mut self, profile: AgentProfile) {
        self.profile = profile;
        self.standing = Standing::Known;
    }

    pub(super) fn dismiss(&mut self) {
        self.profile = AgentProfile::nobody(self.profile.id);
        self.standing = Standing::Unknown;
    }

    pub(super) fn set_status(&mut self, status: Status, now: Time) {
        if status != self.status {
            self.idle_since_ms = now.ms();
            self.status_since_ms = now.ms();
        }
        self.status = status;
    }

    pub(super) fn set_presence(&mut self, presence: Presence, now: Time) {
        if presence == self.presence {
            return;
        }
        self.presence = presence;
        match presence {
            Presence::Gone => self.gone_since_ms = now.ms(),
            Presence::Here if now.ms().saturating_sub(self.gone_since_ms) > RELOAD_MS => self.idle_since_ms = now.ms(),
            Presence::Here => {}
        }
    }

    /// Uses a slot for a ticket, or uses it otherwise than before.
    pub(super) fn take(&mut self, ticket: TicketId, held: Held, now: Time) {
        match self.held.insert(ticket, held) {
            None => self.idle_since_ms = now.ms(),
            Some(before) => *self.used.of_mut(before.phase) -= 1,
        }
        *self.used.of_mut(held.phase) += 1;
    }

    pub(super) fn free(&mut self, ticket: TicketId, now: Time) -> Option<Held> {
        let held = self.held.remove(&ticket)?;
        *self.used.of_mut(held.phase) -= 1;
        self.idle_since_ms = now.ms();
        Some(held)
    }
}
