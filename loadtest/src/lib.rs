//! Drives a Deskwire engine with real chats, measures it, and checks that it keeps its promises.

mod acts;
pub mod checker;
pub mod cli;
pub mod client;
pub mod clock;
pub mod compare;
mod line;
pub mod measure;
pub mod meter;
pub mod pace;
pub mod process;
pub mod progress;
pub mod quantity;
pub mod random;
pub mod report;
pub mod rungs;
pub mod scenario;
pub mod text;
pub mod threshold;
pub mod timeline;
