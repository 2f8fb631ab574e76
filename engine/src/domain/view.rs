//! What people see of an event: the frame it becomes, for its author and for the others, for customers and for staff.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::limits::{PAGE_BYTES_MAX, PAGE_EVENTS_MAX};
use deskwire_protocol::{Batch, PersonId, ServerFrame, StaffBatch, TicketId};

use super::audience::{self, Audience};
use super::discussion::view as discussion;
use super::event::{CategoryChanged, CustomerTold, Event};
use super::numbering::Point;
use crate::planted::{self, PlantedBug};

/// Whose eyes: an author sees the stream and number of his own posts, nobody else does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Everybody but the author.
    Others,
    /// The author's own connections.
    Own,
}

/// Who reads a log, as far as it changes what he reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// What he may be handed, and in which numbers.
    pub audience: Audience,
    /// Who.
    pub person: PersonId,
    /// His index among the members, if he is one.
    pub member: Option<u16>,
}

/// The frame that the event at this place becomes for anybody; nothing where it is for staff alone.
pub fn public(ticket: TicketId, seq: u32, event: &Event, sight: Sight) -> Option<PublicFrame> {
    let at = event.at();
    Some(match event {
        Event::Opened(opened) => PublicFrame::Opened(kinds::Opened {
            ticket,
            seq,
            at,
            name: opened.name.clone(),
            category: opened.category_name.clone(),
            priority: opened.priority,
            subject: opened.subject.clone(),
        }),
        Event::Posted(posted) => match sight {
            Sight::Others => {
                let (author, text) = (posted.author, posted.text.clone());
                PublicFrame::Message(kinds::Message { ticket, seq, at, author, text })
            }
            Sight::Own => PublicFrame::OwnMessage(kinds::OwnMessage {
                ticket,
                seq,
                at,
                author: posted.author,
                stream: posted.stream,
                number: posted.number,
                text: posted.text.clone(),
            }),
        },
        Event::Assigned(assigned) => PublicFrame::Assigned(kinds::Assigned {
            ticket,
            seq,
            at,
            member: assigned.member,
            name: assigned.name.clone(),
            routing: assigned.routing,
        }),
        Event::Advanced(advanced) => PublicFrame::Advanced(kinds::Advanced {
            ticket,
            seq,
            at,
            author: advanced.author,
            step: advanced.step,
            stage: advanced.stage,
            reason: advanced.reason.clone(),
        }),
        Event::PhaseChanged(changed) => PublicFrame::PhaseChanged(kinds::PhaseChanged {
            ticket,
            seq,
            at,
            author: changed.author,
            phase: changed.phase,
            reason: changed.reason.clone(),
        }),
        Event::CustomerTold(told) => PublicFrame::CustomerTold(customer_told(ticket, seq, told)),
        Event::CategoryChanged(changed) => category_changed(ticket, seq, changed),
        Event::MemberAdded(added) => {
            PublicFrame::MemberAdded(kinds::MemberAdded { ticket, seq, at, name: added.name.clone(), role: added.role })
        }
        Event::Noted(noted) if planted::is(PlantedBug::WhisperLeaked) => {
            let (author, text) = (kinds::ENGINE, noted.text.clone());
            PublicFrame::Message(kinds::Message { ticket, seq, at, author, text })
        }
        Event::Founded(_) | Event::Entered(_) | Event::Departed(_) | Event::Moderated(_) => {
            return discussion::public(ticket, seq, event);
        }
        Event::Noted(_) | Event::WatchBegan(_) | Event::WatchEnded(_) | Event::AgentSilent(_) | Event::Acted(_) => {
            return None;
        }
    })
}

fn customer_told(ticket: TicketId, seq: u32, told: &CustomerTold) -> kinds::CustomerTold {
    let &CustomerTold { at, cause, may_wait, may_leave_message, ref text } = told;
    kinds::CustomerTold { ticket, seq, at, cause, may_wait, may_leave_message, text: text.clone() }
}

fn category_changed(ticket: TicketId, seq: u32, changed: &CategoryChanged) -> PublicFrame {
    let (at, category, stage) = (changed.at, changed.category_name.clone(), changed.stage);
    PublicFrame::CategoryChanged(kinds::CategoryChanged { ticket, seq, at, category, stage })
}

