//! How each event changes an outline.

use deskwire_protocol::{PersonId, Role, StaffAct, StageName, Time};

use super::{Kind, Member, Outline, Watcher};
use crate::domain::event::{Acted, Assigned, Event};
use crate::domain::facts::{Causes, Hands, Invitation};
use crate::domain::lifecycle::{self, Act};
use crate::domain::{audience, moved};

impl Outline {
    /// Takes in the next event.
    pub fn apply(&mut self, event: &Event) {
        self.head += 1;
        self.last_at = event.at();
        self.turn = self.turn.after(event);
        if audience::is_hidden(event) {
            self.hidden.add(self.head);
        }
        if let Kind::Discussion(discussion) = &mut self.kind {
            discussion.apply(event);
        }
        match event {
            Event::Opened(_) | Event::Founded(_) | Event::Departed(_) | Event::Moderated(_) => {}
            Event::Entered(entered) => self.add_member(entered.person, &entered.name, entered.role),
            Event::Posted(posted) => {
                let after = lifecycle::next(self.facts.stage, Act::CustomerPost).unwrap_or(self.facts.stage);
                if posted.author == 0 && after != self.facts.stage {
                    self.enter(after);
                }
            }
            Event::Assigned(assigned) => self.assigned(assigned),
            Event::Advanced(advanced) => {
                let owned = self.facts.owner().is_some();
                self.enter(advanced.stage);
                if owned && self.facts.is_over() && self.wrap_up_s > 0 {
                    let until = self.last_at.ms() + u64::from(self.wrap_up_s) * 1_000;
                    self.facts.wrap_up_until = Some(Time::from_ms(until));
                }
            }
            Event::MemberAdded(added) => self.add_member(added.person, &added.name, added.role),
            Event::PhaseChanged(changed) => {
                self.facts.phase = changed.phase;
                // An assignment that is on its way took a slot of the other phase: it fits no more.
                self.facts.round += 1;
                self.facts.seq = self.head;
            }
            Event::CustomerTold(told) if self.facts.is_waiting() => {
                self.facts.told = self.facts.told.with(told.cause);
                self.facts.seq = self.head;
            }
            Event::CustomerTold(_) | Event::AgentSilent(_) | Event::Noted(_) => {}
            Event::WatchBegan(began) => {
                self.watches += 1;
                let (name, since) = (began.name.as_str().into(), self.head);
                self.watchers.push(Watcher { person: began.person, name, since });
            }
            Event::WatchEnded(ended) => {
                self.watches += 1;
                self.watchers.retain(|watcher| watcher.person != ended.person);
            }
            Event::Acted(acted) => self.act(acted),
            Event::CategoryChanged(changed) => {
                self.facts.category = changed.category;
                self.category_name = changed.category_name.as_str().into();
                self.early_posts = changed.early_posts;
                // Who had it there need not be the one to have it here.
                self.facts.agent = None;
                self.enter(changed.stage);
            }
        }
    }

    fn assigned(&mut self, assigned: &Assigned) {
        self.add_member(assigned.agent, &assigned.name, assigned.role);
        if self.facts.owner().is_some() {
            // It went from one to the other without waiting: that is a round of no time.
            self.facts.round += 1;
        }
        self.facts.agent = Some(assigned.agent);
        if moved::ends_escalation(assigned) {
            self.facts.hands.escalated = None;
        }
        self.facts.hands.end_consult(assigned.agent);
        self.wrap_up_s = assigned.wrap_up_s;
        self.enter(StageName::Assigned);
    }

    fn act(&mut self, acted: &Acted) {
        match acted.act {
            StaffAct::Transfer
            | StaffAct::Assign
            | StaffAct::TakeOver
            | StaffAct::TransferToCategory
            | StaffAct::AssignBeyondLimit => {}
            StaffAct::ExtendWrapUp => self.wrap_up(Some(acted.until)),
            StaffAct::EndWrapUp => self.wrap_up(None),
            StaffAct::Consult => self.consult(|hands| hands.invite(acted.agent, Invitation::Notes)),
            StaffAct::ConsultTalk => self.consult(|hands| hands.invite(acted.agent, Invitation::Talk)),
            StaffAct::EndConsult => self.consult(|hands| hands.end_consult(acted.agent)),
            StaffAct::Escalate => self.escalate(Some(acted.at)),
            StaffAct::EndEscalation => self.escalate(None),
            StaffAct::Ignore | StaffAct::EndIgnore => {
                let ignored = &mut self.facts.hands.ignored;
                ignored.retain(|person| *person != acted.person);
                ignored.extend((acted.act == StaffAct::Ignore).then_some(acted.person));
                self.facts.seq = self.head;
            }
        }
    }

    fn consult(&mut self, change: impl FnOnce(&mut Hands)) {
        change(&mut self.facts.hands);
        self.facts.seq = self.head;
    }

    fn wrap_up(&mut self, until: Option<Time>) {
        self.facts.wrap_up_until = until;
        self.facts.seq = self.head;
    }

    fn escalate(&mut self, since: Option<Time>) {
        self.facts.hands.escalated = since;
        self.facts.seq = self.head;
    }

    fn enter(&mut self, stage: StageName) {
        let restored = self.facts.stage == StageName::Rejected;
        self.facts.stage = stage;
        self.facts.hands.ignored.clear();
        if self.facts.is_over() {
            self.facts.hands = Hands::default();
        }
        self.facts.wrap_up_until = None;
        self.facts.seq = self.head;
        self.facts.since = self.last_at;
        if stage == StageName::Reopened && !restored {
            self.facts.arrived = self.last_at;
        }
        if self.facts.is_waiting() {
            self.facts.hands.consulted.clear();
            self.facts.told = Causes::default();
            self.facts.round += 1;
        }
    }

    /// Who takes part watches no longer, and needs no invitation into the notes.
    fn add_member(&mut self, person: PersonId, name: &str, role: Role) {
        self.watchers.retain(|watcher| watcher.person != person);
        if self.facts.hands.let_in(person) {
            self.facts.seq = self.head;
        }
        if self.members.iter().all(|member| member.person != person) {
            self.members.push(Member { person, name: name.into(), role });
        }
    }
}
