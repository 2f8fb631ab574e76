//! Canned replies over HTTP: managed by admins, read by those who use them.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use deskwire_protocol::kinds::AskCanned;
use deskwire_protocol::limits::CANNED_PAGE_MAX;
use deskwire_protocol::{Refusal, TicketId};
use serde::Deserialize;
use serde_json::json;

use super::admin::{Admin, Body, NO_SUCH, NOT_KEPT, read, text};
use super::answer::Denied;
use super::auth::wrong_method;
use super::bearer::Bearer;
use crate::domain::authorize::{Action, Target, authorize};
use crate::identity::canned::{CannedFault, CannedSetting, CannedShown, Reply};
use crate::transport::errands::REQUEST;
use crate::transport::reception::Reception;

/// The routes of canned replies.
pub fn routes() -> Router<Arc<Reception>> {
    Router::new()
        .route("/admin/canned-replies", get(list).post(make).fallback(|| async { wrong_method("GET, POST") }))
        .route(
            "/admin/canned-replies/{id}",
            get(one).put(set).delete(remove).fallback(|| async { wrong_method("GET, PUT, DELETE") }),
        )
        .route("/canned-replies", get(of_mine).fallback(|| async { wrong_method("GET") }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    after: u32,
}

/// `GET /api/admin/canned-replies?after=`: a page of all, by number.
async fn list(admin: Admin, page: Result<Query<Page>, QueryRejection>) -> Result<Response, Denied> {
    let Query(page) = page.map_err(|fault| Denied::Wrong(fault.body_text()))?;
    let desk = &admin.reception.desk;
    Ok(shown(&admin.reception, desk.canned.after(page.after, None, CANNED_PAGE_MAX)))
}

/// `POST /api/admin/canned-replies`: a new one.
async fn make(admin: Admin, headers: HeaderMap, body: Body) -> Result<Response, Denied> {
    let made = change(&admin, None, read(&headers, body)?).await?;
    Ok((StatusCode::CREATED, axum::Json(made)).into_response())
}

/// `GET /api/admin/canned-replies/{number}`.
async fn one(admin: Admin, Path(id): Path<String>) -> Result<axum::Json<CannedShown>, Denied> {
    let desk = &admin.reception.desk;
    Ok(axum::Json(desk.canned.get(number(&id)?).ok_or(NO_SUCH)?.shown(&desk.accounts)))
}

/// `PUT /api/admin/canned-replies/{number}`: another text under the number.
async fn set(admin: Admin, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Result<Response, Denied> {
    Ok(axum::Json(change(&admin, Some(number(&id)?), read(&headers, body)?).await?).into_response())
}

/// `DELETE /api/admin/canned-replies/{number}`.
async fn remove(admin: Admin, Path(id): Path<String>) -> Result<StatusCode, Denied> {
    let desk = &admin.reception.desk;
    let gone = desk.canned.remove(&desk.store, number(&id)?).await.map_err(unchanged)?;
    tracing::info!(admin = %admin.who.person, reply = gone.id, before = text(&gone.shown(&desk.accounts)),
        "a canned reply was removed");
    Ok(StatusCode::NO_CONTENT)
}

async fn change(admin: &Admin, id: Option<u32>, setting: CannedSetting) -> Result<CannedShown, Denied> {
    let desk = &admin.reception.desk;
    let before = id.and_then(|id| desk.canned.get(id)).map(|reply| reply.shown(&desk.accounts));
    let reply = desk.canned.set(&desk.store, &desk.accounts, id, setting).await.map_err(unchanged)?;
    let after = reply.shown(&desk.accounts);
    tracing::info!(admin = %admin.who.person, reply = reply.id, before = text(&before), after = text(&after),
        "a canned reply was set");
    Ok(after)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    category: Option<String>,
    ticket: Option<TicketId>,
    #[serde(default)]
    after: u32,
}

/// `GET /api/canned-replies?category=&after=`: those of a category, as they are written; `?ticket=`: those that fit a
/// ticket, filled in for it.
async fn of_mine(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Denied> {
    authorize(&who.actor(), Action::UseCanned, Target::Desk)?;
    let Query(Which { category, ticket, after }) = which.map_err(|fault| Denied::Wrong(fault.body_text()))?;
    match (category, ticket) {
        (None, Some(ticket)) => {
            let asked = AskCanned { request: REQUEST, ticket, after };
            Ok(axum::Json(reception.carry_out(&who, asked.into(), None).await?).into_response())
        }
        (Some(category), None) => {
            let category = reception.desk.accounts.category_called(&category).ok_or(Refusal::UnknownCategory)?;
            if !who.serves(category.id) {
                return Err(Refusal::NotEntitled.into());
            }
            Ok(shown(&reception, reception.desk.canned.after(after, Some(category.id), CANNED_PAGE_MAX)))
        }
        (Some(_), Some(_)) | (None, None) => Err(Denied::Wrong("either category or ticket".into())),
    }
}

fn shown(reception: &Reception, (replies, more): (Vec<Arc<Reply>>, bool)) -> Response {
    let replies: Vec<CannedShown> = replies.iter().map(|reply| reply.shown(&reception.desk.accounts)).collect();
    axum::Json(json!({ "replies": replies, "more": more })).into_response()
}

fn number(id: &str) -> Result<u32, Denied> {
    id.parse().map_err(|_| NO_SUCH.into())
}

fn unchanged(fault: CannedFault) -> Denied {
    match fault {
        CannedFault::Unknown => NO_SUCH.into(),
        CannedFault::Unreadable(_) | CannedFault::Title | CannedFault::NoCategory(_) | CannedFault::Full => {
            Denied::Wrong(fault.to_string())
        }
        CannedFault::Write(fault) => {
            tracing::error!(%fault, "a canned reply was not kept");
            NOT_KEPT.into()
        }
    }
}
