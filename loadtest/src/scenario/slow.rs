//! Some readers stall, in chats and in one discussion: what the others notice of it, and what becomes of the stalled.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::RunFault;
use super::drive::{Away, talk};
use super::hall::{Hall, SharedHall};
use super::room;
use super::run::{Played, Run, words};
use super::stage::Stage;
use super::stall::LOUD_BYTES;
use super::world::{Opens, Shared};
use crate::cli::SlowOptions;
use crate::client::metrics;
use crate::client::socket::Pipe;
use crate::clock::pause;
use crate::measure::What;
use crate::pace::Schedule;
use crate::report::Report;

const CHAT_POSTS: u32 = 1_000_000;
const CHAT_TIME: Duration = Duration::from_secs(24 * 3_600);
/// How long all chats may take to be paired, and the stalled to come back.
const PAIR_TIMEOUT: Duration = Duration::from_secs(30);
/// How often the agents of those who stall say something, and how often it is looked whether all were cut off.
const SHOUT: Duration = Duration::from_millis(20);
const LOOK: Duration = Duration::from_millis(200);
/// Connections ended because their client reads too slowly, as the server counts them.
const CUTS: &str = "deskwire_closes_total{code=\"slow\"}";

/// Plays it.
pub async fn run(options: &SlowOptions) -> Result<Report, RunFault> {
    let common = &options.common;
    let own = format!(" --rate {} --stalled {} --members {}", options.rate, options.stalled, options.members);
    let mut run = Run::begin(common, words("slow", common, &own)).await?;
    if options.stalled >= common.customers || options.stalled >= usize::from(options.members) {
        return Err(RunFault::Options("--stalled must be below --customers and --members".into()));
    }
    let plan = common.plan(options.rate, CHAT_POSTS, CHAT_TIME, run.seed)?;
    let mut stage = run.stage(plan, Opens::Once)?;
    let (clock, world) = (stage.clock(), stage.world.clone());
    let stalled: Vec<usize> = (common.customers - options.stalled..common.customers).collect();
    stalled.iter().for_each(|who| world.borrow_mut().people[*who].pipe = Pipe::Narrow);
    stage.enter_all(common.ramp).await?;
    let room = options.room();
    let target = Rc::new(common.target()?);
    let hall = Rc::new(RefCell::new(Hall::new(run.seed ^ 1, options.members, LOUD_BYTES)));
    let ticket = room::found(&target, &room, run.seed).await?;
    hall.borrow_mut().ticket = ticket;
    hall.borrow_mut().narrow(options.stalled);
    let mut tasks = room::enter(&target, &hall, common.ramp).await?;
    be_loud(&stage, &stalled).await?;

    let start_us = clock.us();
    world.borrow_mut().measure(start_us..u64::MAX);
    hall.borrow_mut().measure(start_us..u64::MAX);
    let schedule = Schedule::new(common.arrivals, options.room_rate, hall.borrow().clock.us(), run.seed);
    let heard = hall.clone();
    tasks.spawn_local(async move { room::talk(&heard, schedule, u64::MAX).await });
    let shared = world.clone();
    let talking = tokio::task::spawn_local(async move { talk(&shared, start_us, u64::MAX, Away::Waited).await });
    let shouting = tokio::task::spawn_local(shout(world.clone()));
    counts_for(&world, &hall, Some(What::DeliverCalm));
    pause(Duration::from_secs(options.duration)).await;
    stall(options, &stage, &hall, &stalled).await?;
    let seconds = (clock.us() - start_us) as f64 / 1e6;
    shouting.abort();
    talking.abort();
    hall.borrow_mut().silent = true;

    room::wait(&hall, Hall::has_arrived).await;
    room::audit(&target, &hall, run.seed).await;
    tasks.abort_all();
    take_in(&world, &hall);
    run.end(stage, Played { seconds, looks: None }).await
}

/// Waits until all talk, and tells which chats are those of who will stall.
async fn be_loud(stage: &Stage, stalled: &[usize]) -> Result<(), RunFault> {
    let world = &stage.world;
    let paired = || world.borrow().paired.len();
    let all = world.borrow().plan.customers;
    stage.wait(PAIR_TIMEOUT, || paired() >= all).await;
    let mut world = world.borrow_mut();
    let loud = world.paired.iter().copied().filter(|chat| stalled.contains(&world.chats[*chat as usize].customer));
    world.loud = loud.collect();
    match world.loud.is_empty() {
        true => Err(RunFault::Engine(format!("none of those who are to stall has an agent; {} chats have", paired()))),
        false => Ok(()),
    }
}

async fn shout(world: Shared) {
    loop {
        pause(SHOUT).await;
        world.borrow_mut().shout();
    }
}

/// They stall until the server has cut all of them off, where it can be asked, or for the time given; then they read on.
async fn stall(options: &SlowOptions, stage: &Stage, hall: &SharedHall, stalled: &[usize]) -> Result<(), RunFault> {
    let fault = |fault: std::io::Error| RunFault::Engine(format!("--metrics-url: {fault}"));
    let cuts = async || match &options.common.metrics_url {
        Some(url) => metrics::value(url, CUTS).await.map(Some).map_err(fault),
        None => Ok(None),
    };
    let (world, clock) = (&stage.world, stage.clock());
    let before = cuts().await?;
    world.borrow_mut().stall(stalled);
    hall.borrow_mut().stall(stalled.len());
    counts_for(world, hall, Some(What::DeliverStalled));
    let until_us = clock.us() + options.duration * 1_000_000;
    let wanted = (world.borrow().loud.len() + stalled.len()) as f64;
    while clock.us() < until_us {
        pause(LOOK).await;
        if cuts().await?.zip(before).is_some_and(|(now, before)| now - before >= wanted) {
            break;
        }
    }
    counts_for(world, hall, None);
    world.borrow_mut().read_on();
    hall.borrow_mut().read_on();
    let live = || world.borrow().people.iter().all(|person| person.session.is_live());
    stage.wait(PAIR_TIMEOUT, || live() && hall.borrow().live() == hall.borrow().members.len()).await;
    let cut = cuts().await?.zip(before).map(|(now, before)| now - before);
    cut.iter().for_each(|cut| world.borrow_mut().measures.acts.cut_counted = *cut as u64);
    Ok(())
}

fn counts_for(world: &Shared, hall: &SharedHall, what: Option<What>) {
    world.borrow_mut().others = what;
    hall.borrow_mut().others = what;
}

/// What was found in the discussion counts too.
fn take_in(world: &Shared, hall: &SharedHall) {
    let (mut world, hall) = (world.borrow_mut(), hall.borrow());
    world.measures.add(&hall.measures);
    world.checker.add(hall.checker.tally());
    for (what, count) in &hall.complaints {
        *world.complaints.entry(format!("discussion: {what}")).or_default() += count;
    }
}
