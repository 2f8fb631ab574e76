//! The notifier: follows the log with a cursor of its own, and gives notice to whom an event concerns, wherever he is.
//!
//! It is the only writer of notices. What it has told of is in each list itself (the list's version), so that the cursor
//! may lag behind: what is read again is not told again. New tickets are told live to those who may serve them and are
//! kept for nobody: the queue of waiting tickets is the list of those.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use deskwire_protocol::kinds::{NewTicket, NoticesRead, Notified, PublicFrame, StaffFrame};
use deskwire_protocol::limits::NOTICES_KEPT_MAX;
use deskwire_protocol::{PersonId, Refusal, Role, TicketId};
use ractor::{Actor, ActorProcessingErr, ActorRef};
use tokio::sync::oneshot;

use super::ask::Ask;
use super::desk::Desk;
use super::latest;
use crate::domain::disk::Disk;
use crate::domain::event::{CategoryId, Event};
use crate::domain::following::{AtHand, Fresh};
use crate::domain::notice::{Notice, addressed, hears_of_new, is_of_interest};
use crate::domain::outline::Outline;
use crate::domain::who::Who;
use crate::identity::notices::Kept;
use crate::store::{CommitFault, PageLimits, ReadFault, RecordKind, RecordPut};

/// The cursor's name in the store.
const CURSOR: &str = "notifier";
/// Commits that are read at once.
const COMMITS_AT_ONCE: usize = 512;
/// The cursor on disk is moved after this many commits: each move is a commit itself.
const CURSOR_EVERY: u64 = 1_024;
/// A ticket that began longer ago is not told as new, in milliseconds: a restart reads again what was told.
const NEW_TICKET_WITHIN_MS: u64 = 10_000;

/// What the notifier is told.
pub enum Msg {
    /// Time has passed: look what is new.
    Tick(latest::Notice<()>),
    /// Somebody has seen a notice of his, or all (0).
    Mark {
        /// The question.
        ask: Ask,
        /// Who.
        who: Arc<Who>,
        /// Which.
        number: u32,
    },
    /// Something that is in no ticket's log, with the notices that come of it.
    Tell(Tell),
    /// Fall.
    #[cfg(feature = "planted-bugs")]
    Panic,
}

/// Records and the notices that come of them, written together.
pub struct Tell {
    /// The records.
    pub records: Vec<RecordPut>,
    /// Who is given notice of what.
    pub notices: Vec<(PersonId, Notice)>,
    /// Told once it is on disk.
    pub done: oneshot::Sender<Result<(), CommitFault>>,
}

/// The actor.
pub struct Notifier;

/// What it knows.
pub struct State {
    desk: Arc<Desk>,
    /// The last commit that was told of.
    cursor: u64,
    /// The same as it is on disk.
    moved: u64,
    tickets: AtHand,
    fresh: Fresh<(CategoryId, NewTicket)>,
}

