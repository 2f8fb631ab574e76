//! The store on a real disk: what is acknowledged is there, what is damaged is named, who may not write does not.

mod common;
mod durable;
mod faults;
mod fences;
mod killed;
mod opening;
mod reading;
mod traced;
