//! The actors: they carry messages between pure state machines, the store and connections, and add nothing.
//!
//! | file | what is in it |
//! |---|---|
//! | [`root`] | supervisors and dispatcher made, fallen dispatcher started again |
//! | [`dispatcher`] | the queue's actor |
//! | `dispatcher_msg` | what it is told |
//! | [`statuses`], [`marks`] | agents' statuses and read marks on disk |
//! | `dispatched` | what it says, on its way to rooms and people |
//! | [`notifier`] | who is given notice of what happened |
//! | [`rooms`], [`room`], [`carry`] | one actor a ticket in use, its supervisor, and the way out of it |
//! | [`people`], [`person`], [`customer`], [`agent`] | one actor a person in use, and their supervisor |
//! | [`directory`] | who is reachable, where the rooms are, who hears them |
//! | [`desk`] | what all may use, and the way to each actor |
//! | [`ask`], [`permit`] | the guard of an accepted frame, and its right to be in flight |
//! | [`intake`] | how many posts may be inside at once |
//! | [`outbox`], [`writer`], [`encoded`], [`connections`], [`counts`] | the only way to a connection |
//! | [`telling`] | one event on its way to all who hear it |
//! | [`errand`] | one request without a connection, as if it had one |
//! | [`floor`], `bulk`, `what_if`, [`occupied`] | what those who oversee the floor want, and what of it takes its time |
//! | [`latest`] | at most one notice on its way |

pub mod agent;
pub mod ask;
mod bulk;
mod carry;
pub mod connections;
pub mod counts;
pub mod customer;
pub mod desk;
pub mod directory;
pub mod discussions;
mod dispatched;
pub mod dispatcher;
mod dispatcher_msg;
pub mod encoded;
pub mod errand;
#[cfg(feature = "planted-bugs")]
pub mod fall;
pub mod floor;
pub mod intake;
pub mod latest;
pub mod marks;
pub mod notifier;
pub mod occupied;
mod opening;
pub mod outbox;
pub mod people;
pub mod permit;
pub mod person;
pub mod room;
mod room_msg;
pub mod rooms;
pub mod root;
pub mod routing;
pub mod statuses;
pub mod telling;
mod what_if;
pub mod writer;
