//! The rules of the desk, pure: state and time come as arguments, decisions go back as values.

pub mod authorize;
pub mod event;
pub mod facts;
