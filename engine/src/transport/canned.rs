//! Canned replies for whoever answers a ticket: those that fit it, filled in with what he may see of it.

use std::sync::Arc;

use deskwire_protocol::kinds::{AskCanned, CannedLine, CannedReplies, Joined, Refused};
use deskwire_protocol::limits::{CANNED_PAGE_MAX, PAGE_BYTES_MAX};
use deskwire_protocol::{PublicFrame, Refusal, Role, ServerFrame, StaffFrame};

use super::errands::look;
use super::reception::Reception;
use crate::actors::ask::{Ask, No, ReplyTo};
use crate::actors::desk::Desk;
use crate::actors::permit::Permit;
use crate::domain::authorize::{Action, Target, authorize};
use crate::domain::canned::Filling;
use crate::domain::room::Look;
use crate::domain::who::Who;

impl Reception {
    /// Looks at the ticket as its reader would, and fills in what fits it. The room says whether he may.
    pub(super) fn ask_canned(&self, who: &Arc<Who>, permit: Permit, asked: AskCanned) {
        let AskCanned { request, ticket, after } = asked;
        let ask = Ask::new(permit, ReplyTo::Request { request, ticket });
        if let Err(refusal) = authorize(&who.actor(), Action::UseCanned, Target::Desk) {
            return ask.refuse(refusal, refusal.words().trim());
        }
        let (desk, who) = (self.desk.clone(), who.clone());
        tokio::spawn(async move {
            match look(&desk, &who, ticket, Look::Now).await {
                Ok(ServerFrame::Public(PublicFrame::Joined(joined))) => {
                    let (replies, more) = fitting(&desk, &who, &joined, after);
                    ask.answer_any(StaffFrame::from(CannedReplies { request, ticket, more, replies }).into());
                }
                Ok(ServerFrame::Public(_) | ServerFrame::Staff(_)) => drop(ask),
                Err(no) => ask.refuse_with(as_no(no)),
            }
        });
    }
}

/// The next replies for a ticket, as many as an answer holds, and whether there are more.
fn fitting(desk: &Desk, who: &Who, joined: &Joined, after: u32) -> (Vec<CannedLine>, bool) {
    let category = desk.accounts.category_by_name(&joined.category).map(|category| category.id).unwrap_or_default();
    let (replies, mut more) = desk.canned.after(after, Some(category), CANNED_PAGE_MAX);
    let filling = filling(who, joined);
    let (mut lines, mut bytes) = (Vec::new(), 0);
    for reply in &replies {
        let line = CannedLine { id: reply.id, title: reply.title.clone(), text: reply.template.fill(&filling) };
        bytes += line.title.len() + line.text.len();
        if bytes > PAGE_BYTES_MAX {
            more = true;
            break;
        }
        lines.push(line);
    }
    (lines, more)
}

fn filling(who: &Who, joined: &Joined) -> Filling {
    let customer = joined.members.iter().find(|member| member.role == Role::Customer);
    Filling {
        customer: customer.map(|member| member.name.clone()).unwrap_or_default(),
        agent: who.name.to_string(),
        ticket: joined.ticket.to_string(),
        category: joined.category.clone(),
    }
}

/// A refusal that an errand heard, for whoever it was run for.
pub(super) fn as_no(Refused { code, retry_ms, expected, detail, .. }: Refused) -> No {
    No { refusal: Refusal::from_number(code).unwrap_or(Refusal::Again), retry_ms, expected, detail }
}
