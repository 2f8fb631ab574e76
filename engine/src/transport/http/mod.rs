//! What is served over plain HTTP: the API, the console, and for operators health and metrics.
//!
//! | room | what is in it |
//! |---|---|
//! | [`auth`] | signing in, categories |
//! | [`answer`] | errors as JSON, the headers that all answers have |
//! | [`console`] | the console's files, embedded |
//! | [`ops`] | the operator's listener |

pub mod answer;
pub mod auth;
pub mod console;
pub mod ops;

use axum::Router;

/// The router of the public listener: API and console. The WebSocket is the listener's own.
pub fn public(api: auth::Api) -> Router {
    answer::hardened(auth::router(api).merge(console::router()))
}