/// Why it falls.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("the log cannot be read: {0}")]
    Read(#[from] ReadFault),
    #[error("notices cannot be written: {0}")]
    Write(#[from] CommitFault),
}

/// What is to be told of the commits that were read, person by person, each with the commit it is in.
type Told = BTreeMap<PersonId, Vec<(u64, Notice)>>;

impl Actor for Notifier {
    type Msg = Msg;
    type State = State;
    type Arguments = Arc<Desk>;

    async fn pre_start(&self, myself: ActorRef<Msg>, desk: Arc<Desk>) -> Result<State, ActorProcessingErr> {
        desk.notified_by(myself);
        Ok(State { desk, cursor: 0, moved: 0, tickets: AtHand::default(), fresh: Fresh::default() })
    }

    async fn post_start(&self, _: ActorRef<Msg>, state: &mut State) -> Result<(), ActorProcessingErr> {
        let last = state.last();
        let known = state.desk.store.cursor(CURSOR).await?;
        // The first of all begins where the log is now.
        state.cursor = known.unwrap_or(last).min(last);
        state.moved = state.cursor;
        if known.is_none() {
            state.desk.store.move_cursor(CURSOR, last).await?;
        }
        Ok(())
    }

    async fn handle(&self, _: ActorRef<Msg>, msg: Msg, state: &mut State) -> Result<(), ActorProcessingErr> {
        match msg {
            Msg::Tick(notice) => {
                notice.take();
                state.follow().await?;
                state.tell_new_tickets();
            }
            Msg::Mark { ask, who, number } => state.mark(ask, &who, number).await?,
            Msg::Tell(tell) => state.tell(tell).await?,
            #[cfg(feature = "planted-bugs")]
            Msg::Panic => panic!("the notifier was asked to fall"),
        }
        Ok(())
    }
}

impl State {
    /// The last commit on disk.
    fn last(&self) -> u64 {
        *self.desk.store.durable().borrow()
    }

    /// Tells of all that is new. With the disk full, or the engine on its way down, it waits: the cursor stays.
    async fn follow(&mut self) -> Result<(), Fault> {
        while self.last() > self.cursor && self.desk.disk() != Disk::Lowest && !self.desk.is_closed() {
            let commits = match self.desk.store.tail(self.cursor, COMMITS_AT_ONCE, is_of_interest).await {
                Ok(commits) => commits,
                Err(ReadFault::Trimmed { floor }) => {
                    tracing::error!(from = self.cursor, floor, "commits are gone that nobody was given notice of");
                    self.tickets.clear();
                    self.cursor = floor.saturating_sub(1);
                    continue;
                }
                Err(fault) => return Err(fault.into()),
            };
            let Some(last) = commits.last().map(|commit| commit.number) else { break };
            let mut told = Told::new();
            for commit in commits {
                for (ticket, seq, bytes) in commit.events {
                    self.event(commit.number, (ticket, seq), &bytes, &mut told).await?;
                }
            }
            self.write(told, Vec::new()).await?;
            self.cursor = last;
        }
        if self.cursor - self.moved >= CURSOR_EVERY {
            self.moved = self.cursor;
            self.desk.store.move_cursor(CURSOR, self.cursor).await.map_err(|_| CommitFault::Closed)?;
        }
        Ok(())
    }

    async fn event(
        &mut self,
        commit: u64,
        (ticket, seq): (TicketId, u32),
        bytes: &[u8],
        told: &mut Told,
    ) -> Result<(), Fault> {
        let Ok(event) = Event::decode(bytes) else {
            tracing::error!(%ticket, seq, "nobody is given notice of an event that cannot be read");
            return Ok(());
        };
        let mut outline = match self.tickets.take(ticket) {
            Some(outline) => outline,
            None => match self.fold(ticket, seq, &event).await? {
                Some(outline) => outline,
                None => return Ok(()),
            },
        };
        for (person, notice) in addressed(&outline, &event) {
            told.entry(person).or_default().push((commit, notice));
        }
        if seq > 1 {
            outline.apply(&event);
        } else {
            self.is_new(&outline);
        }
        self.tickets.put(outline);
        Ok(())
    }

    /// A ticket as it was before an event; at the first, as it begins. Posts are passed over here too: its numbers are
    /// not those of the log, who has it and who takes part is.
    async fn fold(&self, ticket: TicketId, seq: u32, event: &Event) -> Result<Option<Outline>, Fault> {
        let mut outline = Outline::begin(ticket, event);
        let mut from = 1;
        while from < seq {
            let page = self.desk.store.events(ticket, from, seq - 1, PageLimits::REPLAY).await?;
            let Some((last, _)) = page.last() else { return Ok(None) };
            from = last + 1;
            let kinds = page.iter().filter(|(_, bytes)| bytes.first().copied().is_none_or(is_of_interest));
            for event in kinds.filter_map(|(_, bytes)| Event::decode(bytes).ok()) {
                match &mut outline {
                    Some(outline) => outline.apply(&event),
                    None => outline = Outline::begin(ticket, &event),
                }
            }
        }
        Ok(outline)
    }

    fn is_new(&mut self, outline: &Outline) {
        let facts = outline.facts();
        if facts.arrived.ms() + NEW_TICKET_WITHIN_MS < self.desk.clock.now().ms() {
            return;
        }
        let category = self.desk.accounts.category(facts.category).map(|category| category.name.clone());
        let told = NewTicket {
            ticket: facts.ticket,
            category: category.unwrap_or_default(),
            priority: facts.priority,
            since: facts.arrived,
            name: facts.name.clone(),
            subject: facts.subject.clone(),
        };
        self.fresh.push((facts.category, told));
    }

    /// Tells the staff who are here of new tickets, some at a time.
    fn tell_new_tickets(&mut self) {
        let fresh = self.fresh.slice();
        if fresh.is_empty() {
            return;
        }
        let here = self.desk.directory.staff_present();
        let mut audiences: HashMap<CategoryId, Vec<PersonId>> = HashMap::new();
        for (category, told) in fresh {
            let audience = audiences.entry(category).or_insert_with(|| self.audience(category, &here));
            self.desk.staff(audience, &StaffFrame::NewTicket(told));
        }
    }

    fn audience(&self, category: CategoryId, here: &[Arc<Who>]) -> Vec<PersonId> {
        let accounts = &self.desk.accounts;
        let team = |person| accounts.profile(person).and_then(|profile| profile.team).map(|team| team.0);
        let serving = accounts.all().into_iter().filter(|one| one.role == Role::Agent && one.serves(category));
        let teams: BTreeSet<u16> = serving.filter_map(|one| team(one.person)).collect();
        let hears = |who: &&Arc<Who>| hears_of_new(who, team(who.person), category, &teams);
        here.iter().filter(hears).map(|who| who.person).collect()
    }

    /// Adds to the lists, on disk with what they come of, and then tells those who are here.
    async fn write(&self, told: Told, mut records: Vec<RecordPut>) -> Result<(), Fault> {
        let ids = told.keys().map(|person| person.0.to_be_bytes().to_vec()).collect();
        let known = self.desk.store.records_of(RecordKind::Notices, ids).await?;
        let mut frames = Vec::new();
        for ((person, notices), record) in told.into_iter().zip(known) {
            let mut kept = self.kept(person, record.as_ref());
            let (mut added, upto) = (Vec::new(), kept.upto);
            for (commit, notice) in notices.into_iter().filter(|(commit, _)| *commit == 0 || *commit > upto) {
                added.extend(kept.list.add(notice));
                kept.upto = kept.upto.max(commit);
            }
            if kept.upto > upto || !added.is_empty() {
                records.push(kept.put(person));
            }
            let unread = kept.list.unread();
            // No more at once than the list keeps, and an outbox holds.
            let gone = added.len().saturating_sub(NOTICES_KEPT_MAX);
            frames.extend(added.into_iter().skip(gone).map(|line| {
                let (number, what, ticket, at) = (line.number, line.what, line.ticket, line.at);
                let frame = Notified { number, what, ticket, at, by: line.by, detail: line.detail, unread };
                (person, PublicFrame::from(frame))
            }));
        }
        if !records.is_empty() {
            self.desk.store.commit(records).await?;
        }
        frames.iter().for_each(|(person, frame)| self.show(*person, frame));
        Ok(())
    }

    /// A list that cannot be read is begun anew: what is told from now on is not lost with it.
    fn kept(&self, person: PersonId, record: Option<&crate::store::Record>) -> Kept {
        Kept::read(record).unwrap_or_else(|fault| {
            tracing::error!(%person, %fault, "the notices of a person cannot be read and begin anew");
            Kept { upto: record.map_or(0, |record| record.version), ..Kept::default() }
        })
    }

    fn show(&self, person: PersonId, frame: &PublicFrame) {
        self.desk.directory.outboxes(person).iter().for_each(|outbox| outbox.send(frame));
    }

    /// Answered once it is on disk; his other connections hear of it.
    async fn mark(&self, ask: Ask, who: &Who, number: u32) -> Result<(), Fault> {
        if self.desk.disk() == Disk::Lowest {
            ask.refuse(Refusal::ReadOnly, Refusal::ReadOnly.words().trim());
            return Ok(());
        }
        let record = self.desk.store.record(RecordKind::Notices, &who.person.0.to_be_bytes()).await?;
        let mut kept = self.kept(who.person, record.as_ref());
        if kept.list.mark(number) {
            self.desk.store.commit(vec![kept.put(who.person)]).await?;
            let unread = kept.list.unread();
            self.show(who.person, &NoticesRead { number, unread }.into());
        }
        ask.done();
        Ok(())
    }

    async fn tell(&self, Tell { records, notices, done }: Tell) -> Result<(), Fault> {
        let mut told = Told::new();
        for (person, notice) in notices {
            told.entry(person).or_default().push((0, notice));
        }
        match self.write(told, records).await {
            Ok(()) => _ = done.send(Ok(())),
            // Who asked hears why; what could not be read fells us.
            Err(Fault::Write(fault)) => _ = done.send(Err(fault)),
            Err(fault @ Fault::Read(_)) => return Err(fault),
        }
        Ok(())
    }
}
