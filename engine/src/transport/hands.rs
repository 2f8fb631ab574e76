//! The frames by which tickets go from hand to hand, on their way from the reception to rooms and dispatcher.

use std::sync::Arc;

use deskwire_protocol::kinds;
use deskwire_protocol::words::Manner;

use super::reception::Reception;
use crate::actors::permit::Permit;
use crate::actors::person;
use crate::domain::consult::Consult;
use crate::domain::handing::{Handing, NamedCategory};
use crate::domain::ticket::Command;
use crate::domain::who::Who;

impl Reception {
    pub(super) fn transfer(&self, who: &Arc<Who>, permit: Permit, it: kinds::Transfer) {
        let kinds::Transfer { request, ticket, agent, reason } = it;
        let manner = Manner::AtOnce;
        self.hand_over(who, permit, kinds::HandOver { request, ticket, agent, manner, reason });
    }

    pub(super) fn hand_over(&self, who: &Arc<Who>, permit: Permit, it: kinds::HandOver) {
        let kinds::HandOver { request, ticket, agent, manner, reason } = it;
        let wish = |ask| person::Msg::Transfer { ask, ticket, agent, manner, reason };
        self.wish(who, permit, (request, ticket), wish);
    }

    pub(super) fn take_over(&self, who: &Arc<Who>, permit: Permit, it: kinds::TakeOver) {
        let kinds::TakeOver { request, ticket, reason } = it;
        self.wish(who, permit, (request, ticket), |ask| person::Msg::TakeOver { ask, ticket, reason });
    }

    pub(super) fn transfer_to_category(&self, who: Arc<Who>, permit: Permit, it: kinds::TransferToCategory) {
        let kinds::TransferToCategory { request, ticket, category, reason } = it;
        let to = self.desk.accounts.category_by_name(&category).map(|category| NamedCategory {
            id: category.id,
            name: category.name.clone(),
            early_posts: category.early_posts,
        });
        self.act(who, permit, request, ticket, Command::Hand(Handing::ToCategory { to, reason }));
    }

    pub(super) fn escalate(&self, who: Arc<Who>, permit: Permit, it: kinds::Escalate) {
        let kinds::Escalate { request, ticket, on, reason } = it;
        let handing = if on { Handing::Escalate { reason } } else { Handing::EndEscalation { reason } };
        self.act(who, permit, request, ticket, Command::Hand(handing));
    }

    pub(super) fn consult(&self, who: Arc<Who>, permit: Permit, it: kinds::Consult) {
        let kinds::Consult { request, ticket, agent: person, manner, reason } = it;
        let consult = Consult { person, guest: self.desk.accounts.who(person), manner, reason };
        self.act(who, permit, request, ticket, Command::Hand(Handing::Consult(consult)));
    }

    pub(super) fn ignore(&self, who: Arc<Who>, permit: Permit, it: kinds::Ignore) {
        let handing = if it.on { Handing::Ignore } else { Handing::EndIgnore };
        self.act(who, permit, it.request, it.ticket, Command::Hand(handing));
    }
}
