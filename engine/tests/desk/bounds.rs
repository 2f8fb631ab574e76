//! Bounds of ARCHITECTURE's table that a client can meet: what he is told there, and what goes on.

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::limits::{
    JOINED_PER_CONNECTION_MAX, OPEN_TICKETS_PER_CUSTOMER_MAX, SOCKETS_PER_PERSON_MAX, TEXT_BYTES_MAX,
};
use deskwire_protocol::{CloseCode, Refusal, ServerFrame, Step, TicketId};
use serde_json::json;

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;

/// The limit SOCKETS_PER_PERSON_MAX.
#[test]
fn one_socket_too_many_closes_a_persons_oldest() {
    let engine = Engine::start();
    let (mut oldest, welcome) = Client::customer(&engine, "Carl");
    let mut more: Vec<Client> =
        (1..SOCKETS_PER_PERSON_MAX).map(|_| Client::hello(&engine, &welcome.token, "").0).collect();
    oldest.settle();
    let (mut last, _) = Client::hello(&engine, &welcome.token, "");
    assert_eq!(oldest.closed(), CloseCode::Replaced.number());
    more.iter_mut().chain([&mut last]).for_each(|client| drop(client.settle()));
}

/// The limit JOINED_PER_CONNECTION_MAX.
#[test]
fn a_connection_hears_so_many_tickets_and_no_more() {
    let engine = Engine::start();
    let (mut admin, _) = Client::hello(&engine, &engine.sign_in("admin"), "");
    let mut tickets: Vec<TicketId> = Vec::new();
    while tickets.len() <= JOINED_PER_CONNECTION_MAX {
        let (mut customer, _) = Client::customer(&engine, "Carl");
        tickets.extend(
            (1..=OPEN_TICKETS_PER_CUSTOMER_MAX as u128).map(|key| customer.start_chat("technical", key).unwrap()),
        );
    }
    for ticket in &tickets[..JOINED_PER_CONNECTION_MAX] {
        admin.join(*ticket, 1, 0).unwrap();
    }
    let next = tickets[JOINED_PER_CONNECTION_MAX];
    assert_eq!(admin.join(next, 1, 0).unwrap_err().code, Refusal::JoinedFull.number());
    admin.send(kinds::Leave { ticket: tickets[0] });
    admin.join(next, 1, 0).unwrap();
}

/// The limit `actors.rooms`.
#[test]
fn with_every_room_in_use_one_more_is_busy_until_one_leaves() {
    let engine = Engine::with(&[("ACTORS_ROOMS", "2")]);
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let first = customer.start_chat("technical", 1).unwrap();
    customer.start_chat("technical", 2).unwrap();
    let no = customer.start_chat("technical", 3).unwrap_err();
    assert_eq!(no.code, Refusal::Busy.number());
    assert!(no.retry_ms > 0);
    customer.advance(first, Step::Close, "").unwrap();
    engine.wait_until("deskwire_actors{actor=\"room\"}", |rooms| rooms < 2.0);
    customer.start_chat("technical", 3).unwrap();
}

/// C04: whoever reads a log page by page finds its room there: it replays once, not for each page. One that fits a page
/// leaves at once.
#[test]
fn the_room_of_a_log_that_is_over_stays_for_who_reads_it_page_by_page() {
    const ROOMS: &str = "deskwire_actors{actor=\"room\"}";
    let engine = Engine::with(&[("ACTORS_IDLE_SECONDS", "4")]);
    let (mut customer, welcome) = Client::customer(&engine, "Carl");
    let carl = Caller::new(&engine, welcome.token);
    let over = |customer: &mut Client, key: u128, posts: u32| {
        let ticket = customer.start_chat("technical", key).unwrap();
        customer.join(ticket, key, 0).unwrap();
        for number in 1..=posts {
            customer.post(ticket, number, "on and on");
            customer.acknowledged(ticket, number).unwrap();
        }
        customer.advance(ticket, Step::Close, "").unwrap();
        customer.send(kinds::Leave { ticket });
        ticket
    };
    let short = over(&mut customer, 1, 100);
    engine.wait_until(ROOMS, |rooms| rooms == 0.0);
    let long = over(&mut customer, 2, 250);
    for (ticket, after, stay) in [(short, 0, 0.0), (long, 0, 1.0), (long, 200, 1.0)] {
        let (status, page) = carl.get(&format!("/tickets/{ticket}/events?after={after}"));
        assert_eq!((status, &page["events"][0]["seq"]), (200, &json!(after + 1)), "{page}");
        engine.wait_until(ROOMS, |rooms| rooms == stay);
    }
    engine.wait_until(ROOMS, |rooms| rooms == 0.0);
}

/// C08; the limit `store.busy_ms`: a post is refused before the room, those behind it are dropped, none is lost.
#[test]
fn a_post_that_comes_while_the_disk_is_behind_is_busy_and_comes_again_in_order() {
    const BURST: u32 = 30;
    let engine = Engine::with(&[("STORE_BUSY_MS", "1")]);
    let (mut customer, _) = Client::customer(&engine, "Carl");
    // To open is refused as a post is.
    let ticket = (0..).find_map(|_| customer.start_chat("technical", 1).ok()).unwrap();
    customer.join(ticket, 11, 0).unwrap();
    let (mut next, mut refused) = (1, 0);
    while refused < 3 || next < 3 * BURST {
        assert!(next < 20_000, "a disk that is never behind by a millisecond");
        let burst = next..next + BURST;
        for number in burst.clone() {
            customer.post(ticket, number, &number.to_string().repeat(TEXT_BYTES_MAX / 4 / number.to_string().len()));
        }
        for number in burst {
            let Err(no) = customer.acknowledged(ticket, number) else {
                next = number + 1;
                continue;
            };
            assert_eq!(no.code, Refusal::Busy.number(), "{no:?}");
            assert!(no.retry_ms > 0);
            refused += 1;
            break;
        }
        let answers = customer.settle();
        let of_a_post = |frame: &&ServerFrame| match frame {
            ServerFrame::Public(PublicFrame::Acknowledged(_)) => true,
            ServerFrame::Public(PublicFrame::Refused(no)) => no.number != 0,
            _ => false,
        };
        assert_eq!(answers.iter().find(of_a_post), None, "nothing behind a refused number is answered");
    }
    let (mut reader, numbers) = (customer, 1..next);
    let kept: Vec<String> = reader.join(ticket, 12, 1).unwrap().into_iter().filter_map(text).collect();
    let said = numbers.map(|number| number.to_string());
    assert!(kept.iter().zip(said).all(|(kept, said)| kept.starts_with(&said)));
    assert_eq!(kept.len(), next as usize - 1);
}

fn text(frame: PublicFrame) -> Option<String> {
    match frame {
        PublicFrame::OwnMessage(own) => Some(own.text),
        _ => None,
    }
}
