//! Digests of events, the same for everybody who may see them.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::client::event::LogEvent;
use crate::random::mix;

/// The digest of a post's text, whoever sees it and in whatever kind of frame.
pub fn of_text(text: &str) -> u64 {
    hash((0_u8, text))
}

/// The digest of an event. The author of a post is left out, as an acknowledgement does not name him; the text does.
pub fn of_event(event: LogEvent<'_>) -> u64 {
    match event {
        LogEvent::Message(post) => of_text(&post.text),
        LogEvent::OwnMessage(post) => of_text(&post.text),
        LogEvent::Opened(one) => hash((1_u8, one.at.ms(), &one.name, &one.category, one.priority, &one.subject)),
        LogEvent::Assigned(one) => hash((2_u8, one.at.ms(), one.member, &one.name, one.routing)),
        LogEvent::Advanced(one) => hash((3_u8, one.at.ms(), one.author, one.step, one.stage, &one.reason)),
        LogEvent::MemberAdded(one) => hash((4_u8, one.at.ms(), &one.name, one.role)),
        LogEvent::PhaseChanged(one) => hash((5_u8, one.at.ms(), one.author, one.phase, &one.reason)),
        LogEvent::CustomerTold(one) => hash((6_u8, one.at.ms(), one.cause, one.may_wait, &one.text)),
        LogEvent::CategoryChanged(one) => hash((7_u8, one.at.ms(), &one.category, one.stage)),
        LogEvent::Founded(one) => hash((30_u8, one.at.ms(), &one.name, &one.title, &one.topic, one.members_max)),
        LogEvent::Entered(one) => hash((31_u8, one.at.ms(), one.author, &one.name, one.role)),
        LogEvent::Departed(one) => hash((32_u8, one.at.ms(), one.author)),
        LogEvent::PostDeleted(one) => hash((33_u8, one.at.ms(), one.target)),
        LogEvent::SlowMode(one) => hash((34_u8, one.at.ms(), one.seconds)),
    }
}

/// The digest of a run, one event longer.
pub fn chain(run: u64, event: u64) -> u64 {
    mix(run.rotate_left(1) ^ event)
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
