//! More than the engine can take.

use crate::engine::Engine;
use crate::play::{assert_kept, count, play, run};

/// G13, G01: beyond full load the rest is refused, and what is accepted is kept.
#[test]
fn overload_is_refused_and_what_is_accepted_is_kept() {
    // A disk is never as fast as this asks: the first step is refused now and then too, which is no matter here.
    let engine = Engine::with(&[("STORE_BUSY_MS", "1")]);
    let words = "overload --customers 18 --agents 6 --rate 100 --steps 1,40 --step 2 --ramp 100";
    let report = play(&engine, words);
    assert_kept(&report);
    let [calm, over] = &report.steps[..] else { panic!("{report}") };
    assert!(over.asked_per_s > 20.0 * calm.asked_per_s && over.refused_per_s > 0.0, "{report}");
    assert!(count(&report, "posts refused busy") > 0 && report.times_us["refused"].count > 0, "{report}");
    assert!(calm.accepted_p99_ms.is_some() && over.accepted_p99_ms.is_some(), "{report}");
    assert!(over.refused_p99_ms.is_some_and(|ms| ms > 0.0), "{report}");
    let unsent = ["held back", "given up", "unpaired"].map(|what| count(&report, what)).iter().sum::<u64>();
    assert_eq!((2.0 * (calm.unsent_per_s + over.unsent_per_s)).round() as u64, unsent, "{report}");
    assert!(engine.metric("deskwire_refusals_total{reason=\"busy\"}") > 0.0);
    assert!(engine.metric("deskwire_post_seconds_count") >= report.checked.acknowledged as f64);
    assert_eq!(report.violations, Some(0));
}

/// G13: without a rate full load is looked for; without the server's metrics the times are the clients'.
#[test]
fn overload_finds_full_load_by_itself() {
    let engine = Engine::with(&[("STORE_BUSY_MS", "5")]);
    let report = run(&format!(
        "overload --url ws://{}/ws --customers 60 --agents 20 --steps 1,3 --step 1 --ramp 100",
        engine.address
    ))
    .unwrap();
    println!("{report}");
    assert_kept(&report);
    assert!(report.steps[0].asked_per_s > 50.0 && report.steps[0].accepted_p99_ms.is_none(), "{report}");
    assert!(report.to_string().contains("the times are the clients'"), "{report}");
}
