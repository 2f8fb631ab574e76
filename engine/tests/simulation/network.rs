//! Connections: frames on their way in both directions, the outbox, and the guard of an accepted frame.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use deskwire::actors::ask::{No, ReplyTo};
use deskwire::domain::who::Who;
use deskwire_protocol::kinds::{PublicFrame, Refused, StaffFrame};
use deskwire_protocol::{ClientFrame, Refusal, ServerFrame, StreamId, TicketId};

use crate::frames;
use crate::shared::Shared;

/// Frames that may wait in an outbox before it is cut.
const FRAMES_MAX: usize = 40;

/// The way to one connection; equal to another that leads to the same.
#[derive(Clone)]
pub struct Outbox(Rc<Inner>);

struct Inner {
    id: u64,
    who: Arc<Who>,
    frames: RefCell<VecDeque<ServerFrame>>,
    open: Cell<bool>,
    /// Guards that are not answered yet.
    asks: Cell<usize>,
    shared: Rc<Shared>,
}

impl PartialEq for Outbox {
    fn eq(&self, other: &Outbox) -> bool {
        self.0.id == other.0.id
    }
}

impl Outbox {
    /// The number of the connection.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Whether it takes frames.
    pub fn is_open(&self) -> bool {
        self.0.open.get()
    }

    /// Questions that wait for their answer.
    pub fn asks(&self) -> usize {
        self.0.asks.get()
    }

    /// Frames that wait.
    pub fn waiting(&self) -> usize {
        self.0.frames.borrow().len()
    }

    /// Puts a frame on its way: from here on it is told.
    pub fn send(&self, frame: &PublicFrame) {
        self.push(ServerFrame::Public(frame.clone()));
    }

    /// The same for staff.
    pub fn send_staff(&self, frame: StaffFrame) {
        self.push(ServerFrame::Staff(frame));
    }

    /// Either of them.
    pub fn send_any(&self, frame: ServerFrame) {
        self.push(frame);
    }

    fn push(&self, frame: ServerFrame) {
        if !self.is_open() {
            return;
        }
        frames::check(&self.0.shared, self.0.id, &self.0.who, &frame);
        self.0.shared.note(format!("  -> {}: {frame:?}", self.0.id));
        self.0.frames.borrow_mut().push_back(frame);
        if self.waiting() > FRAMES_MAX {
            self.cut();
        }
    }

    /// Takes no more; what waits is still read.
    pub fn close(&self) {
        self.0.open.set(false);
    }

    /// Takes no more; what waits is lost.
    pub fn cut(&self) {
        self.close();
        self.0.frames.borrow_mut().clear();
    }

    /// Loses the last frames that wait.
    pub fn lose_from(&self, index: usize) {
        self.0.frames.borrow_mut().truncate(index);
    }

    /// The next frame for the client.
    pub fn take(&self) -> Option<ServerFrame> {
        self.0.frames.borrow_mut().pop_front()
    }
}

/// The guard of one accepted frame: dropped unanswered it says `again`.
pub struct Ask {
    /// Whose.
    pub outbox: Outbox,
    reply_to: ReplyTo,
    answered: bool,
}

impl Ask {
    /// A frame was accepted.
    pub fn new(outbox: &Outbox, reply_to: ReplyTo) -> Ask {
        outbox.0.asks.set(outbox.asks() + 1);
        Ask { outbox: outbox.clone(), reply_to, answered: false }
    }

    /// A number that two questions do not share.
    pub fn order(&self) -> (u64, u32) {
        match self.reply_to {
            ReplyTo::Request { request, .. } => (self.outbox.id(), request),
            ReplyTo::Post { number, .. } => (self.outbox.id(), number),
            ReplyTo::Ticket(_) => (self.outbox.id(), 0),
        }
    }

    /// Answers with a frame.
    pub fn answer(mut self, frame: impl Into<ServerFrame>) {
        self.answered = true;
        self.outbox.send_any(frame.into());
    }

    /// Answers "done", to a question with a request number.
    pub fn done(self) {
        if let ReplyTo::Request { request, .. } = self.reply_to {
            self.answer(PublicFrame::from(deskwire_protocol::kinds::Done { request }));
        }
    }

    /// Answers "no".
    pub fn refuse(self, refusal: Refusal) {
        self.refuse_with(No::new(refusal, ""));
    }

    /// Answers "no", with all there is to say.
    pub fn refuse_with(mut self, no: No) {
        self.say_no(no);
    }

    fn say_no(&mut self, no: No) {
        self.answered = true;
        let (request, ticket, number) = match self.reply_to {
            ReplyTo::Request { request, ticket } => (request, ticket, 0),
            ReplyTo::Post { ticket, number } => (0, ticket, number),
            ReplyTo::Ticket(ticket) => (0, ticket, 0),
        };
        let No { refusal, retry_ms, expected, detail } = no;
        let code = refusal.number();
        self.outbox.send(&Refused { request, ticket, number, code, retry_ms, expected, detail }.into());
    }
}

impl Drop for Ask {
    fn drop(&mut self) {
        self.outbox.0.asks.set(self.outbox.asks() - 1);
        if !self.answered {
            self.say_no(No::new(Refusal::Again, ""));
        }
    }
}

/// Both ends of one connection.
pub struct Wire {
    /// The engine's end.
    pub outbox: Outbox,
    /// Who signed in.
    pub who: Arc<Who>,
    /// Which tab opened it.
    pub tab: usize,
    /// Frames on their way in.
    pub up: VecDeque<ClientFrame>,
    /// Tickets that it hears or asked to hear, and the streams it posts on.
    pub joined: Vec<(TicketId, StreamId)>,
    /// Whether the client still has it.
    pub client: bool,
    /// Whether the engine still has it.
    pub server: bool,
}

impl Wire {
    /// A connection on which nothing was said yet.
    pub fn new(id: u64, tab: usize, who: Arc<Who>, shared: &Rc<Shared>) -> Wire {
        let inner = Inner {
            id,
            who: who.clone(),
            frames: RefCell::default(),
            open: Cell::new(true),
            asks: Cell::new(0),
            shared: shared.clone(),
        };
        let up = VecDeque::from([ClientFrame::Hello(deskwire_protocol::kinds::Hello {
            token: String::new(),
            name: String::new(),
            email: String::new(),
        })]);
        Wire { outbox: Outbox(Rc::new(inner)), who, tab, up, joined: Vec::new(), client: true, server: true }
    }
}
