//! Whether the engine kept its promises: what was acknowledged and seen, held against the log at the end.
//!
//! A run is long, so little is kept: of a post the place it was acknowledged at (its text says the rest), of a view
//! how far it went and a digest of all it saw.

mod audit;
mod digest;
mod tally;

use deskwire_protocol::{PublicFrame, ServerFrame};

use crate::client::effect::Breach;
use crate::client::event::LogEvent;
use crate::text::ASIDE;

pub use audit::Audit;
pub use tally::{Promise, Tally};

/// The outcome of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// No answer: it may be in the log or not.
    Unknown,
    /// It is in the log, there.
    At(u32),
    /// It must not be in the log.
    Refused,
}

/// One who talks in a chat: what became of his posts, and what he saw.
#[derive(Clone, Debug, Default)]
struct Side {
    /// By ordinal; 0 unknown, the highest number refused, else the place.
    outcomes: Vec<u32>,
    seen: u32,
    digest: u64,
    /// The numbers of staff are those of the log; these of them its customer does not see, ascending.
    hidden: Vec<u32>,
}

const REFUSED: u32 = u32::MAX;

impl Side {
    fn outcome(&self, ordinal: u32) -> Option<Outcome> {
        let index = ordinal.checked_sub(1)?;
        Some(match *self.outcomes.get(index as usize)? {
            0 => Outcome::Unknown,
            REFUSED => Outcome::Refused,
            seq => Outcome::At(self.place(seq)),
        })
    }

    /// How the customer, whose log is read at the end, numbers what this side numbers so.
    fn place(&self, seq: u32) -> u32 {
        seq - self.hidden.partition_point(|hidden| *hidden <= seq) as u32
    }
}

/// How often a frame tells what was said to staff alone, in frames that customers get.
fn asides(frame: &PublicFrame) -> usize {
    if let PublicFrame::Page(page) = frame {
        return page.events.frames().unwrap_or_default().iter().map(asides).sum();
    }
    match LogEvent::of(frame) {
        Some(LogEvent::Message(post)) => usize::from(post.text.starts_with(ASIDE)),
        Some(LogEvent::OwnMessage(post)) => usize::from(post.text.starts_with(ASIDE)),
        _ => 0,
    }
}

/// All that is known of the chats of a run.
#[derive(Debug, Default)]
pub struct Checker {
    run: u32,
    chats: Vec<Vec<Side>>,
    tally: Tally,
}

impl Checker {
    /// Nothing known yet of this run.
    pub fn new(run: u32) -> Checker {
        Checker { run, ..Checker::default() }
    }

    /// Another chat begins, with its customer alone; answers its index.
    pub fn chat(&mut self) -> u32 {
        self.chats.push(vec![Side::default()]);
        self.chats.len() as u32 - 1
    }

    /// An agent comes into a chat; answers his side.
    pub fn agent(&mut self, chat: u32) -> u8 {
        let sides = &mut self.chats[chat as usize];
        sides.push(Side::default());
        sides.len() as u8 - 1
    }

    /// Somebody says something; answers its ordinal.
    pub fn said(&mut self, chat: u32, side: u8) -> u32 {
        let outcomes = &mut self.side(chat, side).outcomes;
        outcomes.push(0);
        let ordinal = outcomes.len() as u32;
        self.tally.posted += 1;
        ordinal
    }

    /// It was acknowledged at this place.
    pub fn acknowledged(&mut self, chat: u32, side: u8, ordinal: u32, seq: u32) {
        self.tally.acknowledged += 1;
        if let Some(outcome) = self.side(chat, side).outcomes.get_mut(ordinal as usize - 1) {
            *outcome = seq;
        }
    }

    /// It was refused for good.
    pub fn refused(&mut self, chat: u32, side: u8, ordinal: u32) {
        self.tally.refused += 1;
        if let Some(outcome) = self.side(chat, side).outcomes.get_mut(ordinal as usize - 1) {
            *outcome = REFUSED;
        }
    }

