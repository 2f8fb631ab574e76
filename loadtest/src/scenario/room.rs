//! Many in one discussion: each post goes to all the others, and each of them must see all.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use deskwire_protocol::kinds::Found;
use deskwire_protocol::{ServerFrame, StreamId, TicketId};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::RunFault;
use super::hall::{Hall, SharedHall};
use super::history::read_log;
use super::run::{Findings, Played, Run};
use super::stall::bytes_to_read;
use crate::cli::RoomOptions;
use crate::client::codec::Incoming;
use crate::client::login::login;
use crate::client::session::{Session, Signal};
use crate::client::socket::{self, Target};
use crate::clock::pause;
use crate::pace::{Hand, Schedule};
use crate::report::Report;

/// How long anything but the talk itself may take.
const PATIENCE: Duration = Duration::from_secs(60);
const SWEEP: Duration = Duration::from_millis(20);
/// The pause before a lost connection is made again.
const PAUSE: Duration = Duration::from_millis(200);
/// One read takes at most this much.
const SCRATCH_BYTES: usize = 64 * 1024;

/// Plays it.
pub async fn run(options: &RoomOptions) -> Result<Report, RunFault> {
    let RoomOptions { common, members, rate, .. } = options;
    let command = format!("room --url {} --members {members} --rate {rate} --size {}", common.url, common.size);
    let mut run = Run::begin(common, command).await?;
    let seed = run.seed;
    // Its bounds on sizes and rates are these too.
    common.plan(options.rate, 1, Duration::ZERO, seed)?;
    let target = Rc::new(common.target()?);
    let hall = Rc::new(RefCell::new(Hall::new(seed, options.members, common.size)));
    let founding = timeout(PATIENCE, found(&target, options, seed)).await;
    let ticket = founding.map_err(|_| RunFault::Engine("the discussion was not founded in time".into()))??;
    hall.borrow_mut().ticket = ticket;
    run.show(&hall);
    let mut tasks = enter(&target, &hall, common.ramp).await?;

    let clock = hall.borrow().clock;
    let start_us = clock.us();
    let measured = start_us + options.warmup * 1_000_000..start_us + (options.warmup + options.duration) * 1_000_000;
    hall.borrow_mut().measure(measured.clone());
    let watch = run.watch(clock, measured.start);
    talk(&hall, Schedule::new(common.arrivals, options.rate, start_us, seed), measured.end).await;
    let looks = Some(watch.end().await);
    wait(&hall, Hall::has_arrived).await;
    audit(&target, &hall, seed).await;
    tasks.abort_all();

    let violated = run.violated_since().await?;
    let hall = hall.borrow();
    let found = Findings { measures: &hall.measures, tally: hall.checker.tally(), complaints: &hall.complaints };
    let mut report = run.report(violated, found, Played { seconds: options.duration as f64, looks });
    report.counts.insert("unsent".into(), hall.never_sent() as u64);
    Ok(report)
}

/// A member of the staff founds it.
pub(super) async fn found(target: &Target, options: &RoomOptions, seed: u64) -> Result<TicketId, RunFault> {
    let fault = |fault: &dyn std::fmt::Display| RunFault::Engine(format!("founding a discussion: {fault}"));
    let token = login(target, &options.founder, &options.common.password).await.map_err(|it| fault(&it))?;
    let (mut reader, mut writer) = socket::connect(target, None, seed).await.map_err(|it| fault(&it))?;
    let (mut session, mut out) = (Session::new(token, String::new()), Vec::new());
    session.connected(&mut out);
    let (request, key) = (session.request(), StreamId(u128::from(seed)));
    let found = Found { request, key, title: "Load".into(), topic: String::new(), slow_s: 0 };
    out.push(Signal::Send(found.into()));
    let mut scratch = vec![0; SCRATCH_BYTES];
    loop {
        for signal in out.drain(..) {
            match signal {
                Signal::Send(frame) => writer.send(&frame),
                Signal::Opened { ticket, .. } => return Ok(ticket),
                Signal::Refused(no) => return Err(fault(&no.detail)),
                Signal::Ready(_) | Signal::Ticket(..) | Signal::Done(_) | Signal::Staff(_) => {}
                Signal::Foreign(_) | Signal::OtherStore | Signal::Goodbye(_) => {}
            }
        }
        writer.flush().map_err(|it| fault(&it))?;
        let take = |incoming: Incoming<'_>| {
            if let Incoming::Message(bytes) = incoming
                && let Ok(frame) = ServerFrame::decode(bytes)
            {
                session.hear(frame, 0, &mut out);
            }
        };
        match reader.read(&mut scratch, take).await {
            Ok(true) => {}
            Ok(false) => return Err(fault(&"the connection ended")),
            Err(it) => return Err(fault(&it)),
        }
    }
}

