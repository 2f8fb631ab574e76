//! The store on a real disk: what is acknowledged is there, what is damaged is named, who may not write does not.

mod child;
mod common;
mod durable;
mod faults;
mod fences;
mod killed;
mod opening;
mod power;
mod reading;
mod traced;
