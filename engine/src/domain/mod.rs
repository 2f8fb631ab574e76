//! The rules of the desk, pure: state and time come as arguments, decisions go back as values.

mod aside;
pub mod audience;
pub mod authorize;
pub mod disk;
pub mod dispatch;
pub mod event;
pub mod facts;
pub mod handing;
pub mod hours;
pub mod lifecycle;
pub mod matcher;
mod moved;
pub mod numbering;
pub mod outline;
pub mod registration;
pub mod reopening;
pub mod room;
pub mod rules;
pub mod streams;
pub mod ticket;
pub mod view;
pub mod whatif;
pub mod who;
mod wrap_up;