/// Lets the members in, so many a second, and waits until all hear it.
pub(super) async fn enter(target: &Rc<Target>, hall: &SharedHall, per_second: f64) -> Result<JoinSet<()>, RunFault> {
    let mut tasks = JoinSet::new();
    let swept = hall.clone();
    tasks.spawn_local(async move {
        loop {
            pause(SWEEP).await;
            swept.borrow_mut().sweep();
        }
    });
    let members = hall.borrow().members.len();
    for who in 0..members {
        let (target, hall) = (target.clone(), hall.clone());
        tasks.spawn_local(async move {
            loop {
                keep(&target, &hall, who).await;
                pause(PAUSE).await;
            }
        });
        pause(Duration::from_secs_f64(1.0 / per_second)).await;
    }
    match wait(hall, |hall| hall.live() == hall.members.len()).await {
        true => Ok(tasks),
        false => Err(RunFault::Engine(format!(
            "{} of {members} hear it: {:?}",
            hall.borrow().live(),
            hall.borrow().complaints
        ))),
    }
}

/// One connection of one member, to its end.
async fn keep(target: &Target, hall: &SharedHall, who: usize) {
    let seed = hall.borrow_mut().random.draw();
    let pipe = hall.borrow().members[who].pipe;
    let (mut reader, writer) = match socket::connect_by(target, None, pipe, seed).await {
        Ok(halves) => halves,
        Err(fault) => return hall.borrow_mut().complain(format!("connect: {fault}")),
    };
    hall.borrow_mut().connected(who, writer);
    let mut scratch = vec![0; SCRATCH_BYTES];
    loop {
        let most = bytes_to_read(|| hall.borrow().members[who].reading, SCRATCH_BYTES).await;
        let read = reader.read(&mut scratch[..most], |incoming| hall.borrow_mut().incoming(who, incoming)).await;
        if !matches!(read, Ok(true)) {
            break;
        }
        hall.borrow_mut().flush();
        if hall.borrow().members[who].writer.is_none() {
            break;
        }
    }
    hall.borrow_mut().lost(who);
}

/// Posts by the schedule until then.
pub(super) async fn talk(hall: &SharedHall, mut schedule: Schedule, end_us: u64) {
    let (hand, clock) = (Hand::start(), hall.borrow().clock);
    while schedule.next_us() < end_us && !hall.borrow().silent {
        let now_us = clock.us();
        {
            let mut hall = hall.borrow_mut();
            while let Some(due_us) = schedule.due(now_us.min(end_us - 1)) {
                hall.post(due_us);
            }
            hall.flush();
        }
        hand.until(clock.at_us(schedule.next_us().min(end_us))).await;
    }
}

/// Waits until something is so; whether it became so in time.
pub(super) async fn wait(hall: &SharedHall, is_so: impl Fn(&Hall) -> bool) -> bool {
    let (clock, patience) = (hall.borrow().clock, PATIENCE.as_micros() as u64);
    let until = clock.us() + patience;
    while !is_so(&hall.borrow()) {
        if clock.us() > until {
            return false;
        }
        pause(SWEEP).await;
    }
    true
}

/// Reads the log through a fresh connection of the first member, and holds it against what all were told.
pub(super) async fn audit(target: &Target, hall: &SharedHall, seed: u64) {
    let (token, ticket) = (hall.borrow().members[0].session.token().to_owned(), hall.borrow().ticket);
    let read = timeout(PATIENCE, read_log(target, token, ticket, seed)).await;
    let mut hall = hall.borrow_mut();
    let Ok(Ok((log, breach))) = read else { return hall.checker.unread() };
    if let Some(breach) = breach {
        hall.checker.breach(breach);
    }
    let complete = hall.complete();
    let mut audit = hall.checker.audit(0, &complete);
    log.iter().for_each(|event| audit.event(event));
    let found = audit.finish();
    if found.is_broken() {
        hall.complain(format!("broken: {}", found.broken_words()));
    }
    hall.checker.add(&found);
}
