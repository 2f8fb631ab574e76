//! The operator's listener: is it alive, is it ready, and how is it doing. Never public.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::answer::hardened;
use crate::metrics::{self, Metrics};

/// Whether new work should be sent here; the error says why not.
pub type Ready = Arc<dyn Fn() -> Result<(), &'static str> + Send + Sync>;

/// Brings up to date what is only looked at: called before each scrape.
pub type Collect = Arc<dyn Fn(&Metrics) + Send + Sync>;

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
    /// Makes an actor fall, for tests of falling.
    #[cfg(feature = "planted-bugs")]
    pub fall: Fall,
}

/// The router of the operator's listener: `/healthz`, `/readyz`, `/metrics`.
pub fn router(ops: Ops) -> Router {
    let routes = Router::new()
        // Whoever answers is alive.
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(scrape));
    #[cfg(feature = "planted-bugs")]
    let routes = routes.route("/debug/fall", axum::routing::post(fall));
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

#[cfg(feature = "planted-bugs")]
async fn fall(State(ops): State<Ops>, axum::extract::RawQuery(words): axum::extract::RawQuery) -> Response {
    match (ops.fall)(&words.unwrap_or_default()) {
        true => "fell\n".into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}
