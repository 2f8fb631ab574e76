//! A restart is not an absence: the process is killed under a full floor and stays away longer than anybody may, and
//! afterwards everything stands as it stood.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{ServerFrame, Status, Step, TicketId, Time};

use crate::client::Client;
use crate::engine::Engine;
use crate::load::is_long;
use crate::row::row;

/// How large the floor is, and for how long anybody may be gone.
#[derive(Clone, Copy)]
struct Scale {
    agents: usize,
    customers: usize,
    grace_s: u64,
}

/// One agent: who he is, and what he had before.
struct Agent {
    client: Client,
    token: String,
    had: Desk,
}

/// What an agent is told when he comes: how he stands, what he has, what he writes up, what is offered to him.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Desk {
    status: Option<Status>,
    label: String,
    tickets: BTreeSet<TicketId>,
    wrap_ups: BTreeMap<TicketId, Time>,
    offers: BTreeSet<TicketId>,
}

/// One customer: his ticket and how far its log went.
struct Customer {
    client: Client,
    token: String,
    ticket: TicketId,
    seen: usize,
}

/// What he is told until now.
fn desk(client: &mut Client) -> Desk {
    let status = client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourState(state)) => Some(state.status),
        _ => None,
    });
    let mut desk = Desk { status: Some(status), ..Desk::default() };
    // The rest is of the same step of the dispatcher, but not of the same write.
    std::thread::sleep(Duration::from_millis(20));
    for frame in client.settle() {
        match frame {
            ServerFrame::Staff(StaffFrame::YourState(state)) => desk.status = Some(state.status),
            ServerFrame::Staff(StaffFrame::Yours(yours)) => _ = desk.tickets.insert(yours.ticket),
            ServerFrame::Staff(StaffFrame::YourLabel(label)) => desk.label = label.label,
            ServerFrame::Staff(StaffFrame::WrapUp(wrap_up)) => _ = desk.wrap_ups.insert(wrap_up.ticket, wrap_up.until),
            ServerFrame::Staff(StaffFrame::Offered(offer)) => _ = desk.offers.insert(offer.ticket),
            _ => {}
        }
    }
    desk
}

/// What waits, and since when, as an admin sees it who is told all of it in a while.
fn queue(engine: &Engine) -> BTreeSet<(TicketId, Time)> {
    let (mut admin, _) = Client::hello(engine, &engine.sign_in("admin"), "");
    let request = admin.request();
    admin.send(kinds::WatchQueue { request, on: true });
    admin.done(request).unwrap();
    let mut queue = BTreeSet::new();
    let mut quiet = 0;
    while quiet < 5 {
        std::thread::sleep(Duration::from_millis(200));
        let before = queue.len();
        queue.extend(admin.settle().into_iter().filter_map(|frame| match frame {
            ServerFrame::Staff(StaffFrame::QueueEntry(entry)) => Some((entry.ticket, entry.since)),
            _ => None,
        }));
        quiet = if queue.len() == before { quiet + 1 } else { 0 };
    }
    queue
}

fn agents(engine: &Engine, scale: Scale) -> Vec<Agent> {
    let agent = |number: usize| {
        let token = engine.sign_in(&format!("agent-{number:03}"));
        let (mut client, _) = Client::hello(engine, &token, "");
        let (status, label) = match number % 8 {
            0 => (Status::Busy, "training"),
            1 => (Status::Away, "lunch"),
            _ => (Status::Available, ""),
        };
        let request = client.request();
        client.send(kinds::SetStatusWith { request, status, label: label.into() });
        client.done(request).unwrap();
        Agent { client, token, had: Desk::default() }
    };
    (1..=scale.agents).map(agent).collect()
}

/// Half of them talk with an agent, a quarter waits to be picked, a quarter is offered.
fn customers(engine: &Engine, scale: Scale) -> Vec<Customer> {
    let customer = |number: usize| {
        let (mut client, welcome) = Client::customer(engine, &format!("Customer {number}"));
        let category = ["general", "general", "technical", "billing"][number % 4];
        let ticket = client.start_chat(category, number as u128 + 1).unwrap();
        Customer { client, token: welcome.token, ticket, seen: 0 }
    };
    (0..scale.customers).map(customer).collect()
}

/// Each agent with a chat ends one, and writes it up from then on.
fn close_some(agents: &mut [Agent]) -> BTreeSet<TicketId> {
    let mut closed = BTreeSet::new();
    for agent in agents.iter_mut().step_by(3) {
        let yours = agent.client.settle().into_iter().find_map(|frame| match frame {
            ServerFrame::Staff(StaffFrame::Yours(yours)) => Some(yours.ticket),
            _ => None,
        });
        if let Some(ticket) = yours {
            agent.client.advance(ticket, Step::Close, "solved").unwrap();
            closed.insert(ticket);
        }
    }
    closed
}

