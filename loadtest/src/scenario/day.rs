//! A day of a centre: what its people do beside posting, and how many come at which hour.

use deskwire_protocol::kinds::{Advance, ReadUpTo, Transfer, TransferToCategory, Typing};
use deskwire_protocol::{ClientFrame, NoteKind, PublicFrame, ServerFrame, StaffFrame, StageName, Step, TicketId};

use super::people::ChatStage;
use super::world::World;
use crate::client::delivery::Phase;
use crate::client::effect::Effect;
use crate::client::session::{NOTE_TAG, Signal};
use crate::text::ASIDE;

/// How many tickets a supervisor watches at once.
const WATCHED_MAX: usize = 8;
/// One in so many closed chats is asked for again by its customer.
const REOPENED_OF: u64 = 5;
/// The least share of the customers that are there at any hour, in percent.
const QUIET_PERCENT: u64 = 20;
/// What is said after a ticket was opened again.
const POSTS_AGAIN: u32 = 4;

/// What people do, and when.
#[derive(Clone, Debug)]
pub struct Day {
    /// When it begins, in milliseconds.
    pub begins_ms: u64,
    /// How long it is, in milliseconds.
    pub lasts_ms: u64,
    /// Acts a second at its height, beside posts.
    pub acts_per_s: f64,
    /// Where tickets are moved to.
    pub other_category: String,
    /// Acts that are due and not done, in parts.
    pub due: f64,
    /// When the day was last looked at, in milliseconds.
    pub looked_ms: u64,
    /// How many customers may have a chat now.
    pub open_max: usize,
}

impl Day {
    /// How busy it is then, from 0.2 to 1: quiet, a peak in the middle, quiet.
    pub fn share(&self, now_ms: u64) -> f64 {
        let at = now_ms.saturating_sub(self.begins_ms) as f64 / self.lasts_ms.max(1) as f64;
        let peak = (at.clamp(0.0, 1.0) * std::f64::consts::PI).sin().powi(2);
        let quiet = QUIET_PERCENT as f64 / 100.0;
        quiet + (1.0 - quiet) * peak
    }
}

/// One thing that somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Typing,
    Mark,
    Note,
    Whisper,
    Transfer,
    Move,
    Requeue,
    Hold,
    Reload,
}

/// How often each, in a hundred.
const ACTS: [(Act, u64); 9] = [
    (Act::Typing, 38),
    (Act::Mark, 20),
    (Act::Note, 12),
    (Act::Whisper, 12),
    (Act::Transfer, 5),
    (Act::Move, 2),
    (Act::Requeue, 2),
    (Act::Hold, 6),
    (Act::Reload, 3),
];

/// A chat that is talked in.
#[derive(Clone, Copy)]
struct Talk {
    index: u32,
    ticket: TicketId,
    customer: usize,
    agent: usize,
}

fn is_over(stage: StageName) -> bool {
    matches!(stage, StageName::Closed | StageName::Rejected | StageName::Abandoned)
}

impl World {
    /// Does what is due of the day, and lets in as many as the hour has.
    pub(super) fn live_the_day(&mut self, now: u64) {
        let Some(day) = &mut self.day else { return };
        let share = day.share(now);
        day.due += day.acts_per_s * share * now.saturating_sub(day.looked_ms) as f64 / 1_000.0;
        day.looked_ms = now;
        let acts = day.due as u64;
        day.due -= acts as f64;
        day.open_max = (self.plan.customers as f64 * share).ceil() as usize;
        let free = day.open_max.saturating_sub(self.open_now());
        for _ in 0..free {
            let who = self.random.below(self.plan.customers as u64) as usize;
            if self.people[who].session.is_ready() {
                self.open(who);
            }
        }
        (0..acts).for_each(|_| self.act());
    }

    /// Whether the hour has as many chats as it may.
    pub(super) fn hour_is_full(&self) -> bool {
        self.day.as_ref().is_some_and(|day| self.open_now() >= day.open_max)
    }

    fn open_now(&self) -> usize {
        self.people[..self.plan.customers].iter().filter(|person| person.has_chat()).count()
    }

    fn act(&mut self) {
        let mut drawn = self.random.below(100);
        for (act, often) in ACTS {
            if drawn < often {
                return self.perform(act);
            }
            drawn -= often;
        }
    }

