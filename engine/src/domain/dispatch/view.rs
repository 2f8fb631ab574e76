//! What staff see of the queue: entries of their categories, from durable facts alone.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use deskwire_protocol::kinds::QueueEntry;
use deskwire_protocol::words::QueueExit;
use deskwire_protocol::{PersonId, StageName};

use super::{Belief, Dispatch, Output, Watching};
use crate::domain::event::CategoryId;
use crate::domain::facts::Facts;
use crate::domain::matcher::Key;

/// Entries that one watcher is given at once; the rest follows tick by tick, so that his outbox holds them.
pub const ENTRIES_PER_SLICE_MAX: usize = 64;
/// Entries that all watchers together are given in one tick, above those that are new.
pub const ENTRIES_PER_TICK_MAX: usize = 2_048;

/// Who looks at the queue, and how far each has been shown what waited before he came. What waited is shown with the
/// ticks alone, a slice to each: so asking again and again costs next to nothing, and nobody is shown more by it.
#[derive(Debug, Default)]
pub(super) struct Views {
    watchers: BTreeMap<PersonId, Shown>,
    /// Who was shown a slice last: the next tick goes on behind him, so that nobody is kept waiting by others.
    last: PersonId,
    /// Made from the watchers on first need.
    audiences: HashMap<CategoryId, Arc<[PersonId]>>,
}

#[derive(Clone, Copy, Debug)]
enum Shown {
    Nothing,
    UpTo(CategoryId, Key),
    All,
}

impl Views {
    pub(super) fn forget_audiences(&mut self) {
        self.audiences.clear();
    }

    /// Shows a watcher everything again: his categories may be others.
    pub(super) fn restart(&mut self, agent: PersonId) {
        if let Some(shown) = self.watchers.get_mut(&agent) {
            *shown = Shown::Nothing;
        }
    }

    pub(super) fn end(&mut self, agent: PersonId) {
        if self.watchers.remove(&agent).is_some() {
            self.forget_audiences();
        }
    }

    fn begin(&mut self, agent: PersonId) {
        if self.watchers.insert(agent, Shown::Nothing).is_none() {
            self.forget_audiences();
        }
    }
}

impl<A> Dispatch<A> {
    pub(super) fn watch(&mut self, agent: PersonId, watching: Watching, ask: A, out: &mut Vec<Output<A>>) {
        let result = self.at_the_desk(agent);
        let known = result.is_ok();
        out.push(Output::Answer { ask, result });
        match watching {
            Watching::Begin if known => {
                self.views.begin(agent);
                self.show_escalations(agent, out);
            }
            Watching::Begin => {}
            Watching::End => self.views.end(agent),
        }
    }

    /// Gives each watcher that has not seen all the next slice.
    pub(super) fn show_more(&mut self, out: &mut Vec<Output<A>>) {
        let (watchers, last) = (&self.views.watchers, self.views.last);
        let after = watchers.range((Excluded(last), Unbounded)).chain(watchers.range(..=last));
        let behind = after.filter(|(_, shown)| !matches!(shown, Shown::All));
        let slices = ENTRIES_PER_TICK_MAX / ENTRIES_PER_SLICE_MAX;
        let behind: Vec<PersonId> = behind.map(|(agent, _)| *agent).take(slices).collect();
        for agent in behind {
            self.views.last = agent;
            self.show_slice(agent, out);
        }
    }

    fn show_slice(&mut self, id: PersonId, out: &mut Vec<Output<A>>) {
        let Some(shown) = self.views.watchers.get(&id).copied() else {
            return;
        };
        let slice = self.slice(id, shown);
        let to: Arc<[PersonId]> = Arc::new([id]);
        let tickets = slice.iter().filter_map(|(_, key)| self.facts(key.ticket()));
        let tickets = tickets.filter(|facts| !facts.hands.ignored.contains(&id));
        let entries = tickets.map(|facts| Output::QueueEntry { to: to.clone(), entry: self.entry(facts) });
        out.extend(entries);
        let end = slice.get(ENTRIES_PER_SLICE_MAX - 1);
        let shown = end.map_or(Shown::All, |(category, key)| Shown::UpTo(*category, *key));
        self.views.watchers.insert(id, shown);
    }

