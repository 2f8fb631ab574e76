//! Agents come and go: breaks, reloads, shifts that end, and machines that die without a word.

use deskwire_protocol::Status;

use super::world::World;

/// How agents come and go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Churn {
    /// Mean time until something happens to an agent, in milliseconds.
    pub stay_ms: u64,
    /// Mean length of a break or an absence, in milliseconds.
    pub absence_ms: u64,
}

/// How everybody loses his connection again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter {
    /// From one loss to the next, in milliseconds.
    pub every_ms: u64,
    /// How much of that he is offline, in milliseconds.
    pub offline_ms: u64,
}

/// What happens to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// He takes nothing new for a while, and keeps what he has.
    Break,
    /// His page is loaded anew: the connection is cut, and he is back at once.
    Reload,
    /// His machine dies: the connection is cut without a word, and he is back after a while.
    Vanish,
    /// He says that he goes home, goes, and is back after a while.
    Home,
}

const TURNS: [Turn; 4] = [Turn::Break, Turn::Reload, Turn::Vanish, Turn::Home];

/// Where an agent is in his coming and going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turned {
    /// Nothing is planned.
    #[default]
    Steady,
    /// Something happens to him at this time, in milliseconds.
    Stays(u64),
    /// He has a break until then.
    Pauses(u64),
    /// He is not there until then.
    Away(u64),
}

impl World {
    /// Lets happen to agents what is due; nothing while nobody comes or goes.
    pub(super) fn churn(&mut self, now: u64) {
        let Some(churn) = self.churn else { return };
        for who in self.agents() {
            match self.people[who].turned {
                Turned::Steady => self.stays(who, churn, now),
                Turned::Stays(until) if until <= now && self.people[who].session.is_ready() => {
                    self.turn(who, churn, now);
                }
                Turned::Pauses(until) if until <= now => {
                    self.says(who, Status::Available);
                    self.stays(who, churn, now);
                }
                Turned::Away(until) if until <= now => self.stays(who, churn, now),
                Turned::Stays(_) | Turned::Pauses(_) | Turned::Away(_) => {}
            }
        }
    }

    /// Nobody goes any more, and who is away comes back.
    pub(super) fn end_churn(&mut self) {
        (self.churn, self.jitter) = (None, None);
        self.people.iter_mut().for_each(|person| person.turned = Turned::Steady);
    }

    /// Lets go offline who is due, each at a moment of his own.
    pub(super) fn jitter(&mut self, now: u64) {
        let Some(Jitter { every_ms, offline_ms }) = self.jitter else { return };
        for who in 0..self.people.len() {
            match self.people[who].turned {
                Turned::Steady => self.people[who].turned = Turned::Stays(now + self.random.below(every_ms)),
                Turned::Stays(until) if until <= now && self.people[who].session.is_ready() => {
                    self.measures.acts.offline += 1;
                    self.people[who].turned = Turned::Away(now + offline_ms);
                    self.cut(who);
                }
                Turned::Away(until) if until <= now => {
                    self.people[who].turned = Turned::Stays(now + every_ms - offline_ms);
                }
                Turned::Stays(_) | Turned::Pauses(_) | Turned::Away(_) => {}
            }
        }
    }

    /// All connections are dropped at once.
    pub(super) fn cut_all(&mut self) {
        (0..self.people.len()).for_each(|who| self.cut(who));
    }

    fn stays(&mut self, who: usize, churn: Churn, now: u64) {
        self.people[who].turned = Turned::Stays(now + self.spread(churn.stay_ms));
    }

    fn turn(&mut self, who: usize, churn: Churn, now: u64) {
        let turn = TURNS[self.random.below(TURNS.len() as u64) as usize];
        let until = now + self.spread(churn.absence_ms);
        self.measures.turns += 1;
        match turn {
            Turn::Break => {
                self.says(who, Status::Away);
                self.people[who].turned = Turned::Pauses(until);
            }
            Turn::Reload => {
                self.stays(who, churn, now);
                self.cut(who);
            }
            Turn::Vanish => {
                self.people[who].turned = Turned::Away(until);
                self.cut(who);
            }
            Turn::Home => {
                self.says(who, Status::Offline);
                self.people[who].turned = Turned::Away(until);
                self.flush();
                self.cut(who);
            }
        }
    }

    /// Drops the connection as a dying machine does: what was not sent is not sent.
    pub(super) fn cut(&mut self, who: usize) {
        self.people[who].writer = None;
    }

    /// A waiting time around a mean, at most four times it.
    fn spread(&mut self, mean_ms: u64) -> u64 {
        ((self.random.exponential() * mean_ms as f64) as u64).min(4 * mean_ms)
    }
}