/// The frame that the event at this sequence becomes for staff.
pub fn staff(ticket: TicketId, seq: u32, event: &Event, sight: Sight) -> Option<ServerFrame> {
    hidden(ticket, seq, event, sight)
        .map(ServerFrame::Staff)
        .or_else(|| public(ticket, seq, event, sight).map(ServerFrame::Public))
}

/// The frame of an event that is for staff alone.
fn hidden(ticket: TicketId, seq: u32, event: &Event, sight: Sight) -> Option<StaffFrame> {
    let at = event.at();
    match event {
        Event::Noted(noted) => Some(match sight {
            Sight::Others => StaffFrame::Noted(kinds::Noted {
                ticket,
                seq,
                at,
                note: noted.note,
                person: noted.person,
                name: noted.name.clone(),
                role: noted.role,
                text: noted.text.clone(),
            }),
            Sight::Own => StaffFrame::OwnNote(kinds::OwnNote {
                ticket,
                seq,
                at,
                note: noted.note,
                stream: noted.stream,
                number: noted.number,
                text: noted.text.clone(),
            }),
        }),
        Event::WatchBegan(began) => {
            let (person, name) = (began.person, began.name.clone());
            Some(StaffFrame::WatchBegan(kinds::WatchBegan { ticket, seq, at, person, name }))
        }
        Event::WatchEnded(ended) => {
            let (person, name) = (ended.person, ended.name.clone());
            Some(StaffFrame::WatchEnded(kinds::WatchEnded { ticket, seq, at, person, name }))
        }
        Event::AgentSilent(silent) => {
            let (agent, name, level) = (silent.agent, silent.name.clone(), silent.level);
            Some(StaffFrame::AgentSilent(kinds::AgentSilent { ticket, seq, at, agent, name, level }))
        }
        Event::Acted(acted) => Some(StaffFrame::Acted(kinds::Acted {
            ticket,
            seq,
            at,
            person: acted.person,
            name: acted.name.clone(),
            act: acted.act,
            agent: acted.agent,
            agent_name: acted.agent_name.clone(),
            until: acted.until,
            reason: acted.reason.clone(),
        })),
        Event::Opened(_)
        | Event::Posted(_)
        | Event::Assigned(_)
        | Event::Advanced(_)
        | Event::MemberAdded(_)
        | Event::CustomerTold(_)
        | Event::PhaseChanged(_)
        | Event::CategoryChanged(_) => None,
        Event::Founded(_) | Event::Entered(_) | Event::Departed(_) => None,
        Event::Moderated(moderated) => Some(discussion::moderated(ticket, seq, moderated)),
    }
}

/// Whose eyes a person has for an event: what he said himself he sees as its author.
pub fn sight(event: &Event, person: PersonId, member: Option<u16>) -> Sight {
    let own = match event {
        Event::Posted(posted) => member == Some(posted.author),
        Event::Noted(noted) => noted.person == person,
        Event::Opened(_)
        | Event::Assigned(_)
        | Event::Advanced(_)
        | Event::MemberAdded(_)
        | Event::PhaseChanged(_)
        | Event::CustomerTold(_)
        | Event::AgentSilent(_)
        | Event::WatchBegan(_)
        | Event::WatchEnded(_)
        | Event::Acted(_)
        | Event::CategoryChanged(_)
        | Event::Founded(_)
        | Event::Entered(_)
        | Event::Departed(_)
        | Event::Moderated(_) => false,
    };
    if own { Sight::Own } else { Sight::Others }
}

/// A page in the making: the events that its reader may see, in his numbers, until a bound is reached.
#[derive(Debug)]
pub struct PageMaker {
    ticket: TicketId,
    reader: Reader,
    /// His number of the last event.
    place: u32,
    count: usize,
    events: Events,
}

/// What a page for a customer is made of cannot hold a staff frame.
#[derive(Debug)]
enum Events {
    Customer(Batch),
    Staff(StaffBatch),
}

