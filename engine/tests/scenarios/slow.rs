//! Readers that stall.

use crate::engine::Engine;
use crate::play::{assert_kept, count, play};

/// G13, G04: those who stall are cut off and resume, the others go on, and nobody misses anything.
#[test]
fn slow_readers_are_cut_off_and_resume_while_the_others_go_on() {
    let engine = Engine::start();
    let words = "slow --customers 12 --agents 6 --rate 60 --members 8 --room-rate 40 --stalled 2 --duration 15";
    let report = play(&engine, words);
    assert_kept(&report);
    assert_eq!(count(&report, "stalls"), 4, "{report}");
    assert!(count(&report, "cut off as slow, by the server's count") >= 4, "{report}");
    assert!(report.times_us["all read"].count > 100 && report.times_us["some stall"].count > 50, "{report}");
    assert!(report.times_us["resume"].count >= 2, "{report}");
    assert_eq!((report.checked.undelivered, report.violations), (0, Some(0)), "{report}");
}
