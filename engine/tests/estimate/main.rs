//! The estimate of the wait, graded: what customers were told when they began to wait against what it was.
//!
//! Handling times are lognormal (sigma 0.8 of the logarithm: one in ten takes more than twice the mean) with a mean of
//! six minutes, arrivals are Poisson. A third of the agents serve the first of two categories, a third the second, a
//! third both. Nobody abandons. The errors are of all tickets that were told anything, from the first minute on.

mod floor;

use floor::{Floor, Happens};

const MEAN_MS: f64 = 360_000.0;
const SIGMA: f64 = 0.8;

/// Agents with three slots each.
fn agents(count: usize) -> Vec<(&'static [u16], u16)> {
    let serve: [&[u16]; 3] = [&[1], &[2], &[1, 2]];
    (0..count).map(|number| (serve[number % 3], 3)).collect()
}

/// As many come as can be served, for six hours, behind 60 who waited when the doors opened.
fn steady(seed: u64) -> Floor {
    let mut floor = Floor::new(seed, MEAN_MS, SIGMA, &agents(40));
    (0..60).for_each(|number| floor.at(0, Happens::Comes(1 + number % 2)));
    floor.stream(1, 10.0, 0, 360);
    floor.stream(2, 10.0, 0, 360);
    floor.run(400);
    floor
}

/// Half as many come as can be served, and every 40 minutes 120 more within two minutes.
fn burst(seed: u64) -> Floor {
    let mut floor = Floor::new(seed, MEAN_MS, SIGMA, &agents(30));
    for category in [1, 2] {
        floor.stream(category, 3.75, 0, 360);
        (1..9).for_each(|burst| floor.stream(category, 30.0, burst * 40, burst * 40 + 2));
    }
    floor.run(400);
    floor
}

/// As many come as can be served; after an hour one agent in four minutes takes nothing new any more, until 20 are left.
fn leaving(seed: u64) -> Floor {
    let mut floor = Floor::new(seed, MEAN_MS, SIGMA, &agents(40));
    for category in [1, 2] {
        floor.stream(category, 9.5, 0, 150);
    }
    for number in 0..20 {
        floor.at((60 + number * 4) * 60_000, Happens::Leaves(deskwire_protocol::PersonId(number * 2 + 1)));
    }
    floor.run(400);
    floor
}

/// The figures of three seeds of a floor.
fn check(name: &str, make: fn(u64) -> Floor) {
    for seed in [1, 2, 3] {
        let floor = make(seed);
        let (error, count) = floor.median_error(|told| told.estimate_s);
        let (by_mean, _) = floor.median_error(|told| told.by_mean_s);
        let (by_mean_alone, _) = floor.median_error(|told| told.by_mean_alone_s);
        let [percent, mean_percent, alone_percent] = [error, by_mean, by_mean_alone].map(|error| error * 100.0);
        println!(
            "{name} {seed}: median error {percent:.1} %, of position × mean / slots {mean_percent:.1} %, of position × \
             mean {alone_percent:.0} %, {count} waits"
        );
        assert!(count > 500, "{name} {seed}: {count} waits are too few to judge by");
        assert!(error <= 0.25, "{name} {seed}: off by {percent:.1} %");
        assert!(error < by_mean && error < by_mean_alone, "{name} {seed}: the mean alone is better");
    }
}

/// B02: the median relative error is at most 25 % and smaller than that of position × mean handling time, divided by
/// the slots at work or not.
#[test]
fn on_a_steady_floor_the_estimated_wait_is_about_what_it_was() {
    check("steady", steady);
}

/// B02
#[test]
fn in_a_burst_the_estimated_wait_is_about_what_it_was() {
    check("burst", burst);
}

/// B02
#[test]
fn while_agents_leave_the_estimated_wait_is_about_what_it_was() {
    check("leaving", leaving);
}