impl PageMaker {
    /// A page of what comes after this point.
    pub fn after(ticket: TicketId, reader: Reader, after: Point) -> PageMaker {
        PageMaker::beginning(ticket, reader, after.place)
    }

    fn beginning(ticket: TicketId, reader: Reader, place: u32) -> PageMaker {
        let events = match reader.audience {
            Audience::Customer => Events::Customer(Batch::default()),
            Audience::Staff => Events::Staff(StaffBatch::default()),
        };
        PageMaker { ticket, reader, place, count: 0, events }
    }

    /// Adds the next event of the log, if it is for this reader; `false` when the page is full and it was not added.
    /// A single event always fits.
    pub fn add(&mut self, seq: u32, event: &Event) -> bool {
        let sight = sight(event, self.reader.person, self.reader.member);
        let added = match &mut self.events {
            Events::Customer(_) if audience::is_hidden(event) => return true,
            _ if self.count >= PAGE_EVENTS_MAX => return false,
            Events::Customer(batch) => match public(self.ticket, self.place + 1, event, sight) {
                Some(frame) => batch.push_within(&frame, PAGE_BYTES_MAX),
                None => return true,
            },
            Events::Staff(batch) => match staff(self.ticket, seq, event, sight) {
                Some(frame) => batch.push_within(&frame, PAGE_BYTES_MAX),
                None => return true,
            },
        };
        if added {
            self.count += 1;
            self.place += 1;
        }
        added
    }

    /// Whether it holds as many events as it may.
    pub fn is_full(&self) -> bool {
        self.count >= PAGE_EVENTS_MAX
    }

    /// His number of the last event in it, or of the last before it.
    pub fn last(&self) -> u32 {
        self.place
    }

    /// The answer to a join.
    pub fn page(self, head: u32, more: bool) -> ServerFrame {
        let ticket = self.ticket;
        match self.events {
            Events::Customer(events) => PublicFrame::Page(kinds::Page { ticket, head, more, events }).into(),
            Events::Staff(events) => StaffFrame::StaffPage(kinds::StaffPage { ticket, head, more, events }).into(),
        }
    }

    /// The answer to read back.
    pub fn history(self, before: u32, more: bool) -> ServerFrame {
        let ticket = self.ticket;
        match self.events {
            Events::Customer(events) => PublicFrame::History(kinds::History { ticket, before, more, events }).into(),
            Events::Staff(events) => {
                StaffFrame::StaffHistory(kinds::StaffHistory { ticket, before, more, events }).into()
            }
        }
    }
}

/// The events just before a point, collected from the newest back.
#[derive(Debug)]
pub struct BackPage {
    reader: Reader,
    /// Newest first.
    events: Vec<(u32, Event)>,
    bytes: usize,
}

impl BackPage {
    /// None collected yet.
    pub fn new(reader: Reader) -> BackPage {
        BackPage { reader, events: Vec::new(), bytes: 0 }
    }

    /// Takes the event before those collected, of so many bytes, if it is for this reader; `false` when there are
    /// enough. A frame is never twice as large as its event, so all that is collected fits.
    pub fn add(&mut self, seq: u32, event: Event, bytes: usize) -> bool {
        if self.reader.audience == Audience::Customer && audience::is_hidden(&event) {
            return true;
        }
        let fits = self.events.len() < PAGE_EVENTS_MAX && self.bytes + bytes <= PAGE_BYTES_MAX / 2;
        if !fits && !self.events.is_empty() {
            return false;
        }
        self.bytes += bytes;
        self.events.push((seq, event));
        true
    }

    /// Whether it holds as many events as it may.
    pub fn is_full(&self) -> bool {
        self.events.len() >= PAGE_EVENTS_MAX
    }

    /// The answer: `before` is as asked, `end` the reader's number of the first event that is too new.
    pub fn history(self, ticket: TicketId, before: u32, end: u32) -> ServerFrame {
        let below = end.saturating_sub(1).saturating_sub(self.events.len() as u32);
        let mut maker = PageMaker::beginning(ticket, self.reader, below);
        for (seq, event) in self.events.iter().rev() {
            maker.add(*seq, event);
        }
        maker.history(before, below > 0)
    }
}
