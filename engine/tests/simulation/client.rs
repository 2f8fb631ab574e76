//! What people do: tabs that connect, join, talk and take steps, each with the delivery machine of the load client.

use std::collections::BTreeMap;

use deskwire_loadtest::client::delivery::{Delivery, Phase};
use deskwire_loadtest::client::effect::Effect;
use deskwire_loadtest::client::session::heard_by;
use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{ClientFrame, PersonId, Priority, Role, ServerFrame, Status, StreamId, TicketId};

use crate::frames;
use crate::network::Wire;
use crate::people;
use crate::shared::Check;
use crate::world::{Mode, World};

/// A tab without a welcome for this long tries another connection, in milliseconds.
const WELCOME_MS: u64 = 10_000;

/// What a tab asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// A chat.
    Open(u64),
    /// A step, a ticket by hand, a look at the queue: not asked again.
    Once,
    /// Tickets.
    Work,
}

/// One ticket in one tab.
pub struct Hearing {
    /// The rule.
    pub delivery: Delivery,
    /// The head named by the last join that was answered.
    pub from: u32,
    /// The last event that was shown.
    shown: u32,
    /// What its texts begin with.
    pub name: u64,
}

/// One window of one person.
pub struct Tab {
    /// Whose.
    pub person: PersonId,
    /// Its connection.
    pub wire: Option<u64>,
    connected_at: u64,
    /// Whether it was welcomed on it.
    pub welcomed: bool,
    /// What it hears.
    pub heard: BTreeMap<TicketId, Hearing>,
    /// Questions without an answer.
    pub requests: BTreeMap<u32, Want>,
    /// Chats that were asked for and not answered.
    pub opening: Vec<u64>,
    /// The number of its next question.
    pub next_request: u32,
    /// How often it said something.
    pub said: u32,
    /// It does not come back before this, except at rest, in milliseconds.
    pub away_until: u64,
    /// Whether it does not come back once its connection is gone at rest.
    pub stays_away: bool,
    /// An agent's status, as the desk last said.
    status: Option<Status>,
    /// Offers that it has not answered.
    offered: Vec<(TicketId, u32)>,
}

impl Tab {
    /// A window that was never opened before.
    pub fn new(person: PersonId) -> Tab {
        Tab {
            person,
            wire: None,
            connected_at: 0,
            welcomed: false,
            heard: BTreeMap::new(),
            requests: BTreeMap::new(),
            opening: Vec::new(),
            next_request: 1,
            said: 0,
            away_until: 0,
            stays_away: false,
            status: None,
            offered: Vec::new(),
        }
    }

    /// The connection is gone.
    pub fn disconnect(&mut self) {
        self.wire = None;
        self.welcomed = false;
        self.status = None;
        self.offered.clear();
        self.requests.clear();
        self.heard.values_mut().for_each(|hearing| hearing.delivery.disconnected());
    }

    /// The window is closed and opened again: it remembers nothing.
    pub fn forget(&mut self) {
        self.disconnect();
        self.heard.clear();
        self.opening.clear();
    }
}

impl World {
    /// The client's end of a connection reads the next frame, or notices that there will be none.
    pub fn step_down(&mut self, id: u64) {
        let Some(wire) = self.wires.get_mut(&id) else { return };
        let tab = wire.tab;
        match wire.outbox.take() {
            Some(frame) => self.read(tab, frame),
            None => {
                wire.client = false;
                self.tabs[tab].disconnect();
                self.bury(id);
            }
        }
    }

    fn read(&mut self, tab: usize, frame: ServerFrame) {
        match frame {
            ServerFrame::Public(PublicFrame::Welcome(_)) => self.welcomed(tab),
            ServerFrame::Public(PublicFrame::Done(done)) => {
                self.tabs[tab].requests.remove(&done.request);
            }
            ServerFrame::Public(PublicFrame::TicketReady(ready)) => {
                if let Some(Want::Open(key)) = self.tabs[tab].requests.remove(&ready.request) {
                    self.tabs[tab].opening.retain(|known| *known != key);
                }
            }
            ServerFrame::Public(PublicFrame::Refused(no)) if no.request != 0 => {
                let want = self.tabs[tab].requests.remove(&no.request);
                if let (Some(Want::Open(key)), false) = (want, no.code >= 200) {
                    self.shared.fail(Check::Answered, format!("chat {key} is refused for good: {}", no.code));
                }
            }
            ServerFrame::Public(frame) => {
                if let Some(ticket) = frames::ticket_of(&frame) {
                    self.with(tab, ticket, |delivery, now, out| delivery.hear(frame, now, out));
                }
            }
            ServerFrame::Staff(StaffFrame::Yours(yours)) => self.listen(tab, yours.ticket),
            ServerFrame::Staff(StaffFrame::YourState(state)) => self.tabs[tab].status = Some(state.status),
            ServerFrame::Staff(StaffFrame::Offered(offered)) => {
                self.tabs[tab].offered.push((offered.ticket, offered.offer))
            }
            ServerFrame::Staff(StaffFrame::OfferGone(gone)) => {
                self.tabs[tab].offered.retain(|known| *known != (gone.ticket, gone.offer));
            }
            ServerFrame::Staff(frame) => {
                if let Some(ticket) = heard_by(&frame) {
                    self.with(tab, ticket, |delivery, now, out| delivery.hear(frame, now, out));
                }
            }
        }
    }

