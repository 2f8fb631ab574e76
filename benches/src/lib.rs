//! What the benches share, and what is measured beside them: tables, the peers, the capacity statement.
//!
//! | room | what is in it |
//! |---|---|
//! | [`desk`] | people, texts and logs as the benches use them |
//! | [`dataset`] | a store of so many messages, made once and kept |
//! | [`beside`] | what criterion does not measure: CPU time, and the slowest of many |
//! | [`targets`] | which bench has a target |
//! | [`table`] | the one table of all benches |
//! | [`server`] | a server process: started, waited for, ended |
//! | [`figures`] | what one block of a measurement found |
//! | [`capacity`] | what a machine can do, against the targets |
//! | [`machine`] | what it was measured on |
//! | [`peers`] | the same work done by servers of others |

pub mod beside;
pub mod capacity;
pub mod dataset;
pub mod desk;
pub mod figures;
pub mod machine;
pub mod peers;
pub mod server;
pub mod table;
pub mod targets;
