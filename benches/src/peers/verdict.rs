//! The tables of what came of a comparison: each load, each server, and how many times the engine's figure that is.

use super::contest::{Block, Contestant, Load, Options, Peer};
use crate::figures::{Figures, Times, median};
use crate::table::aligned;

/// What each does with a message, and so what is compared with what.
pub const DIFFERENCES: &str = "\
What is done with a message, and what of it is on disk:
  deskwire        a queue gave the ticket to one agent; each message is in a log on disk, written and fdatasync'ed before
                  it is acknowledged or told to anybody; once and in order whatever is sent again; who was away reads on
                  without a gap.
  socket.io       nothing is written. The acknowledgement says that the server has handed the message to its sockets; who
                  is away misses it.
  NATS core       nothing is written and nothing acknowledged; who is away misses it.
  NATS JetStream  each message is in a file, synced before it is acknowledged (sync_interval: always). The receivers are
                  plain subscribers, the cheapest there are: they are told without waiting for the disk, and who is away
                  would have to ask for what he missed by a consumer of his own, which is not measured.

The engine is driven by deskwire-loadtest, which also holds everything against the log; its opening of chats, their
queueing and pairing lie before the measured time. The peers are driven by a client of ours with the same schedule
(Poisson, open: latency counts from the scheduled send), texts, measures and number of connections; client and server
share this machine. CPU is that of the server's process in the measured time, for each message that a receiver had in it.";

/// All tables.
pub fn tables(options: &Options, contestants: &[Contestant], blocks: &[Block]) -> String {
    let table = |load: Load| format!("{}\n\n{}\n", title(options, load), of_load(contestants, blocks, load));
    options.loads().into_iter().map(table).collect()
}

fn title(options: &Options, load: Load) -> String {
    let Options { customers, agents, members, idle, size, rounds, seconds, .. } = options;
    let blocks = format!("the middle of {rounds} blocks of {seconds} s, lowest and highest in brackets");
    match load {
        Load::Talk(rate) => {
            format!(
                "Two-party, {rate} messages a second of {size} bytes, {customers} + {agents} connections; {blocks}:"
            )
        }
        Load::Room(rate) => {
            format!("A room of {members} connections, {rate} posts a second of {size} bytes; {blocks}:")
        }
        Load::Idle => format!(
            "{idle} sessions that do nothing, by how much the server's resident memory grows for each after the first \
             fifth; {blocks}:"
        ),
    }
}

fn of_load(contestants: &[Contestant], blocks: &[Block], load: Load) -> String {
    let of = |peer: Peer| -> Vec<&Figures> {
        let of = blocks.iter().filter(|block| block.peer == peer && block.load == load);
        of.map(|block| &block.figures).collect()
    };
    let cost = |figures: &Figures| match load {
        Load::Talk(_) | Load::Room(_) => figures.us_per_message,
        Load::Idle => figures.bytes_per_session,
    };
    let costs = |peer: Peer| of(peer).into_iter().filter_map(cost).collect::<Vec<f64>>();
    let engine = median(costs(Peer::Deskwire));
    let times_of = |peer: Peer, pick: fn(&Figures) -> Option<Times>| {
        let of = of(peer);
        let middle = |ms: fn(Times) -> f64| median(of.iter().filter_map(|one| pick(one).map(ms)));
        Some(Times { p50_ms: middle(|it| it.p50_ms)?, p99_ms: middle(|it| it.p99_ms)? })
    };
    let rows = contestants.iter().map(|one| {
        let (figures, costs) = (of(one.peer), costs(one.peer));
        let times = |pick| in_words(times_of(one.peer, pick), times_of(Peer::Deskwire, pick));
        let [deliver, deliver_ratio] = times(|it| it.deliver);
        let [acknowledge, acknowledge_ratio] = times(|it| it.acknowledge);
        let mut doubts: Vec<String> = figures.iter().flat_map(|one| one.doubts()).collect();
        doubts.dedup();
        [
            one.peer.name().to_owned(),
            spread(&costs),
            ratio(median(costs.iter().copied()), engine),
            deliver,
            deliver_ratio,
            acknowledge,
            acknowledge_ratio,
            median(figures.iter().map(|it| it.delivered_per_s).filter(|rate| *rate > 0.0))
                .map_or("–".into(), |it| format!("{it:.0}")),
            doubts.join("; "),
        ]
    });
    if load == Load::Idle {
        let rows = rows.map(|[server, bytes, times, .., doubts]| [server, bytes, times, doubts]);
        return aligned(["server", "bytes", "× ours", "doubts"].map(str::to_owned), rows.collect());
    }
    let (deliver, acknowledge) = ("deliver p50 / p99 ms", "acknowledge p50 / p99 ms");
    let head = ["server", "CPU µs", "× ours", deliver, "× ours", acknowledge, "× ours", "delivered/s", "doubts"];
    aligned(head.map(str::to_owned), rows.collect())
}