    /// A customer got a frame, whether or not it tells him anything new: nothing of it may be for staff alone.
    pub fn came_to_customer(&mut self, frame: &ServerFrame) {
        if let ServerFrame::Public(frame) = frame {
            (0..asides(frame)).for_each(|_| self.foreign());
        }
    }

    /// Whether somebody of the staff has seen all that the customer has, and the customer all that he may.
    pub fn is_level(&self, chat: u32, side: u8) -> bool {
        let sides = &self.chats[chat as usize];
        sides[usize::from(side)].place(sides[usize::from(side)].seen) == sides[0].seen
    }

    /// Somebody saw the next event of a chat.
    pub fn saw(&mut self, chat: u32, side: u8, seq: u32, event: &ServerFrame) {
        match event {
            ServerFrame::Public(event) => {
                self.extend(chat, side, seq, Some(LogEvent::of(event).map_or(0, digest::of_event)))
            }
            ServerFrame::Staff(_) => self.saw_aside(chat, side, seq),
        }
    }

    /// Somebody saw that his own text stands at the next place.
    pub fn saw_own(&mut self, chat: u32, side: u8, seq: u32, text: &str) {
        self.extend(chat, side, seq, Some(digest::of_text(text)));
    }

    /// Somebody saw that what he said aside stands at the next place.
    pub fn saw_aside(&mut self, chat: u32, side: u8, seq: u32) {
        if side == 0 {
            self.foreign();
        }
        self.side(chat, side).hidden.push(seq);
        self.extend(chat, side, seq, None);
    }

    /// One more of his events; `digest` where its customer sees it too.
    fn extend(&mut self, chat: u32, side: u8, seq: u32, digest: Option<u64>) {
        let side = self.side(chat, side);
        // The delivery rule hands out runs only; a jump here would be a bug of ours, and must not pass in silence.
        let follows = seq == side.seen + 1;
        side.seen = seq;
        side.digest = digest.map_or(side.digest, |digest| digest::chain(side.digest, digest));
        if !follows {
            self.tally.count(Promise::Gapless);
        }
    }

    /// Somebody's view of a chat begins again.
    pub fn restarted(&mut self, chat: u32, side: u8) {
        let side = self.side(chat, side);
        (side.seen, side.digest) = (0, 0);
        side.hidden.clear();
    }

    /// A promise was broken before somebody's eyes.
    pub fn breach(&mut self, breach: Breach) {
        self.tally.count(match breach {
            Breach::Repeated { .. } => Promise::NotDoubled,
            Breach::Gap { .. } => Promise::Gapless,
            Breach::TwoAnswers { .. } => Promise::OneAnswer,
            Breach::StreamLost { .. } => Promise::StreamsKept,
            Breach::Ahead { .. } => Promise::NotLost,
            Breach::Altered { .. } => Promise::Unaltered,
        });
    }

    /// Somebody was handed what is not for him.
    pub fn foreign(&mut self) {
        self.tally.count(Promise::Private);
    }

    /// The store says that its history was lost.
    pub fn other_store(&mut self) {
        self.tally.count(Promise::NotLost);
    }

    /// The chats so far.
    pub fn chats(&self) -> u32 {
        self.chats.len() as u32
    }

    /// How far somebody's view of a chat went.
    pub fn seen(&self, chat: u32, side: u8) -> u32 {
        self.chats[chat as usize][side as usize].seen
    }

    /// Begins to hold a chat against its log; `complete` names the sides that must have seen all of it.
    pub fn audit(&self, chat: u32, complete: &[u8]) -> Audit<'_> {
        Audit::new(self.run, chat, &self.chats[chat as usize], complete)
    }

    /// Adds what an audit found.
    pub fn add(&mut self, found: &Tally) {
        self.tally.add(found);
    }

    /// A chat's log could not be read: nothing is proven of it.
    pub fn unread(&mut self) {
        self.tally.count(Promise::Readable);
    }

    /// What was found so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    fn side(&mut self, chat: u32, side: u8) -> &mut Side {
        &mut self.chats[chat as usize][side as usize]
    }
}
