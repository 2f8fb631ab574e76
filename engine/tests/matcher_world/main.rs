//! The dispatcher among rooms that fall, leave and lag: 300 seeds, and two bugs planted on purpose.

mod room;
mod underway;
mod world;

use world::{Plant, World};

const STEPS: usize = 500;

fn run(seed: u64, plant: Plant) -> Result<(), String> {
    let mut world = World::new(seed, plant);
    for _ in 0..STEPS {
        world.step().map_err(|fault| format!("seed {seed}: {fault}"))?;
    }
    world.rest().map_err(|fault| format!("seed {seed}, at rest: {fault}"))
}

/// B03, B07, B14, B15
#[test]
fn whatever_falls_nobody_has_too_many_and_all_are_served() {
    for seed in 0..300 {
        run(seed, Plant::Nothing).unwrap();
    }
}

/// The era in an Assign and the era in a report are both needed: without either, some seed finds the hole.
#[test]
fn each_use_of_the_era_is_needed() {
    for plant in [Plant::RoomsTakeOldEras, Plant::OldWordCounts] {
        assert!((0..3_000).any(|seed| run(seed, plant).is_err()));
    }
}
