//! The operator's listener: is it alive, is it ready, how is it doing, and which tickets were set aside. Never public.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use deskwire_protocol::TicketId;
use serde_json::json;

use super::answer::{Problem, hardened};
use crate::metrics::{self, Metrics};

/// Whether new work should be sent here; the error says why not.
pub type Ready = Arc<dyn Fn() -> Result<(), &'static str> + Send + Sync>;

/// Brings up to date what is only looked at: called before each scrape.
pub type Collect = Arc<dyn Fn(&Metrics) + Send + Sync>;

/// The tickets that are set aside after repeated falls.
pub type Aside = Arc<dyn Fn() -> Vec<TicketId> + Send + Sync>;

/// Tries a ticket again that was set aside; whether it was.
pub type PutBack = Arc<dyn Fn(TicketId) -> bool + Send + Sync>;

const BAD_ID: Problem =
    Problem::new(StatusCode::BAD_REQUEST, "bad_id", "A ticket's id is 16 lower-case hexadecimal digits.");
const NOT_ASIDE: Problem =
    Problem::new(StatusCode::NOT_FOUND, "not_aside", "No such ticket is set aside; GET /tickets/aside lists them.");

/// Makes the actor fall that these words name; whether there is one.
#[cfg(feature = "planted-bugs")]
pub type Fall = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What the operator's listener works with. Cheap to clone.
#[derive(Clone)]
pub struct Ops {
    /// What is scraped.
    pub metrics: Arc<Metrics>,
    /// Whether the engine is ready.
    pub ready: Ready,
    /// Called before each scrape.
    pub collect: Collect,
    /// What is set aside.
    pub aside: Aside,
    /// Puts it back.
    pub put_back: PutBack,
    /// Makes an actor fall, for tests of falling.
    #[cfg(feature = "planted-bugs")]
    pub fall: Fall,
}

/// The router of the operator's listener: `/healthz`, `/readyz`, `/metrics`, and `/tickets` for what was set aside.
pub fn router(ops: Ops) -> Router {
    let routes = Router::new()
        // Whoever answers is alive.
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(scrape))
        .route("/tickets/aside", get(aside))
        .route("/tickets/{id}/put-back", post(put_back));
    #[cfg(feature = "planted-bugs")]
    let routes = routes.route("/debug/fall", post(fall));
    hardened(routes.with_state(ops))
}

async fn readyz(State(ops): State<Ops>) -> Response {
    match (ops.ready)() {
        Ok(()) => "ready\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")).into_response(),
    }
}

async fn scrape(State(ops): State<Ops>) -> Response {
    (ops.collect)(&ops.metrics);
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], ops.metrics.text()).into_response()
}

async fn aside(State(ops): State<Ops>) -> Response {
    let tickets: Vec<String> = (ops.aside)().iter().map(TicketId::to_string).collect();
    axum::Json(json!({ "tickets": tickets })).into_response()
}

async fn put_back(State(ops): State<Ops>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let ticket = id.parse().map_err(|_| BAD_ID)?;
    (ops.put_back)(ticket).then_some(StatusCode::NO_CONTENT).ok_or(NOT_ASIDE)
}

#[cfg(feature = "planted-bugs")]
async fn fall(State(ops): State<Ops>, axum::extract::RawQuery(words): axum::extract::RawQuery) -> Response {
    match (ops.fall)(&words.unwrap_or_default()) {
        true => "fell\n".into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}
