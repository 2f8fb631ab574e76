//! The floor view: supervisors see the agents and categories that they oversee change, and do something about them.
//!
//! The lines are made anew at most once a second, and only while somebody watches or asks. Each watcher is told what has
//! changed since he was told last, a page of each sort at a time; so what he is sent is bounded however fast things
//! change, and asking to watch again costs no more than a second page in a second.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use deskwire_protocol::kinds::{AgentNamed, FloorAgent, FloorAgents, FloorCategories, FloorCategory, StaffFrame};
use deskwire_protocol::limits::FLOOR_LINES_MAX;
use deskwire_protocol::{FloorPart, PersonId, Phase, Role, StageName, Status, TicketId, Time};

use super::{Dispatch, Output, Watching};
use crate::domain::event::CategoryId;
use crate::domain::facts::Facts;
use crate::domain::floor::{Floor, Lines, Progress, WINDOW_MINUTES};
use crate::domain::matcher::{Agent, HANDLING_FIRST_MS, Hold, Matcher, TeamId};
use crate::domain::rules::ms;
use crate::domain::whatif::Seen;
use crate::domain::who::Who;

/// A watcher is told at most once in this time, in milliseconds; the lines are made as often.
pub const FLOOR_EVERY_MS: u64 = 1_000;
/// While more pages follow, they do so after this time, in milliseconds: his outbox holds them.
pub const FLOOR_PAGE_EVERY_MS: u64 = 200;
/// Watchers told in one tick at most; the others follow in the next ones.
pub const FLOOR_WATCHERS_PER_TICK_MAX: usize = 32;
/// A ticket that was taken from an agent and has not come back to the queue for this long goes its usual way then, in
/// milliseconds.
const TAKEN_FOR_MS: u64 = 60_000;

/// What is heard of those who oversee the floor. Whether they may is judged before.
#[derive(Debug)]
pub enum FloorInput<A> {
    /// Somebody watches, or does so no longer.
    Watch {
        /// Who; what he oversees is what he is shown.
        who: Arc<Who>,
        /// Begins or ends. Ends by itself when he is gone.
        watching: Watching,
        /// Whom to answer.
        ask: A,
    },
    /// Somebody came: what he oversees may be something else than before.
    Came {
        /// Who.
        who: Arc<Who>,
    },
    /// An agent takes tickets, or no more, because somebody says so.
    SetStatus {
        /// Whose.
        agent: PersonId,
        /// From now on.
        status: Status,
        /// Whom to answer once it is on disk, where it is answered.
        ask: Option<A>,
    },
    /// Offers to an agent are taken back.
    Rescind {
        /// Whose.
        agent: PersonId,
    },
    /// Tickets are taken from an agent, and are not to go to him again as long as somebody else is there.
    PassOver {
        /// Whom.
        agent: PersonId,
        /// For which.
        tickets: Vec<TicketId>,
    },
}

/// A copy of the floor.
#[derive(Debug)]
pub struct Copied {
    /// Who waits, and who serves.
    pub matcher: Matcher,
    /// When that was so.
    pub now: Time,
    /// What was seen of late.
    pub seen: BTreeMap<CategoryId, Seen>,
    /// Within which time an agent should be there, in milliseconds.
    pub within_ms: BTreeMap<CategoryId, u64>,
}

/// The floor and those who watch it.
#[derive(Debug, Default)]
pub(super) struct FloorView {
    fold: Floor,
    agents: Lines<PersonId, FloorAgent>,
    categories: Lines<CategoryId, FloorCategory>,
    /// When the lines were made.
    made: Time,
    watchers: BTreeMap<PersonId, Watcher>,
    /// From whom tickets were taken, and when.
    taken: HashMap<TicketId, (PersonId, Time)>,
}

#[derive(Debug)]
struct Watcher {
    who: Arc<Who>,
    due_ms: u64,
    agents: Progress<PersonId>,
    categories: Progress<CategoryId>,
}

impl FloorView {
    pub(super) fn begin(&mut self, now: Time) {
        self.fold = Floor::new(now);
    }

    pub(super) fn end(&mut self, person: PersonId) {
        self.watchers.remove(&person);
    }

