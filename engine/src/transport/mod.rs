//! Sockets and HTTP: from an accepted connection to whole messages for a [`Handler`], and from an outbox to bytes.
//!
//! | file | what is in it |
//! |---|---|
//! | [`listener`] | the accept loop, the drain |
//! | [`invitation`] | who may open a WebSocket, and in which form |
//! | [`connection`] | one task a socket, which holds no buffer while nothing happens |
//! | [`flush`] | all that waits for a connection, in as few writes as possible |
//! | [`guard`] | frames into whole messages, bounded, without IO |
//! | [`frame`] | one WebSocket frame's header, read strictly |
//! | `hands` | the frames by which tickets go from hand to hand |
//! | [`errands`] | what comes over HTTP, on the way that frames take |
//! | `canned` | canned replies, filled in for a ticket |
//! | `notices` | what a person was told of, for himself |
//! | [`http`] | what is served over plain HTTP |
//! | [`settings`] | the bounds of a listener |

mod canned;
pub mod connection;

mod crowd;
mod discussions;
mod door;
pub mod errands;
pub mod flush;
pub mod frame;
pub mod guard;
mod hands;
pub mod http;
mod inbound;
pub mod invitation;
pub mod listener;
mod notices;
mod opening;
pub mod reception;
pub mod settings;
mod wishes;

pub use guard::Message;
pub use listener::Server;
pub use settings::Settings;

use deskwire_protocol::CloseCode;

use crate::actors::outbox::Outbox;
use crate::actors::permit::Permit;

/// What is behind the sockets: the desk, or an echo. Its calls do not wait; what takes time is sent on.
pub trait Handler: Send + Sync + 'static {
    /// What is kept for one connection while it is open.
    type Peer: Send + Unpin;

    /// A connection was made; `token` is what its address carried. Whoever knows it already calls
    /// [`Outbox::admit`] here, else with the first frame; a connection that is not admitted in time is closed.
    fn opened(&self, outbox: &Outbox, token: Option<String>) -> Result<Self::Peer, CloseCode>;

    /// A whole message came. The permit is held until its answer is given; an error closes the connection.
    fn message(
        &self,
        peer: &mut Self::Peer,
        outbox: &Outbox,
        permit: Permit,
        message: Message<'_>,
    ) -> Result<(), CloseCode>;

    /// By which the reads of frames are noted: microseconds that wrap around, 0 where nobody asks how long a frame took.
    fn now_us(&self) -> u32 {
        0
    }

    /// The connection ended, whoever ended it. Called once for each that was opened.
    fn closed(&self, peer: Self::Peer);
}
