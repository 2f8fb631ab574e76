//! The supervised actors, and what carries words between them and the connections.

pub mod ask;
pub mod connections;
pub mod counts;
pub mod encoded;
pub mod outbox;
pub mod permit;
pub mod writer;
