//! The queue from outside: picks, watching, and the life of a ticket.

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::words::QueueExit;
use deskwire_protocol::{Refusal, ServerFrame, Status, Step, TicketId};

use crate::client::Client;
use crate::engine::Engine;

/// B06, B07, B13, B15: two agents pick at once, exactly one gets it, both see the queue change.
#[test]
fn two_picks_at_once_have_one_winner() {
    let engine = Engine::start();
    let mut agents = [Client::agent(&engine, "alice"), Client::agent(&engine, "bob")];
    for agent in &mut agents {
        let request = agent.request();
        agent.send(kinds::WatchQueue { request, on: true });
        agent.done(request).unwrap();
    }
    for round in 1..=10 {
        let (mut customer, _) = Client::customer(&engine, "Carl");
        let ticket = customer.start_chat("technical", round).unwrap();
        for agent in &mut agents {
            agent.wait(|frame| match frame {
                ServerFrame::Staff(StaffFrame::QueueEntry(entry)) if entry.ticket == ticket => Some(()),
                _ => None,
            });
        }
        let requests = agents.each_mut().map(|agent| {
            let request = agent.request();
            agent.send(kinds::Pick { request, ticket });
            request
        });
        let results: Vec<_> = agents.iter_mut().zip(requests).map(|(agent, request)| agent.done(request)).collect();
        let winners = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(winners, 1, "{results:?}");
        let lost = results.iter().find_map(|result| result.as_ref().err()).unwrap();
        assert_eq!(lost.code, Refusal::Taken.number(), "{lost:?}");
        assert!(lost.detail.contains("assigned"), "it names the stage: {}", lost.detail);
        for agent in &mut agents {
            agent.wait(|frame| match frame {
                ServerFrame::Staff(StaffFrame::QueueGone(gone)) if gone.ticket == ticket => Some(()),
                _ => None,
            });
        }
        let winner = results.iter().position(Result::is_ok).unwrap();
        agents[winner].advance(ticket, Step::Close, "").unwrap();
    }
    assert_eq!(engine.metric("deskwire_invariant_violations_total{invariant=\"two_owners\"}"), 0.0);
}

/// B06, B20: a ticket whose customer leaves the queue goes from the view of all who watch it, and says why.
#[test]
fn an_abandoned_ticket_leaves_the_queue_view() {
    let engine = Engine::start();
    let mut agents = [Client::agent(&engine, "alice"), Client::agent(&engine, "bob")];
    for agent in &mut agents {
        // Who asks again and again is shown no more than who asks once.
        for _ in 0..20 {
            let request = agent.request();
            agent.send(kinds::WatchQueue { request, on: true });
            agent.done(request).unwrap();
        }
    }
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    for agent in &mut agents {
        let entered = |frame: &ServerFrame| match frame {
            ServerFrame::Staff(StaffFrame::QueueEntry(entry)) if entry.ticket == ticket => Some(()),
            _ => None,
        };
        agent.wait(entered);
    }
    customer.advance(ticket, Step::Abandon, "").unwrap();
    for agent in &mut agents {
        let exit = agent.wait(|frame| match frame {
            ServerFrame::Staff(StaffFrame::QueueGone(gone)) if gone.ticket == ticket => Some(gone.exit),
            _ => None,
        });
        assert_eq!(exit, QueueExit::Abandoned);
    }
    let (mut late, _) = Client::hello(&engine, &engine.sign_in("agent-001"), "");
    let request = late.request();
    late.send(kinds::WatchQueue { request, on: true });
    late.done(request).unwrap();
    let second = customer.start_chat("technical", 2).unwrap();
    let first = late.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::QueueEntry(entry)) => Some(entry.ticket),
        _ => None,
    });
    assert_eq!(first, second, "who comes later is not shown it");
}

