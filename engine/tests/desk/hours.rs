//! When a category serves and what its customers are told, from outside: turned away, waiting too long, by message.

use deskwire_protocol::kinds::{self, PublicFrame, StaffFrame};
use deskwire_protocol::{
    Closure, Phase, PhaseWish, Priority, Refusal, ServerFrame, StageName, Step, StreamId, TellCause, TicketId,
};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;

/// A customer whose e-mail address is known.
pub fn reachable(engine: &Engine, name: &str) -> (Client, kinds::Welcome) {
    let mut client = Client::connect(engine.address);
    client.send(kinds::Hello { token: String::new(), name: name.into(), email: "carl@example.org".into() });
    let welcome = client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Welcome(welcome)) => Some(welcome.clone()),
        _ => None,
    });
    (client, welcome)
}

pub fn set_rules(engine: &Engine, category: &str, rules: Value) {
    let admin = Caller::staff(engine, "admin");
    let (status, answer) = admin.ask("PUT", &format!("/admin/categories/{category}/rules"), "", rules);
    assert_eq!(status, 200, "{answer}");
}

pub fn open_with(key: u128, phase: PhaseWish) -> kinds::OpenWith {
    kinds::OpenWith {
        request: 70,
        key: StreamId(key),
        category: "general".into(),
        priority: Priority::Normal,
        phase,
        skills: Vec::new(),
        subject: "Help".into(),
        text: "my printer burns".into(),
    }
}

/// What an opening comes to: a ticket, or why not.
pub fn opened(client: &mut Client, open: kinds::OpenWith) -> Result<TicketId, kinds::TurnedAway> {
    let number = open.request;
    client.send(open);
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::TicketReady(ready)) if ready.request == number => Some(Ok(ready.ticket)),
        ServerFrame::Public(PublicFrame::TurnedAway(away)) if away.request == number => Some(Err(away.clone())),
        _ => None,
    })
}

fn told(client: &mut Client) -> kinds::CustomerTold {
    client.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::CustomerTold(told)) => Some(told.clone()),
        _ => None,
    })
}

fn leave_message(client: &mut Client, ticket: TicketId) -> Result<(), kinds::Refused> {
    let request = client.request();
    client.send(kinds::LeaveMessage { request, ticket });
    client.done(request)
}

/// B25, B05, B26: out of hours a chat is turned away with the category's text, by socket and by HTTP; a message is taken
/// all the same and waits for an agent, whose asynchronous slot it uses. A ticket that is there is never turned away.
#[test]
fn out_of_hours_a_chat_is_turned_away_and_a_message_is_taken() {
    let engine = Engine::start();
    let (mut carl, welcome) = reachable(&engine, "Carl");
    let before = opened(&mut carl, open_with(1, PhaseWish::Live)).unwrap();
    set_rules(
        &engine,
        "general",
        json!({ "hours": "2999-01-01 09:00-17:00; zone UTC", "unavailable_text": "We sleep." }),
    );
    assert_eq!(opened(&mut carl, open_with(1, PhaseWish::Live)), Ok(before), "a repeat is the same chat");
    let away = opened(&mut carl, open_with(2, PhaseWish::Live)).unwrap_err();
    assert_eq!((away.cause, away.text.as_str(), away.may_leave_message), (Closure::Closed, "We sleep.", true));
    let by_http = Caller::new(&engine, welcome.token);
    let body = json!({ "category": "general", "phase": "live" });
    let (status, answer) = by_http.ask("POST", "/tickets", "k", body);
    assert_eq!((status, &answer["kind"], &answer["cause"]), (409, &json!("turned_away"), &json!("closed")));
    let (mut cora, _) = Client::customer(&engine, "Cora");
    assert!(!opened(&mut cora, open_with(3, PhaseWish::Live)).unwrap_err().may_leave_message);
    cora.send(open_with(3, PhaseWish::Asynchronous));
    assert_eq!(cora.ready(70).unwrap_err().code, Refusal::Unreachable.number(), "nobody could answer her");

    let message = opened(&mut carl, open_with(2, PhaseWish::Asynchronous)).unwrap();
    let events = carl.join(message, 2, 0).unwrap();
    assert!(matches!(&events[1], PublicFrame::OwnMessage(own) if own.text == "my printer burns" && own.number == 1));
    carl.post(message, 2, "and smokes");
    assert_eq!(carl.acknowledged(message, 2).unwrap(), 3, "he may go on before anybody has it");
    let mut agent = Client::agent(&engine, "alice");
    let mine = [agent.yours(), agent.yours()];
    assert!(mine.contains(&message) && mine.contains(&before), "{mine:?}");
    agent.wait(|frame| match frame {
        ServerFrame::Staff(StaffFrame::YourSlots(slots)) if (slots.live_used, slots.asynchronous_used) == (1, 1) => {
            Some(())
        }
        _ => None,
    });
}

