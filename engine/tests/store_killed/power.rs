//! Power cuts: a file system image is copied while the writer stands still, and the copy must hold what was told.

use rustix::process::{Signal, kill_process};

use crate::child::{self, Writing};
use crate::disk::Image;
use crate::killed::CHILD;

/// One power cut after the child was told `times` times; answers what is missing afterwards.
async fn cut(times: usize, bug: Option<&str>) -> Result<Vec<String>, String> {
    let dir = tempfile::tempdir().unwrap();
    let disk = Image::make(dir.path())?;
    let mut command = Writing::command(CHILD, &disk.store(), 20);
    command.envs(bug.map(|bug| ("DESKWIRE_PLANTED_BUG", bug)));
    let mut writing = Writing::start(command);
    writing.listen(times);
    kill_process(writing.pid(), Signal::STOP).unwrap();
    // What was told between listening and the stop counts too: it is read after the kill, which adds nothing.
    let copied = disk.copy(dir.path());
    let told = writing.kill();
    let missing = child::missing(&copied?.store(), &told).await;
    Ok(missing)
}

fn skipped(test: &str, why: &str) {
    eprintln!("SKIPPED {test} (1 test of promise C09 did not run): {why}");
}

/// C08, C09: nothing that was acknowledged is lost by a power cut.
#[tokio::test]
async fn nothing_that_was_told_is_lost_by_a_power_cut() {
    for times in [1, 120, 900] {
        match cut(times, None).await {
            Ok(missing) => assert_eq!(missing, Vec::<String>::new(), "after {times}"),
            Err(why) => return skipped("nothing_that_was_told_is_lost_by_a_power_cut", &why),
        }
    }
}

/// The test above can fail: a store that tells first and writes later is caught.
#[cfg(feature = "planted-bugs")]
#[tokio::test]
async fn telling_before_the_sync_is_caught() {
    match cut(100, Some("ack_before_sync")).await {
        Ok(missing) => assert!(!missing.is_empty(), "the planted bug was not noticed"),
        Err(why) => skipped("telling_before_the_sync_is_caught", &why),
    }
}
