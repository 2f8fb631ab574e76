//! Posts by the schedule, whatever happens: the open model.

use super::RunFault;
use super::world::Shared;
use crate::pace::{Hand, Schedule};

/// Above this many posts a second they are sent a quarter of a millisecond's worth at a time.
const CLOSE_RATE: f64 = 4_000.0;
const STEP_US: u64 = 250;
/// Without a single connection for this long the server is given up, unless it is to be survived.
const GONE_US: u64 = 10_000_000;

/// Whether the server may be away for as long as it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// It is waited for.
    Waited,
    /// It is given up.
    GivenUp,
}

impl Away {
    /// As `--survive` says.
    pub fn survive(survive: bool) -> Away {
        if survive { Away::Waited } else { Away::GivenUp }
    }
}

/// Posts at the plan's rate from `start_us` to `end_us`.
pub async fn talk(world: &Shared, start_us: u64, end_us: u64, away: Away) -> Result<(), RunFault> {
    let hand = Hand::start();
    let (clock, mut schedule, step_us) = {
        let mut world = world.borrow_mut();
        let seed = world.timetable.draw();
        let plan = &world.plan;
        let step_us = if plan.rate > CLOSE_RATE { STEP_US } else { 0 };
        (world.clock, Schedule::new(plan.arrivals, plan.rate, start_us, seed), step_us)
    };
    let mut connected_us = start_us;
    while schedule.next_us() < end_us {
        let now_us = clock.us();
        {
            let mut world = world.borrow_mut();
            while let Some(due_us) = schedule.due(now_us.min(end_us - 1)) {
                world.post(due_us);
            }
            world.flush();
            if world.people.iter().any(|person| person.writer.is_some()) {
                connected_us = now_us;
            }
        }
        if away == Away::GivenUp && connected_us + GONE_US < now_us {
            return Err(RunFault::Engine("the server is gone (--survive waits for it)".into()));
        }
        hand.until(clock.at_us(schedule.next_us().min(end_us).max(now_us + step_us))).await;
    }
    Ok(())
}
