//! Routing explained: why a ticket has this agent or none, and why an agent gets nothing.

use deskwire_protocol::kinds::{self, MyRouting, RoutingExplained, StaffFrame};
use deskwire_protocol::{Obstacle, Refusal, Routing, ServerFrame, Status, TicketId};

use crate::client::Client;
use crate::engine::Engine;

fn ask(client: &mut Client, ticket: TicketId) -> Result<RoutingExplained, kinds::Refused> {
    let request = client.request();
    client.send(kinds::AskRouting { request, ticket });
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::RoutingExplained(routing)) if routing.request == request => {
            Some(Ok(routing.clone()))
        }
        ServerFrame::Public(kinds::PublicFrame::Refused(refused)) if refused.request == request => {
            Some(Err(refused.clone()))
        }
        _ => None,
    })
}

fn ask_mine(client: &mut Client) -> MyRouting {
    let request = client.request();
    client.send(kinds::AskMyRouting { request });
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::MyRouting(mine)) if mine.request == request => Some(mine.clone()),
        _ => None,
    })
}

fn count(routing: &RoutingExplained, obstacle: Obstacle) -> u32 {
    routing.counts.iter().find(|count| count.obstacle == obstacle).map_or(0, |count| count.agents)
}

/// B24: a ticket that was given names who got it, who else could, and what it was decided by.
#[test]
fn a_decision_names_who_else_there_was() {
    let engine = Engine::start();
    let mut agents = [Client::agent(&engine, "alice"), Client::agent(&engine, "bob")];
    let (mut supervisor, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agents[0].yours(), ticket, "both were idle, and she came first");
    let routing = ask(&mut supervisor, ticket).unwrap();
    assert_eq!((routing.routing, routing.position), (Routing::Automatic, 0));
    let candidates: Vec<_> = routing.candidates.iter().map(|one| (one.name.as_str(), one.obstacle)).collect();
    assert_eq!(candidates, [("Alice", Obstacle::Chosen), ("Bob", Obstacle::Turn)]);
    assert_eq!((routing.agent, count(&routing, Obstacle::Turn)), (routing.candidates[0].agent, 1));
    assert!(ask(&mut agents[0], ticket).is_ok(), "it is hers");
    let no = ask(&mut agents[1], ticket).unwrap_err();
    assert_eq!(no.code, Refusal::UnknownTicket.number(), "he may not read it");
    assert_eq!(ask(&mut customer, ticket).unwrap_err().code, Refusal::Forbidden.number());
    assert_eq!(ask(&mut supervisor, TicketId(7)).unwrap_err().code, Refusal::UnknownTicket.number());
}

/// B24: a ticket that waits says what keeps each agent from it, and an agent hears why he gets nothing.
#[test]
fn who_waits_and_who_gets_nothing_learns_why() {
    let engine = Engine::start();
    let mut alice = Client::agent(&engine, "alice");
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let by_hand = customer.start_chat("technical", 1).unwrap();
    let routing = ask(&mut alice, by_hand).unwrap();
    assert_eq!((routing.position, count(&routing, Obstacle::ByHand)), (1, 1));
    let mine = ask_mine(&mut alice);
    let heads: Vec<_> = mine.heads.iter().map(|head| (head.ticket, head.category.as_str(), head.obstacle)).collect();
    assert_eq!(heads, [(by_hand, "technical", Obstacle::ByHand)]);
    assert_eq!((mine.obstacle, mine.heads[0].waiting), (Obstacle::Turn, 1));
    let request = alice.request();
    alice.send(kinds::SetStatus { request, status: Status::Busy });
    alice.done(request).unwrap();
    let waits = customer.start_chat("general", 2).unwrap();
    let routing = ask(&mut alice, waits).unwrap();
    assert_eq!(routing.candidates[0].obstacle, Obstacle::Away);
    assert_eq!(ask_mine(&mut alice).obstacle, Obstacle::Away);
}