    fn perform(&mut self, act: Act) {
        let Some(talk) = self.some_talk() else { return };
        let Talk { index, ticket, customer, agent } = talk;
        match act {
            Act::Typing => {
                let who = self.one_of(customer, agent);
                self.measures.acts.typed += 1;
                self.ask(who, |_| Typing { ticket }.into());
            }
            Act::Mark => {
                let who = self.one_of(customer, agent);
                let Some(seq) = self.people[who].session.delivery(ticket).map(|one| one.seen()) else { return };
                self.measures.acts.marks += 1;
                self.ask(who, |request| ReadUpTo { request, ticket, seq }.into());
            }
            Act::Note => self.say_aside(agent, ticket, NoteKind::Note),
            Act::Whisper => self.whisper(ticket),
            Act::Transfer => self.transfer(talk),
            Act::Move => {
                let Some(category) = self.day.as_ref().map(|day| day.other_category.clone()) else { return };
                self.measures.acts.moves += 1;
                let reason = String::new();
                self.ask(agent, |request| TransferToCategory { request, ticket, category, reason }.into());
            }
            Act::Requeue => {
                self.measures.acts.requeues += 1;
                self.step(agent, ticket, Step::Requeue);
            }
            Act::Hold => self.hold_or_resume(index, agent, ticket),
            Act::Reload => {
                self.measures.acts.reloads += 1;
                self.cut(customer);
            }
        }
    }

    fn some_talk(&mut self) -> Option<Talk> {
        let choice = self.random.below(self.paired.len() as u64) as usize;
        let index = *self.paired.get(choice)?;
        let chat = &self.chats[index as usize];
        let (agent, _) = chat.agent?;
        Some(Talk { index, ticket: chat.ticket?, customer: chat.customer, agent })
    }

    fn one_of(&mut self, one: usize, other: usize) -> usize {
        if self.random.below(2) == 0 { one } else { other }
    }

    fn ask(&mut self, who: usize, frame: impl FnOnce(u32) -> ClientFrame) -> u32 {
        let request = self.people[who].session.request();
        let frame = frame(request);
        self.with_session(who, |_, _, out| out.push(Signal::Send(frame)));
        request
    }

    fn step(&mut self, who: usize, ticket: TicketId, step: Step) -> u32 {
        self.ask(who, |request| Advance { request, ticket, step, reason: String::new() }.into())
    }

    /// A note or whisper: its text begins so that it is known wherever it turns up.
    fn say_aside(&mut self, who: usize, ticket: TicketId, note: NoteKind) {
        let text = format!("{ASIDE}{:08x} {:x}", self.run, self.random.draw());
        self.measures.acts.notes += 1;
        self.measures.acts.whispers += u64::from(note == NoteKind::Whisper);
        self.with_session(who, |session, now, out| session.note((ticket, note), &text, now, out));
    }

    /// A supervisor says something to the agent of a ticket he watches; who does not watch it yet begins to.
    fn whisper(&mut self, ticket: TicketId) {
        let supervisors = self.agents().end..self.people.len();
        if supervisors.is_empty() {
            return;
        }
        let who = supervisors.start + self.random.below(supervisors.len() as u64) as usize;
        let session = &self.people[who].session;
        let live = session.deliveries().filter(|one| one.phase() == Phase::Live);
        let watched: Vec<TicketId> = live.map(|one| one.ticket()).collect();
        if session.delivery(ticket).is_none() && session.deliveries().count() < WATCHED_MAX {
            let seed = self.random.draw();
            self.with_session(who, |session, now, out| session.hear_ticket(ticket, seed, now, out));
        }
        let choice = self.random.below(watched.len() as u64) as usize;
        if let Some(watched) = watched.get(choice) {
            self.say_aside(who, *watched, NoteKind::Whisper);
        }
    }

    fn transfer(&mut self, talk: Talk) {
        let agents = self.agents();
        let to = agents.start + self.random.below(agents.len() as u64) as usize;
        if to == talk.agent || !self.people[to].session.is_ready() {
            return;
        }
        let (ticket, agent, reason) = (talk.ticket, self.people[to].id, String::new());
        self.measures.acts.transfers += 1;
        self.ask(talk.agent, |request| Transfer { request, ticket, agent, reason }.into());
    }

    fn hold_or_resume(&mut self, index: u32, agent: usize, ticket: TicketId) {
        let on_hold = &mut self.chats[index as usize].on_hold;
        *on_hold = !*on_hold;
        let (step, count) = match *on_hold {
            true => (Step::Hold, &mut self.measures.acts.holds),
            false => (Step::Resume, &mut self.measures.acts.resumes),
        };
        *count += 1;
        self.step(agent, ticket, step);
    }

