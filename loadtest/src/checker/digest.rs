//! Digests of events, the same for everybody who may see them.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use deskwire_protocol::PublicFrame;

use crate::random::mix;

/// The digest of a post's text, whoever sees it and in whatever kind of frame.
pub fn of_text(text: &str) -> u64 {
    hash((0_u8, text))
}

/// The digest of an event. The author of a post is left out, as an acknowledgement does not name him; the text does.
pub fn of_event(event: &PublicFrame) -> u64 {
    match event {
        PublicFrame::Message(post) => of_text(&post.text),
        PublicFrame::OwnMessage(post) => of_text(&post.text),
        PublicFrame::Opened(one) => hash((1_u8, one.at.ms(), &one.name, &one.category, one.priority, &one.subject)),
        PublicFrame::Assigned(one) => hash((2_u8, one.at.ms(), one.member, &one.name, one.routing)),
        PublicFrame::Advanced(one) => hash((3_u8, one.at.ms(), one.author, one.step, one.stage, &one.reason)),
        PublicFrame::MemberAdded(one) => hash((4_u8, one.at.ms(), &one.name, one.role)),
        PublicFrame::PhaseChanged(one) => hash((5_u8, one.at.ms(), one.author, one.phase, &one.reason)),
        PublicFrame::Welcome(_)
        | PublicFrame::Refused(_)
        | PublicFrame::Done(_)
        | PublicFrame::Acknowledged(_)
        | PublicFrame::Joined(_)
        | PublicFrame::Page(_)
        | PublicFrame::History(_)
        | PublicFrame::TypingNow(_)
        | PublicFrame::Presence(_)
        | PublicFrame::Position(_)
        | PublicFrame::TicketReady(_)
        | PublicFrame::Goodbye(_)
        | PublicFrame::Pong(_) => 0,
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
