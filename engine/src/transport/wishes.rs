//! Frames that are wishes of one of the staff about the queue and the floor: each goes by way of his own actor.

use std::sync::Arc;

use deskwire_protocol::{TicketId, kinds};

use super::reception::Reception;
use crate::actors::floor::FloorWish;
use crate::actors::permit::Permit;
use crate::actors::person::{self, OfferAnswer, Watch};
use crate::domain::who::Who;

impl Reception {
    pub(super) fn pick(&self, who: &Arc<Who>, permit: Permit, frame: &kinds::Pick) {
        let ticket = frame.ticket;
        self.wish(who, permit, (frame.request, ticket), |ask| person::Msg::Pick { ask, ticket });
    }

    pub(super) fn answer_offer(&self, who: &Arc<Who>, permit: Permit, frame: &kinds::AnswerOffer) {
        let kinds::AnswerOffer { request, ticket, offer, accept } = *frame;
        let answer = if accept { OfferAnswer::Accept } else { OfferAnswer::Decline };
        let wish = |ask| person::Msg::AnswerOffer { ask, ticket, offer, answer };
        self.wish(who, permit, (request, ticket), wish);
    }

    pub(super) fn set_status(&self, who: &Arc<Who>, permit: Permit, frame: &kinds::SetStatus) {
        let (about, status) = ((frame.request, TicketId::default()), frame.status);
        self.wish(who, permit, about, |ask| person::Msg::SetStatus { ask, status });
    }

    pub(super) fn watch_queue(&self, who: &Arc<Who>, permit: Permit, frame: &kinds::WatchQueue) {
        let watch = if frame.on { Watch::Begin } else { Watch::End };
        self.wish(who, permit, (frame.request, TicketId::default()), |ask| person::Msg::Watch { ask, watch });
    }

    pub(super) fn floor(&self, who: &Arc<Who>, permit: Permit, request: u32, wish: FloorWish) {
        self.wish(who, permit, (request, TicketId::default()), |ask| person::Msg::Floor { ask, wish });
    }
}