/// A time, and how many times ours it is.
fn in_words(time: Option<Times>, ours: Option<Times>) -> [String; 2] {
    let both = |p50: String, p99: String| format!("{p50} / {p99}");
    let Some(time) = time else { return ["–", "–"].map(str::to_owned) };
    let ratio = |pick: fn(Times) -> f64| ratio(Some(pick(time)), ours.map(pick));
    [
        both(format!("{:.2}", time.p50_ms), format!("{:.2}", time.p99_ms)),
        both(ratio(|it| it.p50_ms), ratio(|it| it.p99_ms)),
    ]
}

/// The middle, and how far the others lie apart.
fn spread(values: &[f64]) -> String {
    let Some(middle) = median(values.iter().copied()) else { return "–".into() };
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let digits = usize::from(middle < 1_000.0);
    format!("{middle:.digits$} ({low:.digits$}–{high:.digits$})")
}

fn ratio(value: Option<f64>, engine: Option<f64>) -> String {
    value
        .zip(engine.filter(|engine| *engine > 0.0))
        .map_or("–".into(), |(value, engine)| format!("{:.2}", value / engine))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn block(peer: Peer, us: f64) -> Block {
        let deliver = Some(Times { p50_ms: us / 100.0, p99_ms: us / 10.0 });
        let figures = Figures { us_per_message: Some(us), deliver, delivered_per_s: 400.0, ..Figures::default() };
        Block { peer, load: Load::Talk(400.0), figures }
    }

    #[test]
    fn a_table_tells_the_middle_of_the_rounds_and_the_ratio_to_ours() {
        let blocks =
            [(Peer::Deskwire, 90.0), (Peer::Deskwire, 100.0), (Peer::Deskwire, 120.0), (Peer::SocketIo, 200.0)];
        let mut blocks = blocks.map(|(peer, us)| block(peer, us));
        blocks[3].figures.missing = 2;
        let contestants = [Peer::Deskwire, Peer::SocketIo, Peer::Nats];
        let contestants = contestants.map(|peer| Contestant::named(peer, "1"));
        let table = of_load(&contestants, &blocks, Load::Talk(400.0));
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('|').map(str::trim).collect()).collect();
        assert_eq!(rows[2][1..6], ["deskwire", "100.0 (90.0–120.0)", "1.00", "1.00 / 10.00", "1.00 / 1.00"]);
        assert_eq!(rows[3][2..7], ["200.0 (200.0–200.0)", "2.00", "2.00 / 20.00", "2.00 / 2.00", "–"]);
        assert_eq!(rows[3][9], "2 never came");
        assert_eq!(rows[4][1..4], ["NATS core", "–", "–"], "who was not measured has no figure");
        let options = Options::parse_from(["peers"]);
        assert!(tables(&options, &contestants, &blocks).contains("Two-party, 400 messages"));
    }
}
