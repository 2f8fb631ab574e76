//! The peers: the same two-party talk, the same full room and the same idle sessions, against servers of others.
//!
//! | file | what is in it |
//! |---|---|
//! | [`nats`], [`socket_io`] | what the peers speak |
//! | [`crowd`] | who is there, what was said, what arrived; without a socket |
//! | [`measures`] | what is timed |
//! | [`play`] | the crowd at its sockets, by the schedule of the load client |
//! | [`contest`] | who takes part, and the blocks that they are measured in |
//! | [`verdict`] | the tables of what came of it |

pub mod contest;
pub mod crowd;
pub mod measures;
pub mod nats;
pub mod play;
pub mod socket_io;
pub mod verdict;
