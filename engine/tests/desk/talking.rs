//! Two people talk: from the first word to the last, over several tabs, with history and typing.

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::{Refusal, ServerFrame, StageName, Step};

use crate::client::{Client, seq};
use crate::engine::Engine;

/// B01, B03, B08, B23, C01, C04, C07, C12: a chat from beginning to end.
#[test]
fn a_customer_and_an_agent_talk() {
    let engine = Engine::start();
    let mut agent = Client::agent(&engine, "alice");
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    customer.join(ticket, 11, 0).unwrap();
    let events = agent.join(ticket, 21, 0).unwrap();
    assert!(matches!(&events[0], PublicFrame::Opened(opened) if opened.name == "Carl" && opened.subject == "Help"));
    assert!(matches!(&events[1], PublicFrame::Assigned(assigned) if assigned.name == "Alice"));

    customer.post(ticket, 1, "hello");
    assert_eq!(customer.acknowledged(ticket, 1).unwrap(), 3);
    assert_eq!(agent.message(), (3, "hello".to_owned()));
    agent.send(kinds::Typing { ticket });
    customer.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::TypingNow(typing)) if typing.author == 1 => Some(()),
        _ => None,
    });
    agent.post(ticket, 1, "good day");
    assert_eq!(agent.acknowledged(ticket, 1).unwrap(), 4);
    assert_eq!(customer.message(), (4, "good day".to_owned()));

    agent.advance(ticket, Step::Close, "solved").unwrap();
    let closed = customer.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Advanced(advanced)) => Some(advanced.clone()),
        _ => None,
    });
    assert_eq!((closed.stage, closed.reason.as_str(), closed.author), (StageName::Closed, "solved", 1));
    customer.post(ticket, 2, "too late");
    assert_eq!(customer.acknowledged(ticket, 2).unwrap_err().code, Refusal::IllegalStep.number());
    customer.post(ticket, 1, "hello");
    assert_eq!(customer.acknowledged(ticket, 1).unwrap(), 3, "a repeat gets its first answer, after the end too");

    customer.send(kinds::ReadBack { ticket, before: 5 });
    let history = customer.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::History(history)) => Some(history.clone()),
        _ => None,
    });
    assert_eq!((history.events.frames().unwrap().len(), history.more), (4, false));
    assert_eq!(engine.metric("deskwire_matches_total{routing=\"automatic\"}"), 1.0);
}

/// C08, C11: every tab of a person shows the same room; only the sending connection is answered.
#[test]
fn several_tabs_show_the_same_room() {
    let engine = Engine::start();
    let (mut first, welcome) = Client::customer(&engine, "Carl");
    let (mut second, again) = Client::hello(&engine, &welcome.token, "");
    assert_eq!(again.person, welcome.person);
    let ticket = first.start_chat("technical", 1).unwrap();
    assert_eq!(second.start_chat("technical", 1).unwrap(), ticket, "the same key is the same chat");
    first.join(ticket, 11, 0).unwrap();
    second.join(ticket, 12, 0).unwrap();
    first.post(ticket, 1, "from one");
    second.post(ticket, 1, "from two");
    let seqs = [first.acknowledged(ticket, 1).unwrap(), second.acknowledged(ticket, 1).unwrap()];
    let own = |client: &mut Client| {
        client.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::OwnMessage(own)) => Some((own.seq, own.stream.0, own.text.clone())),
            _ => None,
        })
    };
    assert_eq!(own(&mut second), (seqs[0], 11, "from one".to_owned()));
    assert_eq!(own(&mut first), (seqs[1], 12, "from two".to_owned()));
}

/// C04, C10: ten thousand events behind, a client catches up while others post, gapless, and is never cut off.
#[test]
fn a_client_far_behind_catches_up_while_others_post() {
    let engine = Engine::start();
    let (mut writer, welcome) = Client::customer(&engine, "Carl");
    let ticket = writer.start_chat("technical", 1).unwrap();
    writer.join(ticket, 11, 0).unwrap();
    const BEHIND: u32 = 10_000;
    for number in 1..=BEHIND {
        writer.post(ticket, number, "one of many");
        if number > 30 {
            writer.acknowledged(ticket, number - 30).unwrap();
        }
    }
    writer.acknowledged(ticket, BEHIND).unwrap();
    writer.heard.clear();

    let (mut reader, _) = Client::hello(&engine, &welcome.token, "");
    let posting = std::thread::spawn(move || {
        for number in BEHIND + 1..=BEHIND + 1_000 {
            writer.post(ticket, number, "meanwhile");
            // About 500 a second.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        writer.acknowledged(ticket, BEHIND + 1_000).unwrap()
    });
    let mut seqs: Vec<u32> = reader.join(ticket, 12, 0).unwrap().iter().filter_map(seq).collect();
    let last = posting.join().unwrap();
    while *seqs.last().unwrap() < last {
        seqs.push(reader.message().0);
    }
    assert!(seqs.iter().copied().eq(1..=last), "every sequence once, in order");
}

/// B02: whoever waits is told his place.
#[test]
fn who_waits_hears_his_place() {
    let engine = Engine::start();
    let mut places = Vec::new();
    let mut waiting = Vec::new();
    for number in 1..=3 {
        let (mut customer, _) = Client::customer(&engine, "Carl");
        customer.start_chat("general", number).unwrap();
        places.push(customer.wait(|frame| match frame {
            ServerFrame::Public(PublicFrame::Position(position)) => Some(position.position),
            _ => None,
        }));
        waiting.push(customer);
    }
    assert_eq!(places, [1, 2, 3]);
    let mut agent = Client::agent(&engine, "alice");
    agent.yours();
    agent.yours();
    agent.yours();
    assert_eq!(engine.metric("deskwire_queue_waiting"), 0.0);
}
