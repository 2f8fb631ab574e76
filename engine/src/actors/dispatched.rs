//! What the dispatcher says, on its way to rooms and people.

use std::sync::Arc;

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{PersonId, Role, SilenceLevel, Status, TicketId};

use super::ask::Ask;
use super::desk::Desk;
use super::dispatcher::Msg;
use super::encoded::{Form, StaffBytes};
use super::room;
use super::statuses::Said;
use crate::domain::dispatch::Output;
use crate::domain::event::CategoryId;
use crate::domain::matcher::AgentState;
use crate::domain::room::{Assign, Direct, Quiet};
use crate::domain::who::{Sight, Who};

impl Desk {
    /// One thing that the dispatcher says, to where it belongs.
    pub(super) fn carry_output(self: &Arc<Self>, output: Output<Ask>) {
        match output {
            Output::Assign { ticket, agent, name, role, round, routing, wrap_up_s, moved, attempt } => {
                let unknown = || {
                    Arc::new(Who {
                        person: agent,
                        role,
                        name: name.into(),
                        categories: [].into(),
                        reachable: false,
                        sight: Sight::default(),
                    })
                };
                let who = self.accounts.who(agent).unwrap_or_else(unknown);
                self.tell_room(
                    ticket,
                    room::Msg::Assign { who, assign: Assign { round, routing, wrap_up_s, moved, attempt } },
                );
            }
            Output::Direct { ticket, seq, order, notice, attempt } => {
                self.tell_room(ticket, room::Msg::Direct { direct: Direct { seq, order, notice, attempt } });
            }
            Output::Chime { ticket, chime } => self.tell_room(ticket, room::Msg::Chime(chime)),
            Output::Offer { agent, offer } => self.staff(&[agent], &StaffFrame::Offered(offer)),
            Output::OfferGone { agent, ticket, offer, exit } => {
                self.staff(&[agent], &StaffFrame::OfferGone(kinds::OfferGone { ticket, offer, exit }));
            }
            Output::WrapUp { agent, ticket, until } => {
                let until = until.unwrap_or_default();
                self.staff(&[agent], &StaffFrame::WrapUp(kinds::WrapUp { ticket, until }));
            }
            Output::AllDeclined { ticket, category } => self.all_declined(ticket, category),
            Output::Attend { customer } => self.tell_dispatcher(Msg::CustomerMoved { customer }),
            Output::StatusIs { agent, status, label, ask } => self.statuses.put(agent, Said { status, label }, ask),
            Output::Answer { ask, result: Ok(()) } => ask.done(),
            Output::Answer { ask, result: Err((refusal, detail)) } => ask.refuse(refusal, detail),
            Output::Wake { ticket } => self.tell_room(ticket, room::Msg::Report),
            Output::Position { ticket, customer, position, wait_s } => {
                let frame = PublicFrame::Position(kinds::Position { ticket, position, wait_s });
                for outbox in self.directory.outboxes(customer) {
                    outbox.send(&frame);
                }
            }
            Output::QueueEntry { to, entry } => self.staff(&to, &StaffFrame::QueueEntry(entry)),
            Output::QueueGone { to, ticket, exit } => {
                self.staff(&to, &StaffFrame::QueueGone(kinds::QueueGone { ticket, exit }));
            }
            Output::Staff { to, frame } => self.staff(&to, &frame),
            Output::Yours { agent, ticket } => self.staff(&[agent], &StaffFrame::Yours(kinds::Yours { ticket })),
            Output::NotYours { agent, ticket } => {
                self.staff(&[agent], &StaffFrame::NotYours(kinds::NotYours { ticket }));
            }
            Output::Floor { to, frame } => self.staff(&[to], &frame),
            Output::AgentState { agent, state } if self.statuses.keep_to_itself(agent, state) => {}
            Output::AgentState { agent, state } => self.tell_state(agent, state),
        }
    }

    fn all_declined(&self, ticket: TicketId, category: CategoryId) {
        let name = self.accounts.category(category).map_or_else(String::new, |category| category.name.clone());
        self.supervisors(category, &StaffFrame::AllDeclined(kinds::AllDeclined { ticket, category: name }));
    }

    /// Tells an agent how he stands, and what he calls that.
    pub(super) fn tell_state(&self, agent: PersonId, state: AgentState) {
        let label = self.label_frame(agent, state.status);
        state_frames(state).iter().chain(&label).for_each(|frame| self.staff(&[agent], frame));
    }

    /// What an agent calls his status, if he does.
    pub(super) fn label_frame(&self, agent: PersonId, status: Status) -> Option<StaffFrame> {
        let label = self.statuses.label_of(agent);
        (!label.is_empty()).then_some(StaffFrame::YourLabel(kinds::YourLabel { status, label }))
    }

    /// What a room says of a silence.
    pub(super) fn carry_quiet(&self, ticket: TicketId, quiet: Quiet) {
        match quiet {
            Quiet::Chimed { next, passed_over } => self.tell_dispatcher(Msg::Chimed { ticket, next, passed_over }),
            Quiet::Alarm { category, agent, name, level, since } => {
                let alarm = StaffFrame::SilenceAlarm(kinds::SilenceAlarm { ticket, agent, name, level, since });
                match level {
                    SilenceLevel::Warned => self.staff(&[agent], &alarm),
                    SilenceLevel::Escalated => self.supervisors(category, &alarm),
                }
            }
        }
    }

    /// To every supervisor who is here and oversees a category.
    fn supervisors(&self, category: CategoryId, frame: &StaffFrame) {
        let oversees = |who: &Arc<Who>| who.role == Role::Supervisor && who.oversees(category);
        let supervisors = self.directory.staff_present().into_iter().filter(oversees);
        let people: Vec<PersonId> = supervisors.map(|who| who.person).collect();
        self.staff(&people, frame);
    }

    /// To every connection of these members of staff; encoded once for each form.
    pub(super) fn staff(&self, people: &[PersonId], frame: &StaffFrame) {
        let mut encoded: [Option<StaffBytes>; 2] = [None, None];
        for person in people {
            for outbox in self.directory.outboxes(*person) {
                let form: Form = outbox.form();
                let bytes = encoded[form as usize].get_or_insert_with(|| StaffBytes::new(frame, form));
                if let Some(staff) = outbox.staff() {
                    staff.push(bytes.clone());
                }
            }
        }
    }
}

/// How an agent stands, as he is told.
pub(super) fn state_frames(state: AgentState) -> [StaffFrame; 2] {
    let (status, slots, used) = (state.status, state.slots, state.used);
    [
        StaffFrame::YourState(kinds::YourState { status, slots: slots.live, active: used.live }),
        StaffFrame::YourSlots(kinds::YourSlots {
            live: slots.live,
            live_used: used.live,
            asynchronous: slots.asynchronous,
            asynchronous_used: used.asynchronous,
        }),
    ]
}
