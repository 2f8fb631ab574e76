//! What is read over HTTP: a ticket or discussion, its events in the numbers of whoever asks, oneself.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use deskwire_protocol::kinds::{AskFloor, AskMyRouting, AskNotices, AskRouting, ClientFrame, ListDiscussions};
use deskwire_protocol::{FloorPart, TicketId};
use serde::Deserialize;
use serde_json::json;

use super::answer::Denied;
use super::auth::wrong_method;
use super::bearer::{Bearer, ticket};
use crate::domain::room::Look;
use crate::transport::errands::REQUEST;
use crate::transport::reception::Reception;

/// The routes of what is read.
pub fn routes() -> Router<Arc<Reception>> {
    let only_get = || async { wrong_method("GET") };
    Router::new()
        .route("/tickets/{id}", get(now).fallback(only_get))
        .route("/tickets/{id}/events", get(events).fallback(only_get))
        .route("/tickets/{id}/read-marks", get(read_marks).fallback(only_get))
        .route("/tickets/{id}/routing", get(routing).fallback(only_get))
        .route("/rooms", get(rooms))
        .route("/rooms/{id}", get(now).fallback(only_get))
        .route("/rooms/{id}/events", get(events).fallback(only_get))
        .route("/me", get(me).fallback(only_get))
        .route("/me/routing", get(my_routing).fallback(only_get))
        .route("/floor", get(floor).fallback(only_get))
        .route("/me/notifications", get(notices).fallback(only_get))
}

/// `GET /api/tickets/{id}`: what `joined` says.
async fn now(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    path: Path<HashMap<String, String>>,
) -> Result<Response, Denied> {
    let joined = reception.look(&who, ticket(&path)?, Look::Now).await?;
    Ok(axum::Json(joined).into_response())
}

/// `GET /api/tickets/{id}/read-marks`: how far its members have read, in the numbers of whoever asks.
async fn read_marks(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    path: Path<HashMap<String, String>>,
) -> Result<Response, Denied> {
    let marks = reception.look(&who, ticket(&path)?, Look::Marks).await?;
    Ok(axum::Json(marks).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    after: Option<u32>,
    before: Option<u32>,
}

/// `GET /api/tickets/{id}/events?after=`: a page of what came after, from the beginning where nothing is said;
/// `?before=`: of what came before.
async fn events(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    path: Path<HashMap<String, String>>,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Denied> {
    let look = match which {
        Ok(Query(Which { after, before: None })) => Look::After(after.unwrap_or(0)),
        Ok(Query(Which { after: None, before: Some(before) })) => Look::Before(before),
        Ok(Query(Which { after: Some(_), before: Some(_) })) => {
            return Err(Denied::Wrong("either after or before, not both".into()));
        }
        Err(fault) => return Err(Denied::Wrong(fault.body_text())),
    };
    let page = reception.look(&who, ticket(&path)?, look).await?;
    Ok(axum::Json(page).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct After {
    after: Option<TicketId>,
}

/// `GET /api/rooms?after=`: a page of the discussions, in the order of their ids.
async fn rooms(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    after: Result<Query<After>, QueryRejection>,
) -> Result<Response, Denied> {
    let Query(After { after }) = after.map_err(|fault| Denied::Wrong(fault.body_text()))?;
    let list = ListDiscussions { request: REQUEST, after: after.unwrap_or_default() };
    let listed = reception.carry_out(&who, list.into(), None).await?;
    Ok(axum::Json(listed).into_response())
}

/// `GET /api/me`: the welcome, and of staff the status.
async fn me(State(reception): State<Arc<Reception>>, Bearer(who): Bearer) -> Result<Response, Denied> {
    let mut welcome = json!(reception.welcome(&who).await?);
    if who.role.is_staff() {
        welcome["status"] = json!(reception.desk.statuses.of(who.person));
    }
    Ok(axum::Json(welcome).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Older {
    #[serde(default)]
    before: u32,
}

/// `GET /api/me/notifications?before=`: a page of what one was told of, the newest first.
async fn notices(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    older: Result<Query<Older>, QueryRejection>,
) -> Result<Response, Denied> {
    let Query(Older { before }) = older.map_err(|fault| Denied::Wrong(fault.body_text()))?;
    let asked = AskNotices { request: REQUEST, before };
    Ok(axum::Json(reception.carry_out(&who, asked.into(), None).await?).into_response())
}

/// `GET /api/tickets/{id}/routing`: why it has this agent, or none.
async fn routing(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    path: Path<HashMap<String, String>>,
) -> Result<Response, Denied> {
    let ask = AskRouting { request: REQUEST, ticket: ticket(&path)? };
    Ok(axum::Json(reception.carry_out(&who, ask.into(), None).await?).into_response())
}

/// `GET /api/me/routing`: why I get nothing.
async fn my_routing(State(reception): State<Arc<Reception>>, Bearer(who): Bearer) -> Result<Response, Denied> {
    let ask = AskMyRouting { request: REQUEST };
    Ok(axum::Json(reception.carry_out(&who, ask.into(), None).await?).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    page: Option<u16>,
}

/// `GET /api/floor?page=`: what he oversees as it is, agents and categories, both in pages from 0.
async fn floor(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Denied> {
    let Query(Page { page }) = page.map_err(|fault| Denied::Wrong(fault.body_text()))?;
    let ask = |part| ClientFrame::from(AskFloor { request: REQUEST, part, page: page.unwrap_or(0) });
    let mut floor = json!(reception.carry_out(&who, ask(FloorPart::Categories), None).await?);
    let agents = json!(reception.carry_out(&who, ask(FloorPart::Agents), None).await?);
    floor["more"] = json!(floor["more"] == true || agents["more"] == true);
    floor["agents"] = agents["agents"].clone();
    floor["kind"] = json!("floor");
    Ok(axum::Json(floor).into_response())
}
