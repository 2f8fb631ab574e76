//! An agent as the queue sees him: what he may take, whether he takes it now, and the tickets that use his slots.

use std::collections::{BTreeMap, BTreeSet};

use deskwire_protocol::{PersonId, Role, Status, TicketId, Time};

use crate::domain::event::CategoryId;

/// An absence shorter than this (a page reload) does not move an agent in the order of the idle, in milliseconds.
pub const RELOAD_MS: u64 = 60_000;

/// What the place's administration says of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentProfile {
    /// Who.
    pub id: PersonId,
    /// His display name.
    pub name: String,
    /// What he is.
    pub role: Role,
    /// The categories he serves and sees.
    pub categories: BTreeSet<CategoryId>,
    /// How many tickets he may have at once.
    pub slots: u16,
}

impl AgentProfile {
    fn nobody(id: PersonId) -> AgentProfile {
        AgentProfile { id, name: String::new(), role: Role::Agent, categories: BTreeSet::new(), slots: 0 }
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
    pub slots: u16,
    /// How many slots are used.
    pub active: u16,
}

/// His turn among those with a free slot: the smallest is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// Slots used.
    load: u16,
    /// When a slot of his was last taken or freed, or he came to work, in milliseconds since 1970.
    idle_since_ms: u64,
    /// Who.
    pub agent: PersonId,
}

/// One agent. His slots are a set of ticket ids: taking or freeing one twice changes nothing.
#[derive(Clone, Debug)]
pub struct Agent {
    profile: AgentProfile,
    standing: Standing,
    status: Status,
    presence: Presence,
    gone_since_ms: u64,
    idle_since_ms: u64,
    held: BTreeMap<TicketId, Held>,
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
    /// Since when; unknown where the ticket was found in the log.
    pub since: Option<Time>,
}

impl Agent {
    /// Somebody of whom nothing is known yet but that he exists: he may take nothing, and is away until he says
    /// otherwise.
    pub fn unknown(id: PersonId) -> Agent {
        Agent {
            profile: AgentProfile::nobody(id),
            standing: Standing::Unknown,
            status: Status::Away,
            presence: Presence::Gone,
            gone_since_ms: 0,
            idle_since_ms: 0,
            held: BTreeMap::new(),
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
        AgentState { status: self.status, slots: self.profile.slots, active: self.load() }
    }

    /// Slots used.
    pub fn load(&self) -> u16 {
        u16::try_from(self.held.len()).unwrap_or(u16::MAX)
    }

    /// Whether he serves a category.
    pub fn serves(&self, category: CategoryId) -> bool {
        self.profile.categories.contains(&category)
    }

    /// Slots that work now, used or not.
    pub fn slots_at_work(&self) -> u32 {
        let works = self.presence == Presence::Here && self.status == Status::Available;
        if works { u32::from(self.profile.slots) } else { 0 }
    }

    /// His turn, if he may take one more now.
    pub fn turn(&self) -> Option<Turn> {
        let free = self.slots_at_work() > u32::from(self.load());
        free.then(|| Turn { load: self.load(), idle_since_ms: self.idle_since_ms, agent: self.profile.id })
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

    pub(super) fn take(&mut self, ticket: TicketId, held: Held, now: Time) {
        if self.held.insert(ticket, held).is_none() {
            self.idle_since_ms = now.ms();
        }
    }

    pub(super) fn free(&mut self, ticket: TicketId, now: Time) -> Option<Held> {
        let held = self.held.remove(&ticket)?;
        self.idle_since_ms = now.ms();
        Some(held)
    }
}
