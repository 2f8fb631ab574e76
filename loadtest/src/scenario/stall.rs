//! Readers that stall: who does not read, or reads a few bytes at a time, for a while.

use std::time::Duration;

use super::world::World;
use crate::clock::pause;

/// What one who sips reads at once, and how long he waits before the next.
const SIP_BYTES: usize = 16;
const SIP_EVERY: Duration = Duration::from_millis(500);
/// How often one who does not read looks whether he should.
const LOOK: Duration = Duration::from_millis(20);

/// What is said to those who stall, in bytes.
pub const LOUD_BYTES: usize = 4_096;

/// How somebody reads what comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// At once, and all there is.
    #[default]
    Eagerly,
    /// A few bytes a second.
    Sips,
    /// Not at all.
    Not,
}

/// Waits until one who reads so reads again; how many bytes he takes at most.
pub async fn bytes_to_read(reading: impl Fn() -> Reading, most: usize) -> usize {
    loop {
        match reading() {
            Reading::Eagerly => return most,
            Reading::Sips => {
                pause(SIP_EVERY).await;
                return if reading() == Reading::Eagerly { most } else { SIP_BYTES };
            }
            Reading::Not => pause(LOOK).await,
        }
    }
}

impl World {
    /// These stop reading: every other one altogether, the rest sip.
    pub(super) fn stall(&mut self, people: &[usize]) {
        for (index, who) in people.iter().enumerate() {
            self.people[*who].reading = if index % 2 == 0 { Reading::Not } else { Reading::Sips };
            self.measures.acts.stalls += 1;
        }
    }

    /// Everybody reads again.
    pub(super) fn read_on(&mut self) {
        self.people.iter_mut().for_each(|person| person.reading = Reading::Eagerly);
    }

    /// In each of the loud chats the agent says something.
    pub(super) fn shout(&mut self) {
        let now_us = self.clock.us();
        for index in self.loud.clone() {
            let chat = &self.chats[index as usize];
            let (Some(ticket), Some((agent, side))) = (chat.ticket, chat.agent) else { continue };
            if self.paired.contains(&index) && !self.is_full(agent, ticket) {
                self.say(agent, index, side, ticket, now_us);
            }
        }
        self.flush();
    }
}
