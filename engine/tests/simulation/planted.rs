//! Each planted bug must make a seed fail, and by the check that is there for it.

use deskwire::planted::{PlantedBug, switch_here};

use crate::run;
use crate::shared::Check;

/// Seeds that are tried.
const TRIED: u64 = 200;

/// Runs seeds with the bug on until one fails.
#[track_caller]
fn check(bug: PlantedBug, expected: &[Check]) {
    switch_here(Some(bug));
    let found = (0..TRIED).find_map(|seed| run(seed).broken.map(|broken| (seed, broken)));
    switch_here(None);
    let (seed, broken) = found.unwrap_or_else(|| panic!("{TRIED} seeds do not notice {}", bug.name()));
    println!("{}: seed {seed} breaks {:?}: {}", bug.name(), broken.check, broken.words);
    assert!(expected.contains(&broken.check), "seed {seed} breaks {:?}: {}", broken.check, broken.words);
}

/// C09.
#[test]
fn an_acknowledgement_from_the_applied_head_is_noticed() {
    check(PlantedBug::AcknowledgeApplied, &[Check::Durable]);
}

/// C09.
#[test]
fn an_acknowledgement_of_a_repeat_from_the_applied_head_is_noticed() {
    check(PlantedBug::AcknowledgeRepeatApplied, &[Check::Durable, Check::Gapless]);
}

/// C09, C10.
#[test]
fn a_resume_from_the_applied_head_is_noticed() {
    check(PlantedBug::ResumeApplied, &[Check::Durable, Check::Watched]);
}

/// C10.
#[test]
fn registrations_that_end_with_their_room_are_noticed() {
    check(PlantedBug::RegistrationsInRoom, &[Check::Heard, Check::Gapless]);
}

/// C08.
#[test]
fn two_instances_that_both_append_are_noticed() {
    check(PlantedBug::TwoInstancesAppend, &[Check::KeyOnce]);
}

/// B14, B15.
#[test]
fn a_slot_freed_before_its_fact_is_durable_is_noticed() {
    check(PlantedBug::SlotFreedEarly, &[Check::Durable, Check::Slots]);
}

/// C08.
#[test]
fn numbering_kept_in_memory_only_is_noticed() {
    check(PlantedBug::NumbersForgotten, &[Check::ExactlyOnce, Check::Gapless]);
}

/// C09.
#[test]
fn a_store_that_tells_before_it_syncs_is_noticed() {
    check(PlantedBug::AckBeforeSync, &[Check::Durable]);
}

/// C10.
#[test]
fn a_registration_made_after_the_page_was_read_is_noticed() {
    check(PlantedBug::RegisterAfterRead, &[Check::Gapless, Check::Heard]);
}

/// C13.
#[test]
fn a_whisper_told_to_a_customer_is_noticed() {
    check(PlantedBug::WhisperLeaked, &[Check::Private]);
}
