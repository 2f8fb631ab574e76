//! What people like to do when nothing must be done: start chats, talk, take steps, pick.

use deskwire_protocol::{PersonId, Role, Status, Step, TicketId, kinds};

use crate::client::Want;
use crate::people;
use crate::world::{Mode, World};

/// Most chats a customer starts.
const CHATS_MAX: u64 = 2;

impl World {
    /// A tab does what must be done, or something it likes.
    pub fn step_tab(&mut self, tab: usize) {
        if self.must_act(tab) || self.mode == Mode::Rest || !self.tabs[tab].welcomed {
            return;
        }
        let tickets: Vec<TicketId> = self.tabs[tab].heard.keys().copied().collect();
        let ticket = tickets.get(self.random.below(tickets.len() as u64) as usize).copied();
        match (self.tabs_role(tab), self.random.below(10)) {
            (Role::Customer, 0) => self.start_a_chat(tab),
            (Role::Customer, 2) if self.random.below(8) == 0 => self.leave_message(tab, ticket),
            (Role::Customer, 1) => {
                self.take_a_step(tab, ticket, &[Step::Close, Step::Abandon, Step::Reopen, Step::Reopen])
            }
            (Role::Agent, 0) => self.pick(tab),
            (Role::Agent, 1 | 2) => {
                let steps = [Step::Requeue, Step::Hold, Step::Resume, Step::Pend, Step::Close, Step::Requeue];
                self.take_a_step(tab, ticket, &steps);
            }
            (Role::Agent, 3) => self.toggle(tab),
            (Role::Agent, 6) => self.hand_over(tab, ticket),
            (Role::Agent, 7) => self.hand_on(tab, ticket),
            (Role::Agent, 4 | 5) => self.note(tab, ticket),
            (Role::Customer | Role::Agent, _) => self.say(tab, ticket),
            (Role::Supervisor | Role::Admin, 0) => self.take_a_step(tab, ticket, &[Step::Requeue, Step::Reopen]),
            (Role::Supervisor | Role::Admin, 1) => self.take_part(tab, ticket),
            (Role::Supervisor | Role::Admin, 4) => self.hand_over(tab, ticket),
            (Role::Supervisor | Role::Admin, 5) => self.hand_on(tab, ticket),
            (Role::Supervisor | Role::Admin, 2 | 3) => self.say_if_member(tab, ticket),
            (Role::Supervisor | Role::Admin, _) => self.note(tab, ticket),
        }
    }

    fn start_a_chat(&mut self, tab: usize) {
        let key = self.random.below(CHATS_MAX) + self.tabs[tab].person.0 % 2;
        let known = self.tabs[tab].heard.contains_key(&people::ticket_of(self.tabs[tab].person, key));
        if !known && !self.tabs[tab].opening.contains(&key) {
            self.tabs[tab].opening.push(key);
            self.open(tab, key);
        }
    }

    /// Says something in a ticket, once or twice.
    pub fn say(&mut self, tab: usize, ticket: Option<TicketId>) {
        let one = &mut self.tabs[tab];
        let Some(hearing) = ticket.and_then(|ticket| one.heard.get_mut(&ticket)) else { return };
        for _ in 0..1 + self.random.below(2) {
            one.said += 1;
            let text = format!("{}.{}:{}", one.person.0, hearing.name, one.said);
            hearing.delivery.say(text.into(), u64::from(one.said));
        }
    }

    fn leave_message(&mut self, tab: usize, ticket: Option<TicketId>) {
        let Some(ticket) = ticket else { return };
        self.request(tab, Want::Once, |request| kinds::LeaveMessage { request, ticket }.into());
    }

    fn take_a_step(&mut self, tab: usize, ticket: Option<TicketId>, steps: &[Step]) {
        let Some(ticket) = ticket else { return };
        let step = steps[self.random.below(steps.len() as u64) as usize];
        let reason = format!("step {}", self.number());
        let wire = self.tabs[tab].wire.unwrap_or_default();
        let asked = (wire, self.tabs[tab].next_request);
        self.shared.steps_asked.borrow_mut().insert(asked, reason.clone());
        self.request(tab, Want::Once, |request| kinds::Advance { request, ticket, step, reason }.into());
    }

    /// To one of the agents; or what is written up has been, or needs longer.
    fn hand_over(&mut self, tab: usize, ticket: Option<TicketId>) {
        let Some(ticket) = ticket else { return };
        let (agent, more_s) = (PersonId(11 + self.random.below(2)), self.random.below(2) as u32);
        self.request(tab, Want::Once, |request| match agent.0 + u64::from(more_s) {
            13 => kinds::SetWrapUp { request, ticket, more_s }.into(),
            _ => kinds::Transfer { request, ticket, agent, reason: String::new() }.into(),
        });
    }

    fn pick(&mut self, tab: usize) {
        let log = self.shared.log.borrow();
        let waiting: Vec<TicketId> = log.all().filter(|facts| facts.is_waiting()).map(|facts| facts.ticket).collect();
        drop(log);
        if let Some(ticket) = waiting.get(self.random.below(waiting.len() as u64) as usize).copied() {
            self.request(tab, Want::Once, |request| kinds::Pick { request, ticket }.into());
        }
    }

    fn toggle(&mut self, tab: usize) {
        match self.random.below(2) {
            0 => self.request(tab, Want::Work, |request| kinds::SetStatus { request, status: Status::Away }.into()),
            _ => self.request(tab, Want::Once, |request| kinds::WatchQueue { request, on: true }.into()),
        }
    }
}
