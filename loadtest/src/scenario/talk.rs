//! The talk: posts as the schedule asks for them, what is heard of them, and the end of a chat.

use deskwire_protocol::limits::RESEND_AFTER_MS;
use deskwire_protocol::{PublicFrame, Refusal, ServerFrame, StageName, Step, TicketId};

use super::people::ChatStage;
use super::stall::LOUD_BYTES;
use super::world::{Backlog, World};
use crate::client::delivery::Phase;
use crate::client::effect::Effect;
use crate::client::event::LogEvent;
use crate::client::outgoing::{Said, WINDOW};
use crate::client::session::NOTE_TAG;
use crate::measure::What;
use crate::text::Mark;

/// A post's mark in the delivery rule: its ordinal above, when it was due below.
const DUE_BITS: u32 = 40;

impl World {
    /// A post is due: any paired chat, either side. Never waits, whatever became of those before.
    pub fn post(&mut self, due_us: u64) {
        let measured = self.measured.contains(&due_us);
        if measured {
            self.measures.post_due(due_us);
        }
        let choice = self.random.below(self.paired.len() as u64) as usize;
        let index = self.paired.get(choice).copied();
        let both =
            index.map(|index| &mut self.chats[index as usize]).and_then(|chat| Some((chat.ticket?, chat.agent?)));
        let Some((index, (ticket, (agent, agent_side)))) = index.zip(both) else {
            self.measures.unpaired += u64::from(measured);
            return;
        };
        let chat = &mut self.chats[index as usize];
        chat.posts += 1;
        let enough = chat.posts >= chat.posts_wanted;
        let (who, side) = if self.random.below(2) == 0 { (chat.customer, 0) } else { (agent, agent_side) };
        if self.backlog == Backlog::Bounded && self.is_full(who, ticket) {
            self.measures.acts.held += u64::from(measured);
            return;
        }
        if measured {
            self.measures.post_said(due_us, 1);
        }
        self.say(who, index, side, ticket, due_us);
        if enough {
            self.end(index);
        }
    }

    /// Whether somebody has a window full underway in a ticket.
    pub(super) fn is_full(&self, who: usize, ticket: TicketId) -> bool {
        let delivery = self.people[who].session.delivery(ticket);
        delivery.is_none_or(|one| one.outgoing().underway().len() >= WINDOW)
    }

    pub(super) fn say(&mut self, who: usize, chat: u32, side: u8, ticket: TicketId, due_us: u64) {
        let ordinal = self.checker.said(chat, side);
        let size = if self.loud.contains(&chat) { LOUD_BYTES } else { self.plan.size };
        let text = Mark { run: self.run, chat, side, ordinal, due_us }.text(size);
        let tag = u64::from(ordinal) << DUE_BITS | due_us;
        self.with_session(who, |session, now, out| session.say(ticket, &text, tag, now, out));
    }

    /// What somebody said was answered, or something was seen.
    pub(super) fn said_or_seen(&mut self, who: usize, ticket: TicketId, effect: Effect) {
        if let Effect::Event { event: ServerFrame::Public(PublicFrame::Opened(opened)), .. } = &effect
            && !self.people[who].is_customer()
        {
            self.attach(who, opened);
        }
        let Some((chat, side)) = self.side_of(who, ticket) else { return };
        if self.people[who].is_supervisor() {
            return self.watched(who, (chat, side), ticket, effect);
        }
        match effect {
            Effect::Event { seq, event } => {
                self.checker.saw(chat, side, seq, &event);
                match &event {
                    ServerFrame::Public(event) => self.seen(who, chat, side, ticket, event),
                    ServerFrame::Staff(event) => self.noticed(event),
                }
            }
            Effect::Own { seq, text, said: Said::Post } => self.checker.saw_own(chat, side, seq, &text),
            Effect::Own { seq, said: Said::Note(_), .. } => self.checker.saw_aside(chat, side, seq),
            Effect::PutOff { code, after_ms } => self.measures.put_off(code, after_ms),
            Effect::Acknowledged { tag: NOTE_TAG, .. } => self.measures.acts.notes_kept += 1,
            Effect::Refused { tag: NOTE_TAG, .. } => self.measures.acts.notes_refused += 1,
            Effect::Acknowledged { tag, seq, .. } => {
                self.checker.acknowledged(chat, side, (tag >> DUE_BITS) as u32, seq);
                let due_us = tag & ((1 << DUE_BITS) - 1);
                self.measures.acknowledged_in_time += u64::from(self.measured.contains(&self.clock.us()));
                if self.measured.contains(&due_us) {
                    self.measures.post_acknowledged(due_us);
                }
            }
            Effect::Refused { tag, code } => {
                self.checker.refused(chat, side, (tag >> DUE_BITS) as u32);
                self.measures.post_refused();
                let name = Refusal::from_number(code).map_or("unknown", Refusal::name);
                self.complain(format!("post refused: {name}"));
            }
            Effect::Restarted => self.checker.restarted(chat, side),
            Effect::Send(_) | Effect::Joined(_) | Effect::Live | Effect::Failed(_) | Effect::Breach(_) => {}
        }
    }

