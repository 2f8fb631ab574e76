//! Notices: what a person is told of wherever he is, and finds again. Which event concerns whom, and his list, bounded.

use std::collections::{BTreeSet, VecDeque};

use deskwire_protocol::kinds::NoticeLine;
use deskwire_protocol::limits::{NOTICES_KEPT_MAX, NOTICES_PAGE_MAX, REASON_BYTES_MAX};
use deskwire_protocol::{NoteKind, NoticeWord, PersonId, Role, StaffAct, StageName, TicketId, Time};

use super::event::{Acted, Advanced, Assigned, CategoryId, Event};
use super::outline::Outline;
use super::who::Who;

/// The kind byte of posts, which nobody is given notice of: most of a log, passed over unread.
const POSTED: u8 = 2;

/// Something that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub what: NoticeWord,
    /// The ticket it is about; 0 where it is about none.
    pub ticket: TicketId,
    /// When.
    pub at: Time,
    /// Who did it, by display name; empty for the engine.
    pub by: String,
    /// The reason, or what it is about.
    pub detail: String,
}

/// The kind bytes of a discussion's own events.
const OF_DISCUSSIONS: std::ops::RangeInclusive<u8> = 30..=33;

/// Whether notices can come of an event of this kind, or it changes whom later ones concern.
pub fn is_of_interest(kind: u8) -> bool {
    kind != POSTED && !OF_DISCUSSIONS.contains(&kind)
}

/// Whom the next event of a ticket concerns, and how. What one did oneself one knows; whoever takes part hears the
/// ticket itself, and the queue of waiting tickets is a view of its own: neither is kept for each person.
pub fn addressed(before: &Outline, event: &Event) -> Vec<(PersonId, Notice)> {
    match event {
        Event::Assigned(assigned) => vec![accepted(before, assigned)],
        Event::Advanced(advanced) => ended(before, advanced),
        Event::Acted(acted) => moved(before, acted),
        Event::Noted(noted) => {
            let agent = before.facts().owner().filter(|agent| *agent != noted.person);
            let agent = agent.filter(|_| noted.note == NoteKind::Whisper);
            let notice = || about(before, NoticeWord::Whispered, noted.at, &noted.name, "");
            agent.map(|agent| (agent, notice())).into_iter().collect()
        }
        Event::CategoryChanged(changed) => {
            let notice = about(before, NoticeWord::Transferred, changed.at, "", &changed.category_name);
            vec![(before.facts().customer, notice)]
        }
        Event::Opened(_)
        | Event::Posted(_)
        | Event::MemberAdded(_)
        | Event::PhaseChanged(_)
        | Event::CustomerTold(_)
        | Event::AgentSilent(_)
        | Event::WatchBegan(_)
        | Event::WatchEnded(_) => Vec::new(),
        // Of a discussion nobody hears but by being in it.
        Event::Founded(_) | Event::Entered(_) | Event::Departed(_) | Event::Moderated(_) => Vec::new(),
    }
}

/// The customer hears that he has an agent, or another one.
fn accepted(before: &Outline, assigned: &Assigned) -> (PersonId, Notice) {
    let what = if before.facts().owner().is_some() { NoticeWord::Transferred } else { NoticeWord::Accepted };
    (before.facts().customer, about(before, what, assigned.at, &assigned.name, ""))
}

/// The customer and whoever has it hear that somebody else ended it; an agent does not of his customer's going.
fn ended(before: &Outline, advanced: &Advanced) -> Vec<(PersonId, Notice)> {
    let what = match advanced.stage {
        StageName::Rejected => NoticeWord::Rejected,
        StageName::Closed | StageName::Abandoned => NoticeWord::Closed,
        StageName::Waiting | StageName::Assigned | StageName::Pending | StageName::OnHold | StageName::Reopened => {
            return Vec::new();
        }
    };
    let author = before.members().get(usize::from(advanced.author));
    let (facts, by) = (before.facts(), author.map_or("", |author| &author.name));
    let by_staff = author.is_some_and(|author| author.role.is_staff());
    let concerned = [Some(facts.customer), facts.owner().filter(|_| by_staff)];
    let others = concerned.into_iter().flatten().filter(|person| author.is_none_or(|author| author.person != *person));
    others.map(|person| (person, about(before, what, advanced.at, by, &advanced.reason))).collect()
}

