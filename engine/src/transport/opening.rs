//! Openings of tickets on their way to the customer's actor, and frames with all that their plain forms leave unsaid.

use std::sync::Arc;

use deskwire_protocol::kinds::{Open, OpenWith, SetStatus, SetStatusWith};
use deskwire_protocol::{PhaseWish, TicketId};

use super::reception::{Reception, request};
use crate::actors::ask::Ask;
use crate::actors::permit::Permit;
use crate::actors::person;
use crate::domain::who::Who;

impl Reception {
    /// A customer starts a chat or leaves a message, unless nothing new is begun now.
    pub(super) fn open(&self, who: &Arc<Who>, permit: Permit, open: OpenWith) {
        let ask = Ask::new(permit, request(open.request, TicketId::default()));
        match self.not_now() {
            Some(no) => ask.refuse_with(no),
            None => self.desk.tell_person(who, person::Msg::Open { ask, open }),
        }
    }
}

/// A plain opening, with all that it leaves unsaid.
pub(super) fn plain(open: Open) -> OpenWith {
    let Open { request, key, category, priority, subject } = open;
    let (phase, skills, text) = (PhaseWish::Live, Vec::new(), String::new());
    OpenWith { request, key, category, priority, phase, skills, subject, text }
}

/// A status without a name.
pub(super) fn unnamed(SetStatus { request, status }: SetStatus) -> SetStatusWith {
    SetStatusWith { request, status, label: String::new() }
}