    /// The chat of a ticket, and which side of it somebody is.
    fn side_of(&self, who: usize, ticket: TicketId) -> Option<(u32, u8)> {
        let index = *self.by_ticket.get(&ticket)?;
        let chat = &self.chats[index as usize];
        if chat.customer == who {
            return Some((index, 0));
        }
        let watcher = || chat.watchers.iter().rev().find(|(watcher, _)| *watcher == who);
        let staff = chat.agent.filter(|(agent, _)| *agent == who).or_else(|| watcher().copied());
        staff.map(|(_, side)| (index, side))
    }

    fn seen(&mut self, who: usize, chat: u32, side: u8, ticket: TicketId, event: &PublicFrame) {
        match LogEvent::of(event) {
            Some(LogEvent::Message(message)) => self.delivered(chat, side, message.seq, &message.text),
            Some(LogEvent::Assigned(_)) => self.assigned(chat, side),
            Some(LogEvent::Advanced(advanced)) => self.advanced(who, chat, side, ticket, advanced.stage),
            Some(
                LogEvent::OwnMessage(_)
                | LogEvent::Opened(_)
                | LogEvent::MemberAdded(_)
                | LogEvent::PhaseChanged(_)
                | LogEvent::CustomerTold(_),
            ) => {}
            Some(LogEvent::CategoryChanged(_)) if side == 0 => {
                self.measures.acts.categories_changed += 1;
                self.unpair(chat);
                self.chats[chat as usize].customer_knows = false;
            }
            Some(LogEvent::CategoryChanged(_)) => {}
            Some(LogEvent::Founded(_) | LogEvent::Entered(_) | LogEvent::Departed(_)) => {}
            Some(LogEvent::PostDeleted(_) | LogEvent::SlowMode(_)) => {}
            None => {}
        }
    }

    /// A post has come to the other side: to its customer, or to the first agent who sees it. Who reads later what was
    /// said before him receives nothing that was owed.
    fn delivered(&mut self, chat: u32, side: u8, seq: u32, text: &str) {
        let Some(mark) = Mark::of(text).filter(|mark| mark.run == self.run) else { return };
        if (mark.side == 0) == (side == 0) {
            return;
        }
        let reached = &mut self.chats[chat as usize].reached[usize::from(side != 0)];
        if std::mem::replace(reached, seq.max(*reached)) >= seq {
            return;
        }
        self.measures.delivered_in_time += u64::from(self.measured.contains(&self.clock.us()));
        if self.measured.contains(&mark.due_us) {
            self.measures.post_delivered(mark.due_us);
            if let Some(what) = self.others.filter(|_| !self.loud.contains(&chat)) {
                self.measures.took(what, self.clock.us().saturating_sub(mark.due_us));
            }
        }
    }

    fn assigned(&mut self, index: u32, side: u8) {
        let now_us = self.clock.us();
        let chat = &mut self.chats[index as usize];
        if side != 0 {
            chat.agent_knows = true;
        } else {
            chat.customer_knows = true;
            // Whom the one agent took who did not wait was in no queue.
            if !std::mem::replace(&mut chat.was_paired, true) && !self.agents_wait {
                self.measures.paired += 1;
                self.measures.took(What::Pairing, now_us - chat.opened_us);
            }
        }
        self.pair(index);
    }

    /// Somebody hears a ticket now.
    pub(super) fn hears(&mut self, who: usize, ticket: TicketId) {
        match self.by_ticket.get(&ticket) {
            Some(chat) => {
                self.pair(*chat);
                self.ended.push((who, ticket));
                self.reopen_again(who, ticket);
            }
            None if !self.people[who].is_customer() => self.clear(who, ticket),
            None => {}
        }
    }

    /// Both sides know each other and hear the ticket: they may talk.
    fn pair(&mut self, index: u32) {
        let chat = &self.chats[index as usize];
        let hears = |who: usize| {
            let delivery = chat.ticket.and_then(|ticket| self.people[who].session.delivery(ticket));
            delivery.is_some_and(|delivery| delivery.phase() == Phase::Live)
        };
        let both = chat.customer_knows && chat.agent_knows && chat.agent.is_some_and(|(agent, _)| hears(agent));
        if both && chat.stage == ChatStage::Waiting {
            let chat = &mut self.chats[index as usize];
            chat.stage = ChatStage::Talking { place: self.paired.len() };
            chat.since_ms = self.clock.ms();
            self.paired.push(index);
        }
    }

    /// Nobody talks in it for now.
    pub(super) fn unpair(&mut self, index: u32) {
        if let ChatStage::Talking { place } = self.chats[index as usize].stage {
            self.paired.swap_remove(place);
            if let Some(moved) = self.paired.get(place) {
                self.chats[*moved as usize].stage = ChatStage::Talking { place };
            }
            self.chats[index as usize].stage = ChatStage::Waiting;
        }
    }