    fn welcomed(&mut self, tab: usize) {
        self.tabs[tab].welcomed = true;
        let tickets: Vec<TicketId> = self.tabs[tab].heard.keys().copied().collect();
        tickets.into_iter().for_each(|ticket| self.with(tab, ticket, Delivery::connected));
    }

    /// Begins to hear a ticket, or asks anew.
    fn listen(&mut self, tab: usize, ticket: TicketId) {
        let (seed, name) = (self.random.draw(), self.number());
        let fresh = || Hearing { delivery: Delivery::new(ticket, seed), from: 0, shown: 0, name };
        let hearing = self.tabs[tab].heard.entry(ticket).or_insert_with(fresh);
        match hearing.delivery.phase() {
            Phase::Away => self.with(tab, ticket, Delivery::connected),
            Phase::Asking { .. } | Phase::Joining { .. } | Phase::Live | Phase::Failed => {
                self.with(tab, ticket, Delivery::rejoin);
            }
        }
    }

    fn with(&mut self, tab: usize, ticket: TicketId, act: impl FnOnce(&mut Delivery, u64, &mut Vec<Effect>)) {
        let (now, mut out) = (self.elapsed, Vec::new());
        let Some(hearing) = self.tabs[tab].heard.get_mut(&ticket) else { return };
        act(&mut hearing.delivery, now, &mut out);
        out.into_iter().for_each(|effect| self.felt(tab, ticket, effect));
    }

    /// What the delivery rule wants done, or has found.
    fn felt(&mut self, tab: usize, ticket: TicketId, effect: Effect) {
        match effect {
            Effect::Send(frame) => self.send(tab, frame),
            Effect::Event { seq, .. } => self.shown(tab, ticket, seq),
            Effect::Own { seq, text, .. } => {
                let (role, log) = (self.tabs_role(tab), self.shared.log.borrow());
                let place = log.place_of(&text);
                let right = place.is_some_and(|(of, at)| of == ticket && log.number_for(role, ticket, at) == seq);
                drop(log);
                self.shared.expect(right, Check::Gapless, || format!("{text:?} is shown at {seq}, it is at {place:?}"));
                self.shown(tab, ticket, seq);
            }
            Effect::Joined(joined) => {
                if let Some(hearing) = self.tabs[tab].heard.get_mut(&ticket) {
                    hearing.from = joined.head;
                }
            }
            Effect::Failed(code) if self.tabs_role(tab) == Role::Agent => {
                self.shared.note(format!("tab {tab} may not hear {ticket:?} any more: {code}"));
            }
            Effect::Failed(code) => self.shared.fail(Check::Heard, format!("tab {tab}: {ticket:?} fails with {code}")),
            Effect::Restarted => self.shared.fail(Check::Gapless, format!("tab {tab} drops its copy of {ticket:?}")),
            Effect::Breach(breach) => {
                self.shared.fail(Check::Gapless, format!("tab {tab} of {ticket:?}: {breach:?}"));
            }
            Effect::Acknowledged { .. } | Effect::Refused { .. } | Effect::PutOff { .. } | Effect::Live => {}
        }
    }

    fn shown(&mut self, tab: usize, ticket: TicketId, seq: u32) {
        let Some(hearing) = self.tabs[tab].heard.get_mut(&ticket) else { return };
        let last = std::mem::replace(&mut hearing.shown, seq);
        self.shared.expect(seq == last + 1, Check::Gapless, || format!("tab {tab} of {ticket:?}: {seq} after {last}"));
    }

    /// What the person of a tab is.
    pub fn tabs_role(&self, tab: usize) -> Role {
        people::who(self.tabs[tab].person).role
    }

