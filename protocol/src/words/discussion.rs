//! The words of discussions.

use rkyv::{Archive, Deserialize, Serialize};

use crate::wire::{Wire, WireType, Words};

words! {
    /// What is done to a discussion by those who moderate it. All of it is in the log, with who and why.
    ModerationAct {
        /// A member may say nothing for some seconds, or for ever (0).
        Mute = 0,
        /// He may again.
        Unmute = 1,
        /// A member is put out; he may come back.
        Remove = 2,
        /// He is put out and may not come back.
        Ban = 3,
        /// He may come back.
        Unban = 4,
        /// A post's text is shown no more; its number stays.
        DeletePost = 5,
        /// A member may post once in so many seconds; 0 for as often as he likes.
        SlowMode = 6,
        /// A member of the staff moderates too.
        Appoint = 7,
        /// He does no longer.
        Dismiss = 8,
    }
}

words! {
    /// How a member of a discussion stands to it.
    MemberState {
        /// He is in it.
        In = 0,
        /// He is in it, and moderates.
        Moderates = 1,
        /// He was in it: his posts are there.
        Out = 2,
    }
}