    /// The next entries for a watcher, category by category.
    fn slice(&self, id: PersonId, shown: Shown) -> Vec<(CategoryId, Key)> {
        let (from, after) = match shown {
            Shown::Nothing => (CategoryId(0), None),
            Shown::UpTo(category, key) => (category, Some(key)),
            Shown::All => return Vec::new(),
        };
        let categories = self.matcher.agent(id).map(|agent| &agent.profile().categories);
        let categories = categories.into_iter().flat_map(|all| all.range(from..));
        let keys = categories.flat_map(|category| {
            let after = after.filter(|_| *category == from);
            let queue = self.matcher.queue(*category).into_iter();
            queue.flat_map(move |queue| queue.line.after(after).map(|key| (*category, key)))
        });
        keys.take(ENTRIES_PER_SLICE_MAX).collect()
    }

    /// Tells people the difference between what they were shown of a ticket and what is believed now.
    pub(super) fn show(&mut self, before: Option<&Facts>, belief: &Belief<A>, out: &mut Vec<Output<A>>) {
        let after = belief.shown();
        if before == after {
            return;
        }
        let (was, is) = (before.and_then(Facts::owner), after.and_then(Facts::owner));
        let left = before.filter(|facts| facts.is_waiting());
        let stays = after.filter(|facts| facts.is_waiting());
        if let Some(facts) = left
            && stays.is_none_or(|stays| stays.category != facts.category)
        {
            self.show_gone(facts, exit(after), out);
        }
        if let Some(agent) = was.filter(|_| was != is) {
            out.push(Output::NotYours { agent, ticket: belief.facts.ticket });
        }
        if let Some(agent) = is.filter(|_| was != is) {
            out.push(Output::Yours { agent, ticket: belief.facts.ticket });
        }
        // Who sees it already is not told of it again because others ignore it.
        let is_news = |facts: &&Facts| left.is_none_or(|left| self.entry(left) != self.entry(facts));
        if let Some(facts) = stays.filter(is_news) {
            self.show_entry(facts, out);
        }
    }

    /// Takes back what people were shown of a ticket.
    pub(super) fn unshow(&mut self, shown: &Facts, out: &mut Vec<Output<A>>) {
        if shown.is_waiting() {
            self.show_gone(shown, QueueExit::Ended, out);
        }
        if let Some(agent) = shown.owner() {
            out.push(Output::NotYours { agent, ticket: shown.ticket });
        }
    }

    pub(super) fn show_entry(&mut self, facts: &Facts, out: &mut Vec<Output<A>>) {
        let to = self.seeing(facts);
        if !to.is_empty() {
            out.push(Output::QueueEntry { to, entry: self.entry(facts) });
        }
    }

    fn show_gone(&mut self, facts: &Facts, exit: QueueExit, out: &mut Vec<Output<A>>) {
        let to = self.audience(facts.category);
        if !to.is_empty() {
            out.push(Output::QueueGone { to, ticket: facts.ticket, exit });
        }
    }

    /// Those of the watchers who do not ignore it.
    fn seeing(&mut self, facts: &Facts) -> Arc<[PersonId]> {
        let all = self.audience(facts.category);
        match facts.hands.ignored.as_slice() {
            [] => all,
            ignored => all.iter().copied().filter(|id| !ignored.contains(id)).collect(),
        }
    }

    pub(super) fn audience(&mut self, category: CategoryId) -> Arc<[PersonId]> {
        let (watchers, matcher) = (&self.views.watchers, &self.matcher);
        let sees = |id: &PersonId| matcher.agent(*id).is_some_and(|agent| agent.serves(category));
        let audience = self.views.audiences.entry(category);
        audience.or_insert_with(|| watchers.keys().copied().filter(sees).collect()).clone()
    }

    /// A category's name; none where nobody has named it.
    pub fn category_name(&self, id: CategoryId) -> String {
        self.categories.get(&id).map_or_else(String::new, |category| category.name.clone())
    }

    pub(super) fn entry(&self, facts: &Facts) -> QueueEntry {
        QueueEntry {
            ticket: facts.ticket,
            category: self.category_name(facts.category),
            priority: facts.priority,
            since: facts.arrived,
            name: facts.name.clone(),
            subject: facts.subject.clone(),
        }
    }
}

fn exit(after: Option<&Facts>) -> QueueExit {
    match after.map(|facts| facts.stage) {
        Some(StageName::Assigned | StageName::Pending | StageName::OnHold) => QueueExit::Assigned,
        Some(StageName::Abandoned) => QueueExit::Abandoned,
        Some(StageName::Waiting | StageName::Reopened) => QueueExit::Moved,
        Some(StageName::Closed | StageName::Rejected) | None => QueueExit::Ended,
    }
}
