//! Drives a Deskwire engine with real chats, measures it, and checks that it keeps its promises.

mod acts;
pub mod checker;
pub mod cli;
pub mod client;
pub mod clock;
pub mod measure;
pub mod pace;
pub mod process;
pub mod progress;
pub mod random;
pub mod report;
pub mod rungs;
pub mod scenario;
pub mod text;
