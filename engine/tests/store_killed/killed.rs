//! The process is killed in the middle of writing: what was told is there.

use crate::child::{self, Writing};

pub const CHILD: &str = "killed::a_child_that_writes";

#[test]
#[ignore = "run in a process of its own by the other tests"]
fn a_child_that_writes() {
    child::run();
}

/// C08, C09: ten times on one directory, each time at another moment.
#[tokio::test]
async fn nothing_that_was_told_is_lost_by_sigkill() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let mut writing = Writing::start(Writing::command(CHILD, dir.path(), 20));
        writing.listen(50 + 37 * round);
        let told = writing.kill();
        assert!(!told.is_empty());
        assert_eq!(child::missing(dir.path(), &told).await, Vec::<String>::new(), "round {round}");
    }
}

/// The test above can fail: a store that tells first and writes later is caught.
#[cfg(feature = "planted-bugs")]
#[tokio::test]
async fn telling_before_the_sync_is_caught() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Writing::command(CHILD, dir.path(), 20);
    command.env("DESKWIRE_PLANTED_BUG", "ack_before_sync");
    let mut writing = Writing::start(command);
    writing.listen(100);
    let told = writing.kill();
    assert!(!child::missing(dir.path(), &told).await.is_empty());
}
