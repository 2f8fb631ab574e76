//! The faults that a post brings out.

use deskwire_protocol::kinds::*;
use deskwire_protocol::{PersonId, Refusal, Time};

use super::{Desk, Fault, Listener};

impl Desk {
    /// Does the wrong thing; whether the right thing must not be done any more.
    pub(super) fn plant(&mut self, connection: u32, person: PersonId, listener: &Listener, post: &Post) -> bool {
        let ticket = self.tickets.get_mut(&post.ticket).unwrap();
        let head = ticket.events.len() as u32;
        let places = ticket.streams.entry((person, listener.stream)).or_default();
        match self.fault {
            Fault::Lose => {
                places.push(head + 1);
                self.done = true;
                self.acknowledge(connection, post.ticket, post.number, head + 1);
                true
            }
            Fault::Double => {
                self.done = true;
                self.keep(connection, person, listener, post.clone());
                self.tickets.get_mut(&post.ticket).unwrap().streams.get_mut(&(person, listener.stream)).unwrap().pop();
                false
            }
            Fault::Reorder => {
                self.done = true;
                ticket.held = Some((connection, person, listener.clone(), post.clone()));
                true
            }
            Fault::Alter => {
                self.done = true;
                let altered = Post { text: post.text.replace(' ', "_"), ..post.clone() };
                let seq = self.keep(connection, person, listener, altered);
                self.acknowledge(connection, post.ticket, post.number, seq);
                true
            }
            Fault::Contradict => {
                self.done = true;
                self.keep(connection, person, listener, post.clone());
                self.acknowledge(connection, post.ticket, post.number, head + 1);
                self.acknowledge(connection, post.ticket, post.number, head + 2);
                true
            }
            Fault::RefuseYetKeep => {
                self.done = true;
                // Under no number of its sender: whoever looks for his own finds that it is not there.
                let (author, text) = (u16::from(ticket.customer != person), post.text.clone());
                let event = Message { ticket: post.ticket, seq: head + 1, at: Time::default(), author, text };
                self.tell(post.ticket, event.into(), None);
                self.refuse(connection, post.ticket, post.number, Refusal::IllegalStep, 0);
                true
            }
            Fault::None
            | Fault::Hide
            | Fault::Differ
            | Fault::Gap
            | Fault::Miss
            | Fault::Repeat
            | Fault::Leak
            | Fault::Violate
            | Fault::Late
            | Fault::Forget
            | Fault::ForgetStreams => false,
        }
    }
}
