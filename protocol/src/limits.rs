//! Every bound of the wire, by name; a frame that passes one is refused, never cut.

/// One bound, for the generated documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// Its value, in the unit that the meaning names.
    pub value: u64,
    /// What it bounds.
    pub doc: &'static str,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $ty:ty = $value:expr;)+) => {
        $($(#[doc = $doc])+ pub const $name: $ty = $value;)+

        /// Every bound, in the order of this file.
        pub const ALL: &[Limit] =
            &[$(Limit { name: stringify!($name), value: $name as u64, doc: concat!($($doc),+) }),+];
    };
}

limits! {
    /// Longest WebSocket message a client may send, in bytes, fragments added up.
    MESSAGE_BYTES_MAX: usize = 32 * 1024;
    /// Most fragments of one message.
    FRAGMENTS_MAX: usize = 16;
    /// Longest text of a post, in bytes of UTF-8.
    TEXT_BYTES_MAX: usize = 16 * 1024;
    /// Longest display name, in bytes of UTF-8.
    NAME_BYTES_MAX: usize = 80;
    /// Longest e-mail address, in bytes (RFC 5321, 4.5.3.1.3).
    EMAIL_BYTES_MAX: usize = 254;
    /// Longest subject, in bytes of UTF-8.
    SUBJECT_BYTES_MAX: usize = 200;
    /// Longest reason or outcome, in bytes of UTF-8.
    REASON_BYTES_MAX: usize = 200;
    /// Longest text that a category has for its customers, in bytes of UTF-8.
    NOTICE_BYTES_MAX: usize = 1_000;
    /// Longest label of a status, in bytes of UTF-8.
    LABEL_BYTES_MAX: usize = 40;
    /// Most skills that a customer may ask for.
    OPEN_SKILLS_MAX: usize = 8;
    /// Longest words of a refusal, in bytes of UTF-8.
    DETAIL_BYTES_MAX: usize = 400;
    /// Longest category name, in bytes of UTF-8.
    CATEGORY_BYTES_MAX: usize = 40;
    /// Longest token, in bytes.
    TOKEN_BYTES_MAX: usize = 1_024;
    /// Longest password, in bytes of UTF-8.
    PASSWORD_BYTES_MAX: usize = 256;
    /// Most events in one page.
    PAGE_EVENTS_MAX: usize = 200;
    /// Most bytes of encoded events in one page; a single larger event is a page of its own.
    PAGE_BYTES_MAX: usize = 64 * 1024;
    /// Most streams of one ticket.
    STREAMS_PER_TICKET_MAX: usize = 1_024;
    /// The numbers of a stream whose first acknowledgement a repeat gets again.
    STREAM_MEMORY: usize = 32;
    /// A stream that was idle for this long gives way to a new one when the ticket has no place, in milliseconds.
    STREAM_IDLE_MS: u64 = 24 * 60 * 60 * 1_000;
    /// Most members of one ticket, the customer included.
    MEMBERS_PER_TICKET_MAX: usize = 1_000;
    /// Most notes and whispers of one ticket; one more is refused.
    NOTES_PER_TICKET_MAX: usize = 4_096;
    /// Most beginnings and ends of watching in one ticket's log; who would begin one more is refused.
    WATCHES_PER_TICKET_MAX: usize = 4_096;
    /// Most people who ignore one waiting ticket; one more is refused.
    IGNORED_BY_MAX: usize = 64;
    /// Most colleagues asked into one ticket at once; one more is refused.
    CONSULTED_PER_TICKET_MAX: usize = 8;
    /// Longest title of a discussion, in bytes of UTF-8.
    TITLE_BYTES_MAX: usize = 80;
    /// Discussions named in one answer to a list.
    DISCUSSION_LINES_MAX: usize = 50;
    /// Most discussions of the engine.
    DISCUSSIONS_MAX: usize = 1_000;
    /// Most moderations in one discussion's log, deleted posts among them; one more is refused.
    MODERATIONS_PER_DISCUSSION_MAX: usize = 65_536;
    /// Most streams of one discussion.
    STREAMS_PER_DISCUSSION_MAX: usize = 8_192;
    /// With more connections than this in a discussion nobody is told who types.
    TYPING_CONNECTIONS_MAX: usize = 25;
    /// Longest time of a mute that ends, and longest pause of slow mode, in seconds.
    MODERATION_SECONDS_MAX: u32 = 365 * 24 * 3_600;
    /// How many are in a discussion is told at most once in this time, in milliseconds.
    CROWD_EVERY_MS: u64 = 1_000;
    /// Most open tickets of one customer.
    OPEN_TICKETS_PER_CUSTOMER_MAX: usize = 10;
    /// Most tickets named in one `welcome`.
    WELCOME_TICKETS_MAX: usize = 100;
    /// Most agents, or tickets, that one answer about routing looks at one by one; the others are counted.
    ROUTING_LINES_MAX: usize = 32;
    /// Most agents, or categories, in one frame of the floor view; the others follow in further ones.
    FLOOR_LINES_MAX: usize = 400;
    /// Most tickets that one act names.
    BULK_TICKETS_MAX: usize = 500;
    /// Most minutes that a what-if looks ahead.
    WHAT_IF_MINUTES_MAX: usize = 240;
    /// Most agents that a what-if adds.
    WHAT_IF_AGENTS_MAX: usize = 1_000;
    /// Most categories that a what-if lets another help out.
    WHAT_IF_OVERFLOWS_MAX: usize = 16;
    /// Most skills that a ticket asks for at a time: its own beside its category's.
    ASKED_SKILLS_MAX: usize = 16;
    /// Most tickets one connection may have joined at once.
    JOINED_PER_CONNECTION_MAX: usize = 256;
    /// Frames of one connection that may be accepted and not yet answered. One that asks for a page counts as half of
    /// them, in JSON as all.
    IN_FLIGHT_FRAMES_MAX: u32 = 32;
    /// Frames that may wait for one connection that does not read; one more and it is cut off.
    OUTBOX_FRAMES_MAX: usize = 256;
    /// Bytes that may wait for one connection that does not read; more and it is cut off. With more than a page
    /// waiting it is not read itself, so nobody is cut off for what he asks for.
    OUTBOX_BYTES_MAX: usize = 256 * 1024;
    /// Open sockets of one person; one more cuts the oldest.
    SOCKETS_PER_PERSON_MAX: usize = 16;
    /// Longest time that an agent may add to a wrap-up at once, in seconds.
    WRAP_UP_SECONDS_MAX: u32 = 3_600;
    /// Most canned replies of one desk.
    CANNED_REPLIES_MAX: usize = 1_000;
    /// Longest canned reply as it is written, in bytes of UTF-8.
    CANNED_TEXT_BYTES_MAX: usize = 4_096;
    /// Most placeholders in one canned reply.
    CANNED_PLACEHOLDERS_MAX: usize = 32;
    /// Most canned replies in one answer, which holds at most a page's bytes too.
    CANNED_PAGE_MAX: usize = 32;
    /// Notices that are kept for one person; a newer one takes the place of the oldest.
    NOTICES_KEPT_MAX: usize = 64;
    /// Most notices in one answer.
    NOTICES_PAGE_MAX: usize = 32;
    /// A client has this long to send its first frame, in milliseconds.
    FIRST_FRAME_MS: u64 = 10_000;
    /// A connection that was silent for this long is pinged, in milliseconds.
    PING_AFTER_MS: u64 = 20_000;
    /// A connection that was silent for this long, ping and all, is cut off, in milliseconds.
    SILENT_AFTER_MS: u64 = 45_000;
    /// A client sends what is unacknowledged again after this long, in milliseconds.
    RESEND_AFTER_MS: u64 = 5_000;
    /// One person's typing is forwarded at most once in this time, in milliseconds.
    TYPING_EVERY_MS: u64 = 1_000;
}