/// B14: nobody gets more than his slots; what is freed is given on in order.
#[test]
fn a_full_agent_gets_the_next_ticket_when_one_closes() {
    let engine = Engine::start();
    let mut agent = Client::agent(&engine, "alice");
    const SLOTS: u128 = 12;
    let mut customers = Vec::new();
    let mut tickets = Vec::new();
    for key in 1..=SLOTS + 2 {
        let (mut customer, _) = Client::customer(&engine, "Carl");
        tickets.push(customer.start_chat("general", key).unwrap());
        customers.push(customer);
    }
    let mine: Vec<_> = (0..SLOTS).map(|_| agent.yours()).collect();
    assert_eq!(mine, tickets[..SLOTS as usize]);
    let more = agent.settle();
    assert!(!more.iter().any(|frame| matches!(frame, ServerFrame::Staff(StaffFrame::Yours(_)))), "{more:?}");
    agent.advance(tickets[5], Step::Close, "").unwrap();
    assert_eq!(agent.yours(), tickets[SLOTS as usize], "in the order of arrival");
    agent.advance(tickets[6], Step::Hold, "").unwrap();
    agent.settle();
    agent.advance(tickets[7], Step::Requeue, "").unwrap();
    assert_eq!(agent.yours(), tickets[7], "it came back to its original place, before those who came later");
}

/// D02: an illegal step names both states.
#[test]
fn an_illegal_step_is_refused_by_name() {
    let engine = Engine::start();
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    agent.yours();
    let no = agent.advance(ticket, Step::Resume, "").unwrap_err();
    assert_eq!(no.code, Refusal::IllegalStep.number());
    assert!(no.detail.contains("resume") && no.detail.contains("Assigned"), "{}", no.detail);
    agent.advance(ticket, Step::Pend, "").unwrap();
    agent.advance(ticket, Step::Hold, "").unwrap();
    agent.advance(ticket, Step::Resume, "").unwrap();
    customer.advance(ticket, Step::Close, "").unwrap();
    customer.advance(ticket, Step::Reopen, "").unwrap();
    assert_eq!(agent.yours(), ticket);
}

/// F04: a connection of an agent hears once how the desk sees him, and each ticket that is his; his others hear nothing.
#[test]
fn an_agent_who_comes_back_hears_once_what_is_so() {
    let engine = Engine::start();
    let token = engine.sign_in("alice");
    let come = || {
        let (mut tab, welcome) = Client::hello(&engine, &token, "");
        assert_eq!(welcome.tickets, []);
        let heard = heard_at_the_queue(&mut tab);
        (tab, heard)
    };
    let (mut first, (states, tickets)) = come();
    assert_eq!((states.len(), tickets), (1, vec![]));
    first.send(kinds::SetStatus { request: 901, status: Status::Available });
    first.done(901).unwrap();
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(first.yours(), ticket);
    heard_at_the_queue(&mut first);
    let is_so = kinds::YourState { status: Status::Available, slots: states[0].slots, active: 1 };
    let (second, heard) = come();
    assert_eq!(heard, (vec![is_so.clone()], vec![ticket]));
    assert_eq!(heard_at_the_queue(&mut first), (vec![], vec![]), "nothing is new to the first tab");
    drop((first, second));
    engine.wait_until("deskwire_sockets_signed_in{role=\"agent\"}", |sockets| sockets == 0.0);
    let (_again, heard) = come();
    assert_eq!(heard, (vec![is_so], vec![ticket]), "a reload");
}

/// What an agent's connection has heard of himself, up to an answer of the dispatcher's.
fn heard_at_the_queue(agent: &mut Client) -> (Vec<kinds::YourState>, Vec<TicketId>) {
    let request = agent.request();
    agent.send(kinds::WatchQueue { request, on: false });
    agent.done(request).unwrap();
    let (mut states, mut tickets) = (Vec::new(), Vec::new());
    for frame in std::mem::take(&mut agent.heard) {
        match frame {
            ServerFrame::Staff(StaffFrame::YourState(state)) => states.push(state),
            ServerFrame::Staff(StaffFrame::Yours(yours)) => tickets.push(yours.ticket),
            _ => {}
        }
    }
    (states, tickets)
}