    /// Shows him all again, but no sooner than anything else.
    fn watched_by(&mut self, who: Arc<Who>) {
        let due_ms = self.watchers.get(&who.person).map_or(0, |watcher| watcher.due_ms);
        let (agents, categories) = (Progress::default(), Progress::default());
        self.watchers.insert(who.person, Watcher { who, due_ms, agents, categories });
    }

    fn came(&mut self, who: Arc<Who>) {
        if self.watchers.get(&who.person).is_some_and(|watcher| watcher.who.sight != who.sight) {
            self.watched_by(who);
        }
    }
}

impl<A> Dispatch<A> {
    pub(super) fn hear_of_the_floor(&mut self, input: FloorInput<A>, out: &mut Vec<Output<A>>) {
        match input {
            FloorInput::Watch { who, watching, ask } => {
                let result = self.at_the_desk(who.person);
                match watching {
                    Watching::Begin if result.is_ok() => self.floor.watched_by(who),
                    Watching::Begin => {}
                    Watching::End => self.floor.end(who.person),
                }
                out.push(Output::Answer { ask, result });
            }
            FloorInput::Came { who } => self.floor.came(who),
            FloorInput::SetStatus { agent, status, ask } => {
                if self.at_the_desk(agent).is_ok() {
                    self.matcher.set_status(agent, status, self.now);
                }
                out.push(Output::StatusIs { agent, status, label: String::new(), ask });
            }
            FloorInput::Rescind { agent } => self.rescind_all(agent, out),
            FloorInput::PassOver { agent, tickets } => {
                let now = self.now;
                self.floor.taken.retain(|_, (_, at)| now.ms() < at.ms() + TAKEN_FOR_MS);
                self.floor.taken.extend(tickets.into_iter().map(|ticket| (ticket, (agent, now))));
            }
        }
    }

    /// The figures follow what is believed of a ticket.
    pub(super) fn floor_follows(&mut self, before: Option<&Facts>, after: Option<&Facts>) {
        let category = before.or(after).map_or(CategoryId(0), |facts| facts.category);
        let within_ms = ms(self.rules(category).answer_within_s);
        self.floor.fold.follow(before, after, within_ms, self.now);
    }

    /// A ticket is back in its queue: whom it was taken from does not get it, while somebody else is there.
    pub(super) fn pass_over_whom_it_was_taken_from(&mut self, ticket: TicketId) {
        let Some((agent, _)) = self.floor.taken.remove(&ticket) else { return };
        let Some(category) = self.matcher.category_of(ticket) else { return };
        let until = Time::from_ms(self.now.ms() + ms(self.rules(category).again_s));
        self.matcher.exclude(ticket, agent, until, self.now);
    }

    /// The tickets that an agent has, durably: all, or those that are live.
    pub fn owned(&self, agent: PersonId, phases: &[Phase]) -> Vec<TicketId> {
        let held = self.matcher.agent(agent).into_iter().flat_map(|agent| agent.held().keys());
        let is_his = |facts: &Facts| facts.owner() == Some(agent) && phases.contains(&facts.phase);
        held.copied().filter(|ticket| self.facts(*ticket).is_some_and(is_his)).collect()
    }

    /// The floor as it is and what it has seen, to be run forward elsewhere.
    pub fn copy_of_the_floor(&self) -> Copied {
        let seen = self.floor.fold.past().map(|(category, past)| {
            let rules = self.rules(category);
            let needs = past.skills.iter().map(|skills| Arc::new(rules.need(skills))).collect();
            // Before any has ended, each is taken to last as long as the queue's own forecast assumes.
            let guess = past.handled_ms.is_empty().then_some(HANDLING_FIRST_MS);
            let seen = Seen {
                gaps_ms: past.gaps_until(self.floor.fold.began(), self.now),
                handled_ms: past.handled_ms.iter().copied().chain(guess).collect(),
                waits: past.waits.iter().copied().collect(),
                needs,
            };
            (category, seen)
        });
        let within = self.categories.iter().map(|(id, category)| (*id, ms(category.rules.answer_within_s)));
        Copied { matcher: self.matcher.clone(), now: self.now, seen: seen.collect(), within_ms: within.collect() }
    }

