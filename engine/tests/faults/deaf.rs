//! One of many who hear a ticket stops reading: he is cut off, and the others do not notice.

use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use deskwire_protocol::{CloseCode, TicketId};
use socket2::{Domain, Socket, Type};

use crate::client::Client;
use crate::engine::Engine;

const AGENTS: usize = 25;
const SOCKETS_EACH: usize = 10;
/// Posts while all read; then at most so many until the one who does not is cut off.
const BEFORE: u32 = 40;
const UNTIL_CUT_MAX: u32 = 1_500;
const EVERY: Duration = Duration::from_millis(33);
const TEXT_BYTES: usize = 4_096;
/// A segment as on a real network: over loopback the kernel would hold megabytes for who does not read.
const SEGMENT: u32 = 1_400;

/// The last post.
const END: &str = "that was all";

/// How long each post took to one listener, in its order.
type Delays = Vec<Duration>;

/// A connection whose kernel keeps little for it.
pub fn narrow(address: SocketAddr) -> Client {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.set_tcp_mss(SEGMENT).unwrap();
    socket.connect(&address.into()).unwrap();
    Client::over(TcpStream::from(socket), address, "/ws", "deskwire.v1")
}

/// What a listener does: everything comes, in order, and nothing else.
fn listen(mut client: Client, first: u32, begun: Instant) -> Delays {
    let mut delays = Vec::new();
    loop {
        let (seq, text) = client.message();
        assert_eq!(seq, first + delays.len() as u32);
        if text == END {
            return delays;
        }
        let words: Vec<u64> = text.split(' ').take(2).map(|word| word.parse().unwrap()).collect();
        assert_eq!(words[0], delays.len() as u64);
        delays.push(begun.elapsed() - Duration::from_micros(words[1]));
    }
}

/// Signed in and listening, `SOCKETS_EACH` for each token; the last of all is narrow.
fn listeners(engine: &Engine, ticket: TicketId) -> Vec<Client> {
    let tokens: Vec<String> = (1..=AGENTS).map(|number| engine.sign_in(&format!("agent-{number:03}"))).collect();
    let all = AGENTS * SOCKETS_EACH;
    let one = |index: usize| {
        let mut client = if index + 1 == all { narrow(engine.address) } else { Client::connect(engine.address) };
        client.greet(&tokens[index / SOCKETS_EACH], "");
        client.join(ticket, 1_000 + index as u128, 0).unwrap();
        client
    };
    (0..all).map(one).collect()
}

fn p99(mut delays: Delays) -> f64 {
    delays.sort();
    delays[delays.len() * 99 / 100].as_secs_f64() * 1e3
}

/// G04, D03: the outbox of one is his own.
#[test]
fn one_of_250_who_stops_reading_is_cut_off_and_the_others_have_everything_in_order() {
    let engine = Engine::start();
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("technical", 1).unwrap();
    customer.join(ticket, 11, 0).unwrap();
    let mut clients = listeners(&engine, ticket);
    let mut deaf = clients.pop().unwrap();
    let (begun, others) = (Instant::now(), clients.len());
    let listening = clients
        .into_iter()
        .map(|client| thread::Builder::new().stack_size(256 << 10).spawn(move || listen(client, 2, begun)).unwrap());
    let listening: Vec<_> = listening.collect();

    let (filler, mut posts) = ("x".repeat(TEXT_BYTES), 0);
    let mut post = |text: &str| {
        posts += 1;
        thread::sleep((begun + EVERY * posts).saturating_duration_since(Instant::now()));
        customer.post(ticket, posts, &text.replace("NOW", &begun.elapsed().as_micros().to_string()));
        customer.acknowledged(ticket, posts).unwrap();
        posts
    };
    for number in 0..BEFORE {
        post(&format!("{number} NOW {filler}"));
        deaf.message();
    }
    let cut = "deskwire_closes_total{code=\"slow\"}";
    let is_cut = |number: &u32| number.is_multiple_of(10) && engine.metric(cut) == 1.0;
    let until_cut = (BEFORE..BEFORE + UNTIL_CUT_MAX).find(|number| {
        post(&format!("{number} NOW {filler}"));
        is_cut(number)
    });
    let posts = until_cut.expect("the one who does not read is cut off") + 1;
    post(END);
    assert_eq!(deaf.closed(), CloseCode::Slow.number());
    let delays: Vec<Delays> = listening.into_iter().map(|one| one.join().unwrap()).collect();
    assert!(delays.iter().all(|one| one.len() == posts as usize));
    let part =
        |from: u32, to: u32| p99(delays.iter().flat_map(|one| one[from as usize..to as usize].to_vec()).collect());
    println!(
        "{others} listeners had all {posts} posts in order; p99 {:.1} ms while all read, {:.1} ms while one did not; \
         he was cut off with {}",
        part(0, BEFORE),
        part(BEFORE, posts),
        CloseCode::Slow.number()
    );
}
