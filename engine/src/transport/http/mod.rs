//! What is served over plain HTTP: the API, the console, and for operators health and metrics.
//!
//! | room | what is in it |
//! |---|---|
//! | [`auth`] | signing in, categories |
//! | [`bearer`] | who asks, and what is in his request |
//! | [`acts`] | the acts of the socket as addresses, in a table |
//! | [`looks`] | a ticket, its events, oneself |
//! | [`admin`] | categories' rules, teams, agents' profiles |
//! | [`canned`] | canned replies |
//! | [`evaluations`] | evaluations of agents, and their forms |
//! | [`answer`] | errors as JSON, the headers that all answers have |
//! | [`console`] | the console's files, embedded |
//! | [`ops`] | the operator's listener |

pub mod acts;
pub mod admin;
pub mod answer;
pub mod auth;
pub mod bearer;
pub mod canned;
pub mod console;
pub mod evaluations;
pub mod looks;
pub mod ops;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;

use super::reception::Reception;
use answer::Problem;

const NOT_HERE: Problem = Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such address");

/// The router of the public listener: API and console. The WebSocket is the listener's own.
pub fn public(api: auth::Api, reception: Arc<Reception>) -> Router {
    let desk = acts::routes()
        .merge(looks::routes())
        .merge(admin::routes())
        .merge(canned::routes())
        .merge(evaluations::routes());
    let desk = desk.layer(bearer::body_limit()).with_state(reception);
    below_api(auth::routes(api).merge(desk))
}

fn below_api(routes: Router) -> Router {
    let routes = routes.fallback(|| async { NOT_HERE });
    answer::hardened(Router::new().nest("/api", routes).merge(console::router()))
}
