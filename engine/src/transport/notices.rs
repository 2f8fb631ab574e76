//! What a person has been told and has read: his notices, read from where they are kept and marked by the one who writes
//! them, and his mark in a ticket, on its way to the room.

use std::sync::Arc;

use deskwire_protocol::kinds::{AskNotices, MarkNotices, Notices, ReadUpTo};
use deskwire_protocol::{Refusal, TicketId};

use super::reception::Reception;
use crate::actors::ask::{Ask, ReplyTo};
use crate::actors::notifier;
use crate::actors::permit::Permit;
use crate::actors::room;
use crate::domain::who::Who;
use crate::identity::notices::Kept;
use crate::store::RecordKind;

impl Reception {
    pub(super) fn read_up_to(&self, who: Arc<Who>, permit: Permit, read: ReadUpTo) {
        let ReadUpTo { request, ticket, seq } = read;
        let ask = Ask::new(permit, ReplyTo::Request { request, ticket });
        self.desk.tell_room(ticket, room::Msg::ReadUpTo { ask, who, seq });
    }

    pub(super) fn ask_notices(&self, who: &Who, permit: Permit, asked: AskNotices) {
        let AskNotices { request, before } = asked;
        let ask = Ask::new(permit, ReplyTo::Request { request, ticket: TicketId::default() });
        let (desk, person) = (self.desk.clone(), who.person);
        tokio::spawn(async move {
            let record = desk.store.record(RecordKind::Notices, &person.0.to_be_bytes()).await;
            // What cannot be read answers `again` when the question is dropped; who writes the list begins it anew.
            let Some(kept) = record.ok().and_then(|record| Kept::read(record.as_ref()).ok()) else { return };
            let (notices, more) = kept.list.page(before);
            ask.answer(Notices { request, unread: kept.list.unread(), more, notices });
        });
    }

    pub(super) fn mark_notices(&self, who: &Arc<Who>, permit: Permit, marked: MarkNotices) {
        let MarkNotices { request, number } = marked;
        let ask = Ask::new(permit, ReplyTo::Request { request, ticket: TicketId::default() });
        match self.desk.is_closed() {
            true => ask.refuse(Refusal::Draining, Refusal::Draining.words().trim()),
            false => self.desk.tell_notifier(notifier::Msg::Mark { ask, who: who.clone(), number }),
        }
    }
}