/// Whoever is given a ticket hears it, and whoever loses it to another's word.
fn moved(before: &Outline, acted: &Acted) -> Vec<(PersonId, Notice)> {
    let given = match acted.act {
        StaffAct::Transfer | StaffAct::Assign | StaffAct::AssignBeyondLimit | StaffAct::TakeOver => {
            Some((acted.agent, NoticeWord::Given))
        }
        StaffAct::TransferToCategory => None,
        StaffAct::ExtendWrapUp
        | StaffAct::EndWrapUp
        | StaffAct::Escalate
        | StaffAct::EndEscalation
        | StaffAct::Ignore
        | StaffAct::EndIgnore
        | StaffAct::Consult
        | StaffAct::ConsultTalk
        | StaffAct::EndConsult => return Vec::new(),
    };
    let taken = before.facts().owner().map(|owner| (owner, NoticeWord::TakenAway));
    let others = given.into_iter().chain(taken).filter(|(person, _)| *person != acted.person);
    others.map(|(person, what)| (person, about(before, what, acted.at, &acted.name, &acted.reason))).collect()
}

/// A notice about a ticket; where no reason was given, it says what the ticket is about.
fn about(before: &Outline, what: NoticeWord, at: Time, by: &str, reason: &str) -> Notice {
    let facts = before.facts();
    let mut detail = if reason.is_empty() { facts.subject.clone() } else { reason.to_owned() };
    detail.truncate(detail.floor_char_boundary(REASON_BYTES_MAX));
    Notice { what, ticket: facts.ticket, at, by: by.to_owned(), detail }
}

/// Whether somebody who is here hears of a new ticket: the agents of its category, and the supervisors of the teams
/// that serve it. One who is in no team supervises all.
pub fn hears_of_new(who: &Who, team: Option<u16>, category: CategoryId, serving_teams: &BTreeSet<u16>) -> bool {
    match who.role {
        Role::Agent => who.serves(category),
        Role::Supervisor => team.is_none_or(|team| serving_teams.contains(&team)),
        Role::Admin | Role::Customer => false,
    }
}

/// The newest notices of one person, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticeList(VecDeque<NoticeLine>);

impl NoticeList {
    /// A list as it was kept.
    pub fn of(lines: Vec<NoticeLine>) -> NoticeList {
        NoticeList(lines.into())
    }

    /// As it is kept.
    pub fn lines(&self) -> Vec<NoticeLine> {
        self.0.iter().cloned().collect()
    }

    /// Adds a notice, in the place of the oldest where there is no other. The same again, while the first stands unread
    /// on top, is not added: nothing for a second line to say.
    pub fn add(&mut self, notice: Notice) -> Option<NoticeLine> {
        let Notice { what, ticket, at, by, detail } = notice;
        let top = self.0.back();
        let again = |top: &NoticeLine| !top.read && (top.what, top.ticket) == (what, ticket) && top.by == by;
        if top.is_some_and(|top| again(top) && top.detail == detail) {
            return None;
        }
        let number = top.map_or(0, |top| top.number) + 1;
        let line = NoticeLine { number, what, ticket, at, read: false, by, detail };
        self.0.push_back(line.clone());
        if self.0.len() > NOTICES_KEPT_MAX {
            self.0.pop_front();
        }
        Some(line)
    }

    /// Marks one as read, or all (0). Answers whether that changed anything.
    pub fn mark(&mut self, number: u32) -> bool {
        let marked = self.0.iter_mut().filter(|line| !line.read && (number == 0 || line.number == number));
        marked.map(|line| line.read = true).count() > 0
    }

    /// How many are not marked as read.
    pub fn unread(&self) -> u32 {
        self.0.iter().filter(|line| !line.read).count() as u32
    }

    /// Those below a number (0 for the newest of all), the newest first, and whether there are older ones.
    pub fn page(&self, before: u32) -> (Vec<NoticeLine>, bool) {
        let mut below = self.0.iter().rev().filter(|line| before == 0 || line.number < before);
        let page = below.by_ref().take(NOTICES_PAGE_MAX).cloned().collect();
        (page, below.next().is_some())
    }
}

#[cfg(test)]
#[path = "notice_tests.rs"]
mod tests;