    fn advanced(&mut self, who: usize, index: u32, side: u8, ticket: TicketId, stage: StageName) {
        match stage {
            StageName::Closed | StageName::Rejected | StageName::Abandoned if side != 0 => {
                // It may be long past: what follows may open it again.
                self.chats[index as usize].agent_saw_end = true;
                self.ended.push((who, ticket));
            }
            StageName::Closed | StageName::Rejected | StageName::Abandoned => {
                self.unpair(index);
                let chat = &mut self.chats[index as usize];
                self.measures.closed += u64::from(chat.stage != ChatStage::Over);
                chat.stage = ChatStage::Over;
                chat.customer_saw_end = true;
                if stage != StageName::Closed || !self.asks_again(who, index, ticket) {
                    self.customer_leaves(who, ticket);
                }
            }
            StageName::Waiting | StageName::Reopened if side == 0 => {
                self.unpair(index);
                self.chats[index as usize].customer_knows = false;
                if stage == StageName::Reopened {
                    self.reopened(who, index);
                }
            }
            StageName::Waiting | StageName::Reopened if self.people[who].is_agent() => {
                self.chats[index as usize].agent_saw_end = false;
            }
            StageName::Waiting | StageName::Reopened | StageName::Assigned | StageName::Pending | StageName::OnHold => {
            }
        }
    }

    /// An agent leaves a ticket whose log, as far as he has it, ends with its end.
    pub(super) fn end_for_agent(&mut self, who: usize, ticket: TicketId) {
        let Some(index) = self.by_ticket.get(&ticket).copied() else { return };
        let chat = &self.chats[index as usize];
        let his = chat.agent.is_some_and(|(agent, _)| agent == who) && chat.agent_saw_end;
        let live = self.people[who].session.delivery(ticket).is_some_and(|one| one.phase() == Phase::Live);
        if !his || !live {
            return;
        }
        self.unpair(index);
        let chat = &mut self.chats[index as usize];
        // Its customer may have it open again before its agent hears that it was closed.
        if chat.reopenings == 0 || chat.stage != ChatStage::Waiting {
            self.measures.closed += u64::from(chat.stage != ChatStage::Over);
            chat.stage = ChatStage::Over;
        }
        self.agent_leaves(who, ticket);
    }

    /// A ticket cannot be heard any more.
    pub(super) fn cannot_hear(&mut self, who: usize, ticket: TicketId) {
        if !self.people[who].is_customer() {
            return self.agent_leaves(who, ticket);
        }
        if let Some(chat) = self.by_ticket.get(&ticket).copied() {
            self.unpair(chat);
            self.chats[chat as usize].stage = ChatStage::Over;
        }
        self.customer_leaves(who, ticket);
    }

    /// Enough was said in a chat.
    fn end(&mut self, index: u32) {
        self.unpair(index);
        self.chats[index as usize].stage = ChatStage::Ending { asked_ms: 0 };
        self.ending.push(index);
    }

    /// Every chat that is talked in ends.
    pub fn end_all(&mut self) {
        while let Some(index) = self.paired.last().copied() {
            self.end(index);
        }
    }

    /// Chats that last too long end; those that are ending are closed once everything has arrived.
    pub(super) fn end_chats(&mut self, now: u64) {
        let old = |index: &u32| self.chats[*index as usize].since_ms + self.plan.chat_ms <= now;
        let old: Vec<u32> = self.paired.iter().copied().filter(old).collect();
        old.into_iter().for_each(|index| self.end(index));
        let ending = std::mem::take(&mut self.ending);
        for index in ending {
            let chat = &self.chats[index as usize];
            let ChatStage::Ending { asked_ms } = chat.stage else { continue };
            self.ending.push(index);
            let (Some(ticket), Some((agent, _))) = (chat.ticket, chat.agent) else { continue };
            let due = asked_ms == 0 || asked_ms + RESEND_AFTER_MS <= now;
            if due && self.people[agent].session.is_ready() && self.has_arrived(index) {
                self.chats[index as usize].stage = ChatStage::Ending { asked_ms: now.max(1) };
                self.ask_close(agent, ticket, Step::Close);
            }
        }
    }

    /// Whether everything said in a chat has its answer and was seen by both.
    pub(super) fn has_arrived(&self, index: u32) -> bool {
        let chat = &self.chats[index as usize];
        let (Some(ticket), Some((agent, side))) = (chat.ticket, chat.agent) else { return false };
        let delivery = |who: usize| self.people[who].session.delivery(ticket);
        let (Some(one), Some(other)) = (delivery(chat.customer), delivery(agent)) else { return false };
        let silent = one.outgoing().underway().len() + other.outgoing().underway().len() == 0;
        silent && self.checker.is_level(index, side) && one.phase() == Phase::Live && other.phase() == Phase::Live
    }
}