/// B05, B27: with nobody on duty a chat is turned away, but not before all have had their time to come back.
#[test]
fn with_nobody_on_duty_a_chat_is_turned_away_once_that_is_known() {
    let mut engine = Engine::start();
    set_rules(&engine, "general", json!({ "agent_grace_s": 2 }));
    let (mut carl, welcome) = reachable(&engine, "Carl");
    engine.kill();
    engine.restart();
    (carl, _) = {
        drop(carl);
        Client::hello(&engine, &welcome.token, "")
    };
    let waiting = opened(&mut carl, open_with(1, PhaseWish::Live)).expect("a restart is no absence");
    carl.join(waiting, 11, 0).unwrap();
    let notice = told(&mut carl);
    assert_eq!((notice.cause, notice.may_wait, notice.may_leave_message), (TellCause::Nobody, true, true));
    let away = opened(&mut carl, open_with(2, PhaseWish::Live)).unwrap_err();
    assert_eq!(away.cause, Closure::Nobody);
    let _agent = Client::agent(&engine, "alice");
    assert!(opened(&mut carl, open_with(2, PhaseWish::Live)).is_ok());
}

/// B31, B26: who waits for too long is told once, over a kill too; by one act his ticket goes on as a message, which no
/// absence of his ends.
#[test]
fn who_waits_for_too_long_is_told_and_may_leave_a_message() {
    let mut engine = Engine::start();
    let rules = json!({ "mode": "manual", "wait_max_s": 1, "full_text": "It takes long.", "customer_grace_s": 1 });
    set_rules(&engine, "general", rules);
    let _agent = Client::agent(&engine, "alice");
    let (mut carl, welcome) = reachable(&engine, "Carl");
    let ticket = opened(&mut carl, open_with(1, PhaseWish::Live)).unwrap();
    carl.join(ticket, 11, 0).unwrap();
    let notice = told(&mut carl);
    assert_eq!((notice.cause, notice.text.as_str(), notice.may_wait), (TellCause::WaitTooLong, "It takes long.", true));
    let (mut cora, _) = Client::customer(&engine, "Cora");
    assert_eq!(leave_message(&mut cora, ticket).unwrap_err().code, Refusal::UnknownTicket.number());
    let hers = opened(&mut cora, open_with(1, PhaseWish::Live)).unwrap();
    assert_eq!(leave_message(&mut cora, hers).unwrap_err().code, Refusal::Unreachable.number());

    assert_eq!(leave_message(&mut carl, ticket), Ok(()));
    assert_eq!(leave_message(&mut carl, ticket), Ok(()), "it is so already");
    carl.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::PhaseChanged(changed)) if changed.phase == Phase::Asynchronous => Some(()),
        _ => None,
    });
    drop((carl, cora));
    engine.wait_until("deskwire_queue_waiting", |waiting| waiting == 1.0);
    engine.kill();
    engine.restart();
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    let (mut carl, again) = Client::hello(&engine, &welcome.token, "");
    assert_eq!(again.tickets, [kinds::TicketLine { ticket, stage: StageName::Waiting }], "an absence does not end it");
    let events = carl.join(ticket, 12, 0).unwrap();
    let notices = events.iter().filter(|event| matches!(event, PublicFrame::CustomerTold(_))).count();
    assert_eq!(notices, 1, "told once");
    let mut agent = Client::agent(&engine, "alice");
    let request = agent.request();
    agent.send(kinds::Pick { request, ticket });
    agent.done(request).unwrap();
    assert_eq!(carl.advance(ticket, Step::Close, ""), Ok(()), "he may end it at any time");
}

/// B26: by HTTP alone one is not there to talk: what is opened so is a message, if its customer can be reached.
#[test]
fn what_is_opened_by_http_alone_is_a_message() {
    let engine = Engine::start();
    set_rules(&engine, "general", json!({ "mode": "manual" }));
    let mut agent = Client::agent(&engine, "alice");
    let phase = |customer: &Caller, key: &str, body: Value| {
        let (status, ready) = customer.ask("POST", "/tickets", key, body);
        assert_eq!(status, 201, "{ready}");
        let ticket: TicketId = ready["ticket"].as_str().unwrap().parse().unwrap();
        (ticket, if customer.act(ticket, "leave-message", Value::Null).0 == 204 { "a message" } else { "a chat" })
    };
    let body = json!({ "category": "general", "text": "help" });
    let (mut carl, welcome) = reachable(&engine, "Carl");
    let by_http = Caller::new(&engine, welcome.token);
    let (chat, _) = phase(&by_http, "with-a-socket", body.clone());
    assert_eq!(carl.join(chat, 11, 0).unwrap().len(), 3, "it was a chat until it was turned");
    drop(carl);
    engine.wait_until("deskwire_sockets_signed_in{role=\"customer\"}", |sockets| sockets == 0.0);
    let (message, _) = phase(&by_http, "without", body.clone());
    let (status, page) = by_http.get(&format!("/tickets/{message}/events"));
    let kinds: Vec<_> = page["events"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!((status, kinds), (200, vec![json!("opened"), json!("own_message")]), "nothing had to be turned");
    let (_, customer) = Client::customer(&engine, "Cora");
    let (_, is) = phase(&Caller::new(&engine, customer.token), "unreachable", body);
    assert_eq!(is, "a chat");
    let request = agent.request();
    agent.send(kinds::Pick { request, ticket: message });
    agent.done(request).unwrap();
}
