//! Kinds 101–109: what is told of discussions, as rows of the table of what the engine sends to anybody.

use rkyv::{Archive, Deserialize, Serialize};

use super::shape;
use crate::frame::{Malformed, within};
use crate::ids::{TicketId, Time};
use crate::limits::{NAME_BYTES_MAX, SUBJECT_BYTES_MAX, TITLE_BYTES_MAX};
use crate::wire::{Field, Shape, Wire, WireType};
use crate::words::{MemberState, Role};

shape! {
    /// One who is or was in a discussion.
    Participant {
        /// His display name.
        name: String [max NAME_BYTES_MAX],
        /// What he is.
        role: Role,
        /// Whether he is in it.
        state: MemberState,
    }
}

shape! {
    /// One discussion in a list.
    DiscussionLine {
        /// The discussion.
        ticket: TicketId,
        /// Its title.
        title: String [max TITLE_BYTES_MAX],
        /// What it is about.
        topic: String [max SUBJECT_BYTES_MAX],
        /// Its founder's display name.
        founder: String [max NAME_BYTES_MAX],
        /// When it was founded.
        at: Time,
    }
}

/// The table of public frames, with these rows at their place.
macro_rules! with_discussions {
    (before { $($before:tt)* } after { $($after:tt)* }) => {
        $crate::frames! {
            /// What the engine sends to anybody.
            pub enum PublicFrame {
                $($before)*
                /// A discussion was founded; its founder is member 0.
                101 Founded as event {
                    /// The discussion.
                    ticket: TicketId;
                    /// Always 1.
                    seq: u32;
                    /// When.
                    at: Time;
                    /// The founder's display name.
                    name: String [max NAME_BYTES_MAX];
                    /// What he is.
                    role: Role;
                    /// Its title.
                    title: String [max TITLE_BYTES_MAX];
                    /// What it is about.
                    topic: String [max SUBJECT_BYTES_MAX];
                    /// Most members that may be in it at once.
                    members_max: u16;
                    /// A member may post once in so many seconds; 0 for as often as he likes.
                    slow_s: u32;
                }
                /// Somebody is in the discussion, for the first time or again.
                102 Entered as event {
                    /// The discussion.
                    ticket: TicketId;
                    /// Its place in the discussion.
                    seq: u32;
                    /// When.
                    at: Time;
                    /// His index in the members: the next, or the one he had.
                    author: u16;
                    /// His display name.
                    name: String [max NAME_BYTES_MAX];
                    /// What he is.
                    role: Role;
                }
                /// Somebody is no longer in the discussion: he left, or was put out.
                103 Departed as event {
                    /// The discussion.
                    ticket: TicketId;
                    /// Its place in the discussion.
                    seq: u32;
                    /// When.
                    at: Time;
                    /// His index in the members.
                    author: u16;
                }
                /// A post was deleted: forget its text. It is shown with an empty text from now on.
                104 PostDeleted as event {
                    /// The discussion.
                    ticket: TicketId;
                    /// Its place in the discussion.
                    seq: u32;
                    /// When.
                    at: Time;
                    /// The post's place.
                    target: u32;
                }
                /// How often a member may post.
                105 SlowMode as event {
                    /// The discussion.
                    ticket: TicketId;
                    /// Its place in the discussion.
                    seq: u32;
                    /// When.
                    at: Time;
                    /// Once in so many seconds; 0 for as often as he likes.
                    seconds: u32;
                }
                /// What `joined` is for a ticket: you hear this discussion now, and are a member.
                106 DiscussionJoined {
                    /// The discussion.
                    ticket: TicketId;
                    /// The newest sequence on disk.
                    head: u32;
                    /// Its title.
                    title: String [max TITLE_BYTES_MAX];
                    /// What it is about.
                    topic: String [max SUBJECT_BYTES_MAX];
                    /// Most members that may be in it at once.
                    members_max: u16;
                    /// A member may post once in so many seconds; 0 for as often as he likes.
                    slow_s: u32;
                    /// Everybody who ever was a member, in the order of their index.
                    members: Vec<Participant> [max MEMBERS_PER_TICKET_MAX];
                    /// How many people are connected to it now.
                    here: u32;
                    /// Whether you moderate it.
                    moderates: bool;
                    /// Until when you may say nothing; 0 where you may, 281474976710655 for ever.
                    muted_until: Time;
                    /// The last number your stream has on disk; 0 for a stream the discussion does not know.
                    stream_head: u32;
                }
                /// The answer to a list: discussions in the order of their ids.
                107 Discussions {
                    /// The request.
                    request: u32;
                    /// Some of them.
                    lines: Vec<DiscussionLine> [max DISCUSSION_LINES_MAX];
                    /// Whether there are more, after the last of these.
                    more: bool;
                }
                /// How many people are connected to a discussion, on change, at most once a second. Not kept.
                108 Crowd {
                    /// The discussion.
                    ticket: TicketId;
                    /// So many.
                    here: u32;
                }
                /// Something was done about you in a discussion; nobody but staff hears of it.
                109 ModeratedYou {
                    /// The discussion.
                    ticket: TicketId;
                    /// What.
                    act: ModerationAct;
                    /// Until when, of a mute; 281474976710655 for ever, else 0.
                    until: Time;
                    /// Why.
                    reason: String [max REASON_BYTES_MAX];
                }
                $($after)*
            }
        }
    };
}

pub(super) use with_discussions;
