//! Drives a Deskwire engine with real chats, measures it, and checks that it keeps its promises.

pub mod checker;
pub mod client;
pub mod random;
pub mod text;