    fn send(&mut self, tab: usize, frame: ClientFrame) {
        let wire = self.tabs[tab].wire.and_then(|id| self.wires.get_mut(&id));
        if let Some(wire) = wire.filter(|wire| wire.server) {
            self.shared.note(format!("  <- {} of tab {tab}: {frame:?}", wire.outbox.id()));
            wire.up.push_back(frame);
        }
    }

    /// Asks with the next number.
    pub fn request(&mut self, tab: usize, want: Want, frame: impl FnOnce(u32) -> ClientFrame) {
        if self.tabs[tab].welcomed {
            let request = self.tabs[tab].next_request;
            self.tabs[tab].next_request += 1;
            self.tabs[tab].requests.insert(request, want);
            self.send(tab, frame(request));
        }
    }

    /// What a tab must do now, without any wish of its own. Answers whether there was anything.
    pub fn must_act(&mut self, tab: usize) -> bool {
        let one = &self.tabs[tab];
        let Some(wire) = one.wire else {
            let away = self.mode != Mode::Rest && one.away_until > self.elapsed;
            if away || (self.mode == Mode::Rest && one.stays_away) {
                return false;
            }
            self.connect(tab);
            return true;
        };
        if !one.welcomed {
            if one.connected_at + WELCOME_MS < self.elapsed {
                self.leave_wire(tab, wire);
                return true;
            }
            return false;
        }
        let now = self.elapsed;
        let due = |hearing: &Hearing| hearing.delivery.due().is_some_and(|at| at <= now);
        let due: Vec<TicketId> = one.heard.iter().filter(|(_, h)| due(h)).map(|(ticket, _)| *ticket).collect();
        let acted = !due.is_empty() | self.ask_what_is_due(tab);
        due.into_iter().for_each(|ticket| self.with(tab, ticket, |delivery, now, out| delivery.tick(now, 6, out)));
        acted
    }

    fn ask_what_is_due(&mut self, tab: usize) -> bool {
        let one = &self.tabs[tab];
        let asked = |want: Want| one.requests.values().any(|known| *known == want);
        if let Some(key) = one.opening.iter().copied().find(|key| !asked(Want::Open(*key))) {
            self.open(tab, key);
            return true;
        }
        let role = self.tabs_role(tab);
        let works_not = one.status.is_some_and(|status| status != Status::Available);
        if let Some((ticket, offer)) = one.offered.first().copied() {
            // At rest everybody works; before, one in three declines.
            let accept = self.mode == Mode::Rest || self.random.below(3) > 0;
            self.tabs[tab].offered.remove(0);
            self.request(tab, Want::Once, |request| kinds::AnswerOffer { request, ticket, offer, accept }.into());
            return true;
        }
        if matches!(role, Role::Agent | Role::Supervisor) && works_not && !asked(Want::Work) {
            self.request(tab, Want::Work, |request| kinds::SetStatus { request, status: Status::Available }.into());
            return true;
        }
        self.join_the_known(tab)
    }

    /// A customer hears his tickets, a supervisor all of them.
    fn join_the_known(&mut self, tab: usize) -> bool {
        let (person, role) = (self.tabs[tab].person, self.tabs_role(tab));
        let log = self.shared.log.borrow();
        let mine = log.all().filter(|facts| facts.customer == person || role == Role::Supervisor);
        let new = mine.map(|facts| facts.ticket).find(|ticket| !self.tabs[tab].heard.contains_key(ticket));
        drop(log);
        new.inspect(|ticket| self.listen(tab, *ticket)).is_some()
    }

    /// Asks for a chat.
    pub fn open(&mut self, tab: usize, key: u64) {
        self.request(tab, Want::Open(key), |request| {
            let key = StreamId(u128::from(key));
            let (category, subject) = ("any".into(), String::new());
            kinds::Open { request, key, category, priority: Priority::Normal, subject }.into()
        });
    }

    fn connect(&mut self, tab: usize) {
        let (id, who) = (self.number(), people::who(self.tabs[tab].person));
        self.shared.note(format!("tab {tab} of {:?} connects as {id}", who.person));
        self.wires.insert(id, Wire::new(id, tab, who, &self.shared));
        self.tabs[tab].wire = Some(id);
        self.tabs[tab].connected_at = self.elapsed;
    }

    /// The client lets go of its connection; what it sent is still on its way.
    pub fn leave_wire(&mut self, tab: usize, id: u64) {
        if let Some(wire) = self.wires.get_mut(&id) {
            wire.client = false;
        }
        self.tabs[tab].disconnect();
        self.bury(id);
    }
}
