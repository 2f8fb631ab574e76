//! Silence from outside, in short times: reminders, warnings, and what they end in; and what agents call their status.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{ServerFrame, SilenceLevel, StageName, Status, TellCause, TicketId};
use serde_json::json;

use crate::client::Client;
use crate::engine::Engine;
use crate::hours::set_rules;
use crate::http::Caller;

fn reminded(client: &mut Client) -> String {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::CustomerTold(told)) if told.cause == TellCause::Silent => {
            Some(told.text.clone())
        }
        _ => None,
    })
}

fn step(client: &mut Client) -> (StageName, String) {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Advanced(step)) => Some((step.stage, step.reason.clone())),
        _ => None,
    })
}

fn alarm(client: &mut Client) -> (TicketId, SilenceLevel, String) {
    client.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::SilenceAlarm(alarm)) => Some((alarm.ticket, alarm.level, alarm.name.clone())),
        _ => None,
    })
}

/// B28: a customer who was asked and says nothing is reminded, then the ticket is closed as `no_reply` and the slot is
/// free; a kill in between takes nothing and hurries nothing.
#[test]
fn a_customer_who_says_nothing_is_reminded_and_then_closed() {
    let mut engine = Engine::start();
    set_rules(
        &engine,
        "general",
        json!({ "customer_silent_s": 2, "customer_close_s": 3, "silent_text": "Still there?" }),
    );
    let mut agent = Client::agent(&engine, "alice");
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    carl.join(ticket, 11, 0).unwrap();
    agent.join(ticket, 21, 0).unwrap();
    agent.post(ticket, 1, "what is its number?");
    agent.acknowledged(ticket, 1).unwrap();
    assert_eq!(reminded(&mut carl), "Still there?");
    carl.post(ticket, 1, "wait");
    carl.acknowledged(ticket, 1).unwrap();
    agent.post(ticket, 2, "I wait");
    agent.acknowledged(ticket, 2).unwrap();
    assert_eq!(reminded(&mut carl), "Still there?", "again, for another silence");
    drop((carl, agent));
    engine.kill();
    engine.restart();
    let mut agent = Client::agent(&engine, "alice");
    assert_eq!(agent.yours(), ticket);
    let (mut carl, again) = Client::hello(&engine, &welcome.token, "");
    assert_eq!(again.tickets[0].stage, StageName::Assigned);
    carl.join(ticket, 11, 4_294_967_295).unwrap();
    assert_eq!(step(&mut carl), (StageName::Closed, "no_reply".to_owned()));
    agent.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourSlots(slots)) if slots.live_used == 0 => Some(()),
        _ => None,
    });
    let reminders = carl.join(ticket, 12, 0).unwrap();
    let reminders = reminders.iter().filter(|event| matches!(event, PublicFrame::CustomerTold(_))).count();
    assert_eq!(reminders, 2);
}

/// B28: an agent who owes an answer is warned, the supervisors are told, and another gets the ticket; the customer sees
/// nothing of the warnings.
#[test]
fn an_agent_who_owes_an_answer_is_warned_and_then_loses_the_ticket() {
    let engine = Engine::start();
    let rules = json!({ "agent_silent_s": 1, "agent_escalate_s": 1, "agent_requeue_s": 1 });
    set_rules(&engine, "general", rules);
    let mut alice = Client::agent(&engine, "alice");
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let mut bob = Client::agent(&engine, "bob");
    carl.join(ticket, 11, 0).unwrap();
    alice.join(ticket, 21, 0).unwrap();
    carl.post(ticket, 1, "is anybody there?");
    carl.acknowledged(ticket, 1).unwrap();
    assert_eq!(alarm(&mut alice), (ticket, SilenceLevel::Warned, "Alice".to_owned()));
    alice.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::AgentSilent(silent)) if silent.level == SilenceLevel::Warned => Some(()),
        _ => None,
    });
    assert_eq!(alarm(&mut sam), (ticket, SilenceLevel::Escalated, "Alice".to_owned()));
    assert_eq!(step(&mut carl), (StageName::Waiting, "agent_silent".to_owned()));
    assert_eq!(bob.yours(), ticket, "not to her again while another is there");
    let events = bob.join_all(ticket, 31, 0).unwrap();
    let silent = events.iter().filter(|event| matches!(event, ServerFrame::Staff(StaffFrame::AgentSilent(_)))).count();
    assert_eq!(silent, 2);
    let seen = carl.join(ticket, 12, 0).unwrap();
    assert!(seen.iter().filter_map(crate::client::seq).eq(1..=seen.len() as u32), "no gap tells of it");
    assert_eq!(engine.metric("deskwire_invariant_violations_total{invariant=\"over_capacity\"}"), 0.0);
}

/// B27: a status has a reason or a name of the agent's own, by socket and by HTTP, over a kill; it is told with the
/// status, and gone with the next.
#[test]
fn a_status_has_a_name_that_survives_a_kill() {
    let mut engine = Engine::start();
    let token = engine.sign_in("alice");
    let (mut alice, _) = Client::hello(&engine, &token, "");
    let told = |client: &mut Client, status: Status, label: &str| {
        client.wait(|frame| match frame {
            ServerFrame::Staff(StaffFrame::YourLabel(it)) if (it.status, it.label.as_str()) == (status, label) => {
                Some(())
            }
            _ => None,
        });
    };
    let request = alice.request();
    alice.send(kinds::SetStatusWith { request, status: Status::Away, label: "lunch".into() });
    alice.done(request).unwrap();
    told(&mut alice, Status::Away, "lunch");
    engine.kill();
    engine.restart();
    let (mut alice, _) = Client::hello(&engine, &token, "");
    told(&mut alice, Status::Away, "lunch");
    let by_http = Caller::staff(&engine, "alice");
    let name = json!({ "status": "available", "label": "only printers" });
    assert_eq!(by_http.ask("PUT", "/me/status", "", name).0, 204);
    told(&mut alice, Status::Available, "only printers");
    assert_eq!(by_http.get("/me").1["label"], "only printers");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket, "whatever it is called, she takes tickets");
    let request = alice.request();
    alice.send(kinds::SetStatus { request, status: Status::Busy });
    alice.done(request).unwrap();
    told(&mut alice, Status::Busy, "");
    let long = json!({ "status": "away", "label": "x".repeat(41) });
    assert_eq!(by_http.ask("PUT", "/me/status", "", long).0, 422);
}
