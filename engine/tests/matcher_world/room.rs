//! A ticket's log and its room, as far as the queue is concerned.

use deskwire::domain::facts::Facts;
use deskwire_protocol::{PersonId, StageName};

/// What waits for the disk.
pub enum Then {
    Report(Facts),
    Refused { attempt: u64, facts: Facts },
}

/// A ticket's log and its room. What is applied is in the store's queue at once and survives the room.
pub struct Room {
    pub applied: Facts,
    pub durable: u32,
    pub live: bool,
    pub waiting: Vec<Then>,
    /// An Assign whose era it has looked at and which it has not decided yet: agent, round, attempt.
    pub handling: Option<(PersonId, u32, u64)>,
}

impl Then {
    pub fn needs(&self) -> u32 {
        match self {
            Then::Report(facts) | Then::Refused { facts, .. } => facts.seq,
        }
    }
}

impl Room {
    pub fn change(&mut self, stage: StageName) {
        self.applied.seq += 1;
        self.applied.stage = stage;
        self.waiting.push(Then::Report(self.applied.clone()));
    }

    /// Ends what it was handling.
    pub fn finish(&mut self) {
        if let Some((agent, round, attempt)) = self.handling.take() {
            self.assign(agent, round, attempt);
        }
    }

    fn assign(&mut self, agent: PersonId, round: u32, attempt: u64) {
        let facts = self.applied.clone();
        if facts.is_waiting() && facts.round == round {
            self.applied.agent = Some(agent);
            self.change(StageName::Assigned);
        } else if facts.owner() == Some(agent) && facts.round == round {
            self.waiting.push(Then::Report(facts));
        } else {
            self.waiting.push(Then::Refused { attempt, facts });
        }
    }
}