    /// A page of the floor as somebody sees it now, or did up to a second ago.
    pub fn look_at_the_floor(&mut self, who: &Who, part: FloorPart, page: u16, request: u32) -> StaffFrame {
        self.make_floor();
        let skip = usize::from(page) * FLOOR_LINES_MAX;
        match part {
            FloorPart::Agents => {
                let his = self.floor.agents.all().filter(|line| who.leads(team(line)));
                let mut agents: Vec<_> = his.skip(skip).take(FLOOR_LINES_MAX + 1).cloned().collect();
                let more = agents.len() > FLOOR_LINES_MAX;
                agents.truncate(FLOOR_LINES_MAX);
                FloorAgents { request, at: self.floor.made, agents, gone: Vec::new(), more }.into()
            }
            FloorPart::Categories => {
                let his = self.floor.categories.entries().filter(|(category, _)| who.oversees(**category));
                let mut lines: Vec<_> =
                    his.skip(skip).take(FLOOR_LINES_MAX + 1).map(|(_, line)| line.clone()).collect();
                let more = lines.len() > FLOOR_LINES_MAX;
                lines.truncate(FLOOR_LINES_MAX);
                self.floor_categories(request, lines, more).into()
            }
        }
    }

    /// Tells watchers what is new to them, as far as it is time.
    pub(super) fn tell_floor(&mut self, out: &mut Vec<Output<A>>) {
        let now_ms = self.now.ms();
        let due = self.floor.watchers.iter().filter(|(_, watcher)| watcher.due_ms <= now_ms);
        let mut due: Vec<(u64, PersonId)> = due.map(|(person, watcher)| (watcher.due_ms, *person)).collect();
        if due.is_empty() || !self.gate.is_open() {
            return;
        }
        due.sort_unstable();
        self.make_floor();
        for (_, person) in due.into_iter().take(FLOOR_WATCHERS_PER_TICK_MAX) {
            let Some(mut watcher) = self.floor.watchers.remove(&person) else { continue };
            self.tell_agents_of(&mut watcher, out);
            self.tell_categories_of(&mut watcher, out);
            let more = watcher.agents.is_under_way() || watcher.categories.is_under_way();
            watcher.due_ms = now_ms + if more { FLOOR_PAGE_EVERY_MS } else { FLOOR_EVERY_MS };
            self.floor.watchers.insert(person, watcher);
        }
    }

    fn tell_agents_of(&self, watcher: &mut Watcher, out: &mut Vec<Output<A>>) {
        let first = watcher.agents.is_at_the_beginning();
        let (mut agents, mut gone) = (Vec::new(), Vec::new());
        for change in self.floor.agents.news(&mut watcher.agents, FLOOR_LINES_MAX) {
            let leads = |line: &&FloorAgent| watcher.who.leads(team(line));
            match (change.was.filter(leads), change.is.filter(leads)) {
                (_, Some(is)) => agents.push(is.clone()),
                (Some(_), None) => gone.push(AgentNamed { agent: change.key }),
                (None, None) => {}
            }
        }
        if first || !agents.is_empty() || !gone.is_empty() {
            let more = watcher.agents.is_under_way();
            let frame = FloorAgents { request: 0, at: self.floor.made, agents, gone, more }.into();
            out.push(Output::Floor { to: watcher.who.person, frame });
        }
    }

    fn tell_categories_of(&self, watcher: &mut Watcher, out: &mut Vec<Output<A>>) {
        let first = watcher.categories.is_at_the_beginning();
        let news = self.floor.categories.news(&mut watcher.categories, FLOOR_LINES_MAX).into_iter();
        let lines: Vec<_> =
            news.filter(|change| watcher.who.oversees(change.key)).filter_map(|change| change.is.cloned()).collect();
        if first || !lines.is_empty() {
            let frame = self.floor_categories(0, lines, watcher.categories.is_under_way()).into();
            out.push(Output::Floor { to: watcher.who.person, frame });
        }
    }