    /// What a supervisor sees or is answered; he has no part in the chat.
    pub(super) fn watched(&mut self, who: usize, (chat, side): (u32, u8), ticket: TicketId, effect: Effect) {
        match effect {
            Effect::Event { seq, event } => {
                self.checker.saw(chat, side, seq, &event);
                match &event {
                    ServerFrame::Public(PublicFrame::Advanced(step)) if is_over(step.stage) => {
                        self.with_session(who, |session, _, out| drop(session.leave(ticket, out)));
                    }
                    ServerFrame::Public(_) => {}
                    ServerFrame::Staff(event) => self.noticed(event),
                }
            }
            Effect::Own { seq, .. } => self.checker.saw_aside(chat, side, seq),
            Effect::Acknowledged { tag, .. } => self.measures.acts.notes_kept += u64::from(tag == NOTE_TAG),
            Effect::Refused { .. } => self.measures.acts.notes_refused += 1,
            Effect::PutOff { code, after_ms } => self.measures.put_off(code, after_ms),
            Effect::Restarted => self.checker.restarted(chat, side),
            Effect::Send(_) | Effect::Joined(_) | Effect::Live | Effect::Failed(_) | Effect::Breach(_) => {}
        }
    }

    /// Staff saw an event that is for staff alone.
    pub(super) fn noticed(&mut self, event: &StaffFrame) {
        self.measures.acts.notes_seen += u64::from(matches!(event, StaffFrame::Noted(_)));
    }

    /// A customer whose chat has ended may ask for it again, and then stays with it until that is answered.
    pub(super) fn asks_again(&mut self, who: usize, index: u32, ticket: TicketId) -> bool {
        if self.day.is_none() || self.random.below(REOPENED_OF) > 0 {
            return false;
        }
        // What its agent knows is of the time before.
        self.chats[index as usize].agent_knows = false;
        self.measures.acts.reopenings += 1;
        self.ask_reopen(who, ticket);
        true
    }

    fn ask_reopen(&mut self, who: usize, ticket: TicketId) {
        let request = self.step(who, ticket, Step::Reopen);
        self.people[who].reopening = Some((request, ticket));
    }

    /// The answer to a wish to have a ticket again may have been lost with the connection.
    pub(super) fn reopen_again(&mut self, who: usize, ticket: TicketId) {
        let over = self.by_ticket.get(&ticket).is_some_and(|chat| self.chats[*chat as usize].stage == ChatStage::Over);
        if self.people[who].reopening.is_some_and(|(_, wanted)| wanted == ticket) && over {
            self.ask_reopen(who, ticket);
        }
    }

    /// A ticket is open again.
    pub(super) fn reopened(&mut self, who: usize, index: u32) {
        self.people[who].reopening = None;
        let chat = &mut self.chats[index as usize];
        if chat.stage == ChatStage::Over {
            chat.stage = ChatStage::Waiting;
            chat.customer_saw_end = false;
            chat.on_hold = false;
            chat.reopenings += 1;
            chat.posts_wanted = chat.posts + POSTS_AGAIN;
            self.measures.acts.reopened += 1;
        }
    }

    /// It is not opened again. Answers whether that was the question.
    pub(super) fn reopen_refused(&mut self, who: usize, request: u32) -> bool {
        let Some((_, ticket)) = self.people[who].reopening.take_if(|(asked, _)| *asked == request) else {
            return false;
        };
        let over = self.by_ticket.get(&ticket).is_some_and(|chat| self.chats[*chat as usize].stage == ChatStage::Over);
        if over {
            self.customer_leaves(who, ticket);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_quiet_busy_in_the_middle_and_quiet_again() {
        let other_category = String::new();
        let day = Day {
            begins_ms: 1_000,
            lasts_ms: 10_000,
            acts_per_s: 1.0,
            other_category,
            due: 0.0,
            looked_ms: 0,
            open_max: 0,
        };
        let rows = [(0, 20), (1_000, 20), (3_500, 60), (6_000, 100), (8_500, 60), (11_000, 20), (99_000, 20)];
        rows.iter().for_each(|(at, percent)| assert_eq!((day.share(*at) * 100.0).round() as u64, *percent, "{at}"));
        assert_eq!(ACTS.iter().map(|(_, often)| often).sum::<u64>(), 100);
    }
}
