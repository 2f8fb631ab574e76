//! A dispatcher begins on what others left it.

use deskwire_protocol::{Priority, Role, StageName, Status, Time};

use super::*;
use crate::actors::ask::ReplyTo;
use crate::actors::connections::{Bounds, Connections};
use crate::actors::desk::{Limits, Parts};
use crate::actors::encoded::Form;
use crate::clock::Clock;
use crate::domain::event::CategoryId;
use crate::domain::facts::{Causes, Facts};
use crate::identity::{Accounts, Keep};
use crate::metrics::Metrics;
use crate::store::{Append, Incarnation, StageChange, Store, StoreHandle, StoreSettings};

const ASIDE: TicketId = TicketId(1);
const WAITING: TicketId = TicketId(2);

async fn desk(store: StoreHandle) -> Arc<Desk> {
    let limits = Limits { rooms_max: 10, idle_ms: 1_000, waiting_max: 10, busy_ms: 1_000, members_max: 250 };
    Desk::new(Parts {
        store,
        clock: Clock::system(),
        metrics: Arc::new(Metrics::new()),
        connections: Connections::new(Bounds::default()),
        accounts: Arc::new(Accounts::load(Keep::Memory).await.unwrap()),
        ticket_key: [0; 32],
        limits,
    })
}

/// Puts a waiting ticket into the stage index.
async fn wait_on_disk(store: &StoreHandle, ticket: TicketId) {
    let facts = Facts {
        ticket,
        seq: 1,
        stage: StageName::Waiting,
        round: 1,
        agent: None,
        customer: PersonId(9),
        category: CategoryId(1),
        priority: Priority::Normal,
        since: Time::default(),
        phase: deskwire_protocol::Phase::Live,
        reachable: false,
        skills: Vec::new(),
        wrap_up_until: None,
        told: Causes::default(),
        hands: Default::default(),
        arrived: Time::from_ms(1),
        name: String::new(),
        subject: String::new(),
    };
    store.fence(ticket, Incarnation(1)).await.unwrap();
    let stage = Some(StageChange::Put(facts));
    let (incarnation, told) = (Incarnation(1), Arc::new(|_| {}));
    let append = Append { ticket, incarnation, first: 1, events: vec![vec![1]], stage, records: Vec::new(), told };
    store.append(append).await.unwrap();
}

/// Set aside by whoever felled the last dispatcher twice: the next one must not take it up again.
#[tokio::test]
async fn a_new_dispatcher_knows_what_is_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    let (store, thread) = Store::open(directory.path(), StoreSettings::default()).unwrap();
    wait_on_disk(&store, ASIDE).await;
    wait_on_disk(&store, WAITING).await;
    let desk = desk(store).await;
    desk.directory.set_aside(ASIDE);
    let (dispatcher, _) = Actor::spawn(None, Dispatcher, desk.clone()).await.unwrap();
    let (outbox, mut writer) = desk.connections.open(Form::Binary);
    let who = Arc::new(Who {
        person: PersonId(7),
        role: Role::Agent,
        name: "x".into(),
        categories: [].into(),
        reachable: false,
        sight: crate::domain::who::Sight::default(),
    });
    let ask = Ask::new(outbox.try_permit().unwrap(), ReplyTo::Request { request: 1, ticket: TicketId::default() });
    desk.tell_dispatcher(Msg::SetStatus { ask, who, status: Status::Available, label: String::new() });
    while writer.take_frames().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(desk.metrics.queue_waiting.get(), 1);
    dispatcher.stop(None);
    thread.stop().await;
}
