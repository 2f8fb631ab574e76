//! The frames of discussions, brought to their rooms.

use std::sync::Arc;

use deskwire_protocol::TicketId;
use deskwire_protocol::kinds;

use super::reception::{Reception, request};
use crate::actors::ask::Ask;
use crate::actors::permit::Permit;
use crate::actors::room;
use crate::domain::discussion::{Foundation, Moderation};
use crate::domain::room::Yes;
use crate::domain::ticket::Command;
use crate::domain::who::Who;

impl Reception {
    pub(super) fn found(&self, who: Arc<Who>, permit: Permit, found: kinds::Found) {
        let ticket = self.desk.ticket_id(who.person, found.key.0);
        let ask = Ask::new(permit, request(found.request, TicketId::default()));
        if let Some(no) = self.not_now() {
            return ask.refuse_with(no);
        }
        let kinds::Found { request, title, topic, slow_s, .. } = found;
        let foundation = Foundation { title, topic, members_max: self.desk.limits.members_max, slow_s };
        let yes = Yes::Frame(kinds::TicketReady { request, ticket }.into());
        self.desk.tell_room(ticket, room::Msg::Command { ask, who, command: Command::Found(foundation), yes });
    }

    pub(super) fn list_discussions(&self, permit: Permit, list: kinds::ListDiscussions) {
        let (lines, more) = self.desk.discussions.after(list.after);
        let ask = Ask::new(permit, request(list.request, TicketId::default()));
        ask.answer(kinds::Discussions { request: list.request, lines, more });
    }

    pub(super) fn moderate(&self, who: Arc<Who>, permit: Permit, moderate: kinds::Moderate) {
        let kinds::Moderate { request, ticket, act, member, seq, seconds, reason } = moderate;
        let wish = Moderation { act, member, seq, seconds, reason };
        self.act(who, permit, request, ticket, Command::Moderate(wish));
    }
}
