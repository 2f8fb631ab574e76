//! Registrations: who hears a ticket, and what he has heard. They outlive the room that tells them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use deskwire_protocol::TicketId;

use super::who::Who;
use crate::planted::{self, PlantedBug};

/// One connection that hears one ticket. `O` is the way to it: an outbox in the engine, a plain id in a simulation.
#[derive(Debug)]
pub struct Registration<O> {
    /// The ticket.
    pub ticket: TicketId,
    /// Whose connection.
    pub who: Arc<Who>,
    /// The way to it.
    pub to: O,
    told: Mutex<u32>,
    gone: AtomicBool,
}

/// What telling one event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// It was the next, and was told.
    Told,
    /// It had been told before.
    Before,
    /// It is not the next: telling it would have made a gap. A bug, counted.
    Gap,
}

impl<O> Registration<O> {
    /// A registration of somebody who has everything up to `told`.
    pub fn new(ticket: TicketId, who: Arc<Who>, to: O, told: u32) -> Registration<O> {
        Registration { ticket, who, to, told: Mutex::new(told), gone: AtomicBool::new(false) }
    }

    /// The last sequence told.
    pub fn told(&self) -> u32 {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells one event, if it is the next: the hand-over and the mark are one step, so that two instances of a room
    /// can neither double nor reorder what they tell.
    pub fn tell(&self, seq: u32, hand_over: impl FnOnce(&O)) -> Tell {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match seq.checked_sub(*told) {
            None | Some(0) => Tell::Before,
            Some(1) => {
                hand_over(&self.to);
                *told = seq;
                Tell::Told
            }
            Some(_) => Tell::Gap,
        }
    }

    /// Marks it as ended; rooms that still hold it let it go.
    pub fn end(&self) {
        self.gone.store(true, Ordering::Release);
    }

    /// Whether it has ended.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Acquire)
    }
}

/// All registrations, by ticket.
#[derive(Debug)]
pub struct Registrations<O> {
    by_ticket: HashMap<TicketId, Vec<Arc<Registration<O>>>>,
}

impl<O> Default for Registrations<O> {
    fn default() -> Self {
        Registrations { by_ticket: HashMap::new() }
    }
}

impl<O: PartialEq> Registrations<O> {
    /// Adds one; an earlier one of the same connection and ticket ends.
    pub fn add(&mut self, registration: Arc<Registration<O>>) {
        let of_ticket = self.by_ticket.entry(registration.ticket).or_default();
        of_ticket.retain(|known| {
            let same = known.to == registration.to;
            if same {
                known.end();
            }
            !same && !known.is_gone()
        });
        of_ticket.push(registration);
    }

    /// Everybody who hears a ticket.
    pub fn of(&self, ticket: TicketId) -> Vec<Arc<Registration<O>>> {
        if planted::is(PlantedBug::RegistrationsInRoom) {
            return Vec::new();
        }
        self.by_ticket
            .get(&ticket)
            .map(|all| all.iter().filter(|one| !one.is_gone()).cloned().collect())
            .unwrap_or_default()
    }

    /// Ends the registration of a connection for a ticket. Answers it if it was there.
    pub fn remove(&mut self, ticket: TicketId, to: &O) -> Option<Arc<Registration<O>>> {
        let of_ticket = self.by_ticket.get_mut(&ticket)?;
        let index = of_ticket.iter().position(|known| known.to == *to)?;
        let removed = of_ticket.swap_remove(index);
        removed.end();
        if of_ticket.is_empty() {
            self.by_ticket.remove(&ticket);
        }
        Some(removed)
    }

    /// Whether a connection hears a ticket.
    pub fn hears(&self, ticket: TicketId, to: &O) -> bool {
        self.by_ticket.get(&ticket).is_some_and(|all| all.iter().any(|one| one.to == *to && !one.is_gone()))
    }
}
