//! A chat that wants to be let in: the dispatcher knows who is on duty, and its room whether there is such a ticket already.

use std::sync::Arc;

use deskwire_protocol::TicketId;
use deskwire_protocol::kinds::TurnedAway;

use super::ask::Ask;
use super::desk::Desk;
use super::room;
use crate::domain::admission::{self, Admission};
use crate::domain::dispatch::Dispatch;
use crate::domain::event::CategoryId;
use crate::domain::room::Yes;
use crate::domain::ticket::Command;
use crate::domain::who::Who;

/// A customer starts a chat.
pub struct Opening {
    /// The question.
    pub ask: Ask,
    /// Who.
    pub who: Arc<Who>,
    /// Which ticket it is to be.
    pub ticket: TicketId,
    /// The number of his request.
    pub request: u32,
    /// The category that he wants.
    pub category: CategoryId,
    /// The opening, as its room will hear it.
    pub command: Command,
    /// How he wants his "yes".
    pub yes: Yes,
}

impl Desk {
    /// Sends a chat on to its room, with the category that takes it, or with why none does. A room that has the ticket
    /// already answers as it did first.
    pub(super) fn let_in(self: &Arc<Self>, dispatch: &Dispatch<Ask>, opening: Opening) {
        let Opening { ask, who, ticket, request, category, mut command, yes } = opening;
        if let Command::Open { category: of, category_name, early_posts, turned_away, .. } = &mut command {
            match dispatch.admission(category) {
                Admission::Admit => {}
                Admission::Overflow(to) => {
                    if let Some(to) = self.accounts.category(to) {
                        (*of, *category_name, *early_posts) = (to.id, to.name.clone(), to.early_posts);
                    }
                }
                Admission::TurnAway(cause) => {
                    let rules = self.accounts.category(category).map(|category| self.accounts.rules(&category));
                    let text = rules.map_or_else(String::new, |rules| admission::words(&rules, cause).to_owned());
                    let opens = dispatch.opens_at(category).unwrap_or_default();
                    let may_leave_message = who.reachable;
                    *turned_away = Some(Box::new(TurnedAway { request, cause, opens, may_leave_message, text }));
                }
            }
        }
        self.tell_room(ticket, room::Msg::Command { ask, who, command, yes });
    }
}