/// Everybody connects again and finds things as they were; what is offered to agents who came early is the answer.
fn come_back(engine: &Engine, agents: &mut [Agent], customers: &mut [Customer]) -> BTreeSet<TicketId> {
    let mut offered = BTreeSet::new();
    for agent in agents {
        let (mut client, _) = Client::hello(engine, &agent.token, "");
        let mut has = desk(&mut client);
        offered.append(&mut has.offers);
        let had = Desk { offers: BTreeSet::new(), ..agent.had.clone() };
        assert_eq!(has, had);
        agent.client = client;
    }
    for (number, customer) in customers.iter_mut().enumerate() {
        let (mut client, _) = Client::hello(engine, &customer.token, "");
        let events = client.join(customer.ticket, 1 + number as u128, 0).unwrap();
        assert_eq!(events.len(), customer.seen, "{events:#?}");
        customer.client = client;
    }
    offered
}

/// B27: statuses and their labels, tickets, arrival times and ends of wrap-ups are as before, offers are made again; nothing
/// went back to the queue, nothing was abandoned, and who comes at once is not told that nobody is there.
#[test]
fn a_restart_is_no_absence() {
    let scale = match is_long() {
        true => Scale { agents: 400, customers: 2_000, grace_s: 40 },
        false => Scale { agents: 16, customers: 60, grace_s: 4 },
    };
    let mut engine = Engine::start();
    let graces = format!(r#""agent_grace_s":{0},"customer_grace_s":{0}"#, scale.grace_s);
    engine.set_rules(
        "general",
        &format!(r#"{{"mode":"automatic","wrap_up_s":3600,"unavailable_text":"nobody",{graces}}}"#),
    );
    engine.set_rules("billing", &format!(r#"{{"mode":"offer","offer_s":3600,{graces}}}"#));
    engine.set_rules("technical", &format!(r#"{{"mode":"manual",{graces}}}"#));
    let mut agents = agents(&engine, scale);
    let mut customers = customers(&engine, scale);
    let closed = close_some(&mut agents);
    for agent in &mut agents {
        let (mut again, _) = Client::hello(&engine, &agent.token, "");
        agent.had = desk(&mut again);
        agent.client = again;
    }
    for (number, customer) in customers.iter_mut().enumerate() {
        customer.seen = customer.client.join(customer.ticket, 1 + number as u128, 0).unwrap().len();
    }
    let queued = queue(&engine);
    let by_hand = customers.iter().skip(2).step_by(4).map(|customer| customer.ticket);
    assert!(by_hand.clone().all(|ticket| queued.iter().any(|(waits, _)| *waits == ticket)), "{queued:?}");

    engine.kill();
    std::thread::sleep(Duration::from_secs(scale.grace_s + 1));
    engine.restart();
    let (mut late, _) = Client::customer(&engine, "Late");
    let ticket = late.start_chat("general", 1).unwrap();
    late.advance(ticket, Step::Abandon, "").unwrap();

    let mut offered = come_back(&engine, &mut agents, &mut customers);
    // What is offered again may be offered to one who came before: he is asked once more.
    for agent in &mut agents {
        offered.extend(agent.client.settle().into_iter().filter_map(|frame| match frame {
            ServerFrame::Staff(StaffFrame::Offered(offer)) => Some(offer.ticket),
            _ => None,
        }));
    }
    assert_eq!(queue(&engine), queued);
    let offered_before: BTreeSet<TicketId> = agents.iter().flat_map(|agent| agent.had.offers.clone()).collect();
    assert!(offered.is_superset(&offered_before) && !offered_before.is_empty(), "{offered:?} {offered_before:?}");
    // Until everybody's grace is over nothing moves; each says something now and then, so as not to be taken for gone.
    let until = Instant::now() + Duration::from_secs(scale.grace_s + 1);
    while Instant::now() < until {
        agents.iter_mut().for_each(|agent| drop(agent.client.settle()));
        for customer in &mut customers {
            let moved: Vec<ServerFrame> = customer.client.settle().into_iter().filter(is_move).collect();
            assert!(moved.is_empty(), "{moved:#?}");
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    let wrap_ups: usize = agents.iter().map(|agent| agent.had.wrap_ups.len()).sum();
    let words = format!(
        "{} agents and {} customers over a kill of {} s: {} tickets held, {} waiting, {} offered, {wrap_ups} written up",
        scale.agents,
        scale.customers,
        scale.grace_s + 1,
        agents.iter().map(|agent| agent.had.tickets.len()).sum::<usize>(),
        queued.len(),
        offered_before.len()
    );
    assert!(!closed.is_empty() && wrap_ups == closed.len(), "{wrap_ups} {closed:?}");
    row("a restart under a full floor", &words, 0);
}

/// An event that a restart must not bring about.
fn is_move(frame: &ServerFrame) -> bool {
    matches!(
        frame,
        ServerFrame::Public(
            PublicFrame::Advanced(_)
                | PublicFrame::Assigned(_)
                | PublicFrame::TurnedAway(_)
                | PublicFrame::CustomerTold(_)
        )
    )
}
