//! A hundred who do not read, at once: they are cut off as slow and resume, and the talk of others does not wait.

use std::thread::sleep;
use std::time::{Duration, Instant};

use deskwire_protocol::kinds::{self, PublicFrame};
use deskwire_protocol::limits::OUTBOX_BYTES_MAX;
use deskwire_protocol::{CloseCode, ServerFrame, StreamId, TicketId};

use super::{chats_at, mib, rss};
use crate::client::{Client, seq};
use crate::deaf::narrow;
use crate::engine::Engine;
use crate::load::{Size, assert_kept, is_long};
use crate::row::{broken, row};

const SLOW: usize = 100;
const TEXT_BYTES: usize = 8_192;
const EVERY: Duration = Duration::from_millis(25);
/// At most so many posts until all who do not read are cut off.
const POSTS_MAX: u32 = 2_000;
const SLOW_CUT: &str = "deskwire_closes_total{code=\"slow\"}";
/// An outbox is judged before a frame goes in, so one frame more may wait in each.
const WAITING_MAX: f64 = (SLOW * (OUTBOX_BYTES_MAX + TEXT_BYTES + 256)) as f64;
/// What the engine may take beside what waits: the rooms, the log and the allocator's own.
const BESIDE: u64 = 64 << 20;

/// One who joins a discussion and then reads no more.
struct Deaf {
    client: Client,
    token: String,
    seen: u32,
}

impl Deaf {
    fn join(engine: &Engine, room: TicketId, index: usize) -> Deaf {
        let mut client = narrow(engine.address);
        let token = client.greet("", &format!("member {index}")).token;
        let seen = client.join(room, 1_000 + index as u128, 0).unwrap().last().and_then(seq).unwrap();
        Deaf { client, token, seen }
    }

    /// He reads what there is, up to his end, and comes back for the rest.
    fn resume(mut self, engine: &Engine, room: TicketId, index: usize, end: u32) {
        assert!(self.client.ended().is_none_or(|code| code == CloseCode::Slow.number()));
        let heard = self.client.heard.iter().filter_map(|frame| match frame {
            ServerFrame::Public(frame) => seq(frame),
            ServerFrame::Staff(_) => None,
        });
        let seen = heard.max().unwrap_or(self.seen);
        let mut again = Client::hello(engine, &self.token, "").0;
        let missed = again.join(room, 5_000 + index as u128, seen).unwrap();
        assert!(missed.iter().filter_map(seq).eq(seen + 1..=end), "a resume without a gap");
    }
}

fn found(sam: &mut Client) -> TicketId {
    let request = sam.request();
    let (title, topic) = ("Printers".to_owned(), "All about paper".to_owned());
    sam.send(kinds::Found { request, key: StreamId(1), title, topic, slow_s: 0 });
    let room = sam.ready(request).unwrap();
    sam.join(room, 1, 0).unwrap();
    room
}

/// Talks to all of them until they are cut off; how many posts that took, and how much waited and was resident at most.
fn talk(engine: &Engine, sam: &mut Client, room: TicketId) -> (u32, f64, u64) {
    let (filler, mut waiting_max, mut rss_max) = ("x".repeat(TEXT_BYTES), 0_f64, 0);
    for number in 1..=POSTS_MAX {
        let next = Instant::now() + EVERY;
        sam.post(room, number, &filler);
        sam.acknowledged(room, number).unwrap();
        if number.is_multiple_of(10) {
            let waiting = engine.metric("deskwire_outbox_bytes");
            (waiting_max, rss_max) = (waiting_max.max(waiting), rss_max.max(rss(engine)));
            assert!(waiting <= WAITING_MAX, "{waiting} bytes wait after {number} posts");
            if engine.metric(SLOW_CUT) >= SLOW as f64 {
                return (number, waiting_max, rss_max);
            }
        }
        sleep(next.saturating_duration_since(Instant::now()));
    }
    panic!("those who do not read are not cut off: {} of {SLOW}", engine.metric(SLOW_CUT));
}

/// C03, C10: what waits for all of them keeps its bound, nobody else is cut off, and each has everything in the end.
#[test]
fn a_hundred_who_do_not_read_are_cut_off_and_resume_while_others_talk_on() {
    let size = match is_long() {
        true => Size { customers: 400, agents: 60, rate: 400, seconds: 30, chat_posts: 20 },
        false => Size { customers: 16, agents: 5, rate: 120, seconds: 4, chat_posts: 12 },
    };
    let engine = Engine::start();
    let without = chats_at(engine.address, &engine, size).end();
    let mut sam = Client::hello(&engine, &engine.sign_in("sam"), "").0;
    let room = found(&mut sam);
    let deaf: Vec<Deaf> = (0..SLOW).map(|index| Deaf::join(&engine, room, index)).collect();
    let before = rss(&engine);
    let load = chats_at(engine.address, &engine, size);
    let (posts, waiting, rss_max) = talk(&engine, &mut sam, room);
    let grown = rss_max.saturating_sub(before);
    let with = load.end();
    sam.settle();
    let p99 = |report: &deskwire_loadtest::report::Report| {
        report.times_us["deliver"].p99.map_or(f64::INFINITY, |us| us as f64 / 1e3)
    };
    row(
        "slow readers",
        &format!(
            "{SLOW} cut off after {posts} posts of {TEXT_BYTES} bytes; at most {:.1} MiB waited, memory +{:.1} MiB; \
             p99 of {} others {:.1} ms without them, {:.1} ms beside them",
            mib(waiting as u64),
            mib(grown),
            size.customers + size.agents,
            p99(&without),
            p99(&with)
        ),
        broken(&without) + broken(&with),
    );
    assert_kept(&without);
    assert_kept(&with);
    assert_eq!(with.counts["connections lost"], 0, "{with}");
    assert!(grown < WAITING_MAX as u64 + BESIDE, "{grown}");
    assert_eq!(engine.metric(SLOW_CUT), SLOW as f64, "nobody else");
    let end = head(&engine, room);
    deaf.into_iter().enumerate().for_each(|(index, one)| one.resume(&engine, room, index, end));
}

/// The last event of a discussion.
fn head(engine: &Engine, room: TicketId) -> u32 {
    let mut reader = Client::hello(engine, &engine.sign_in("sam"), "").0;
    reader.join(room, 9, 0).unwrap().iter().filter_map(|frame: &PublicFrame| seq(frame)).max().unwrap()
}