    fn floor_categories(&self, request: u32, categories: Vec<FloorCategory>, more: bool) -> FloorCategories {
        let (at, counted_since) = (self.floor.made, self.floor.fold.began());
        FloorCategories { request, at, window_s: WINDOW_MINUTES as u32 * 60, counted_since, categories, more }
    }

    fn make_floor(&mut self) {
        let made_ms = self.floor.made.ms();
        if made_ms > 0 && self.now.ms() < made_ms + FLOOR_EVERY_MS {
            return;
        }
        self.floor.made = self.now;
        let agents = self.matcher.agents().filter(|agent| agent.is_known() && agent.profile().role != Role::Admin);
        let agents: Vec<_> = agents.map(|agent| (agent.profile().id, self.floor_agent(agent))).collect();
        self.floor.agents.make(agents);
        let used = self.used_by_category();
        let ids = self.categories.keys().copied();
        let categories: Vec<_> =
            ids.map(|id| (id, self.floor_category(id, used.get(&id).copied().unwrap_or_default()))).collect();
        self.floor.categories.make(categories);
    }

    /// Used live slots of those who serve each category and are on duty.
    fn used_by_category(&self) -> BTreeMap<CategoryId, u64> {
        let mut all = BTreeMap::new();
        for agent in self.matcher.agents().filter(|agent| agent.is_on_duty()) {
            for category in &agent.profile().categories {
                *all.entry(*category).or_default() += u64::from(agent.used().live);
            }
        }
        all
    }

    fn floor_agent(&self, agent: &Agent) -> FloorAgent {
        let mut used = [[0_u16; 4]; 2];
        for (ticket, held) in agent.held() {
            let is_held = || self.facts(*ticket).is_some_and(|facts| facts.stage == StageName::OnHold);
            let column = match held.hold {
                Hold::Promised => 0,
                Hold::Active if is_held() => 2,
                Hold::Active => 1,
                Hold::WrapUp => 3,
            };
            let row = match held.phase {
                Phase::Live => 0,
                Phase::Asynchronous => 1,
            };
            used[row][column] += 1;
        }
        let (profile, state) = (agent.profile(), agent.state());
        let [live, asynchronous] = used;
        FloorAgent {
            agent: profile.id,
            name: profile.name.clone(),
            team: profile.team.map_or(0, |team| team.0),
            status: state.status,
            since: agent.status_since(),
            here: agent.gone_since().is_none(),
            live: profile.slots.live,
            live_offered: live[0],
            live_active: live[1],
            live_held: live[2],
            live_wrap_up: live[3],
            asynchronous: profile.slots.asynchronous,
            asynchronous_offered: asynchronous[0],
            asynchronous_active: asynchronous[1],
            asynchronous_held: asynchronous[2],
            asynchronous_wrap_up: asynchronous[3],
        }
    }

    fn floor_category(&self, id: CategoryId, used: u64) -> FloorCategory {
        let (waiting, counts) = (self.floor.fold.waiting(id), self.floor.fold.counts(id, self.now));
        let queue = self.matcher.queue(id);
        let slots = queue.map_or(0, |queue| queue.slots_at_work);
        let occupancy = (used * 1_000).checked_div(slots).unwrap_or(0);
        FloorCategory {
            category: self.category_name(id),
            waiting_live: waiting.tickets.live,
            waiting_asynchronous: waiting.tickets.asynchronous,
            oldest: waiting.oldest.unwrap_or_default(),
            on_duty: queue.map_or(0, |queue| queue.on_duty as u32),
            free: queue.map_or(0, |queue| queue.free.live.len() as u32),
            occupancy: u16::try_from(occupancy).unwrap_or(u16::MAX),
            answer_within_s: self.rules(id).answer_within_s,
            answered: counts.answered,
            in_time: counts.in_time,
            abandoned: counts.abandoned,
            abandoned_short: counts.abandoned_short,
            service_level: counts.service_level(),
            service_level_without_short: counts.service_level_without_short(),
            abandonment: counts.abandonment(),
        }
    }
}

fn team(line: &FloorAgent) -> Option<TeamId> {
    (line.team != 0).then_some(TeamId(line.team))
}
