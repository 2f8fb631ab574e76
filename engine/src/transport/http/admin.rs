//! Administration of the floor: categories' rules, teams, agents' profiles. A change is on disk first, then in the log,
//! then in the running queue, and for admins alone.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use deskwire_protocol::{CloseCode, PersonId, Role};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::answer::{Denied, Problem};
use super::auth::{json_body, wrong_method};
use super::bearer::Bearer;
use crate::actors::desk::Desk;
use crate::actors::dispatcher;
use crate::domain::authorize::{Action, Target, authorize};
use crate::domain::rules::Rules;
use crate::domain::who::{Bound, Who};
use crate::identity::account::{Category, Unfit};
use crate::identity::accounts::ChangeFault;
use crate::identity::staffing::{StaffLine, Staffing, TeamSetting};
use crate::transport::reception::Reception;

pub(super) const NO_SUCH: Problem =
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is nothing of this name or number");
pub(super) const NOT_KEPT: Problem = Problem {
    retry_after: Some(5),
    ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", "it could not be written, try again later")
};

/// An admin, and the desk that he sees to.
pub(super) struct Admin {
    pub(super) who: Arc<Who>,
    pub(super) reception: Arc<Reception>,
}

impl FromRequestParts<Arc<Reception>> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, reception: &Arc<Reception>) -> Result<Admin, Response> {
        let Bearer(who) = Bearer::from_request_parts(parts, reception).await?;
        authorize(&who.actor(), Action::Administer, Target::Desk)
            .map_err(|refusal| Denied::from(refusal).into_response())?;
        Ok(Admin { who, reception: reception.clone() })
    }
}

pub(super) type Body = Result<Bytes, BytesRejection>;

/// The routes of administration.
pub fn routes() -> Router<Arc<Reception>> {
    let get_put = || async { wrong_method("GET, PUT") };
    Router::new()
        .route("/admin/categories/{called}/rules", get(rules).put(set_rules).fallback(get_put))
        .route("/admin/teams/{id}", get(team).put(set_team).fallback(get_put))
        .route("/admin/agents", get(agents).fallback(|| async { wrong_method("GET") }))
        .route("/admin/agents/{person}/profile", get(profile).put(set_profile).fallback(get_put))
        .route("/admin/supervisors/{person}/teams", get(bound).put(bind).fallback(get_put))
}

/// `GET /api/admin/categories/{number or name}/rules`.
async fn rules(admin: Admin, Path(called): Path<String>) -> Result<Response, Denied> {
    let category = admin.category(&called)?;
    Ok(axum::Json(&*admin.reception.desk.accounts.rules(&category)).into_response())
}

/// `PUT /api/admin/categories/{number or name}/rules`: all rules; one that is left out has its default.
async fn set_rules(
    admin: Admin,
    Path(called): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Denied> {
    let category = admin.category(&called)?;
    let rules: Rules = read(&headers, body)?;
    rules.check().map_err(|unruly| Denied::Wrong(unruly.to_string()))?;
    let accounts = &admin.reception.desk.accounts;
    let before = accounts.rules(&category);
    let shares_anew = before.shared != rules.shared;
    accounts.set_rules(category.id, &rules).await.map_err(unchanged)?;
    tracing::info!(admin = %admin.who.person, category = category.id.0, before = before.text(), after = rules.text(),
        "the rules of a category were changed");
    let desk = &admin.reception.desk;
    desk.tell_dispatcher(dispatcher::Msg::CategoryChanged { category: category.id });
    if shares_anew {
        // What his colleagues' tickets are to him was settled when he came.
        let serve = desk.directory.staff_present().into_iter().filter(|who| who.categories.contains(&category.id));
        serve.filter(|who| who.role != Role::Admin).for_each(|who| come_back(desk, who.person));
    }
    Ok(axum::Json(rules).into_response())
}

/// `GET /api/admin/teams/{number}`.
async fn team(admin: Admin, Path(id): Path<String>) -> Result<axum::Json<TeamSetting>, Denied> {
    let team = admin.reception.desk.accounts.team(id.parse().map_err(|_| NO_SUCH)?);
    Ok(axum::Json(team.ok_or(NO_SUCH)?))
}

/// `PUT /api/admin/teams/{number}`: a new one too.
async fn set_team(admin: Admin, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Result<Response, Denied> {
    let id: u16 = id.parse().map_err(|_| NO_SUCH)?;
    let setting: TeamSetting = read(&headers, body)?;
    let accounts = &admin.reception.desk.accounts;
    let before = accounts.team(id);
    accounts.set_team(id, setting.clone()).await.map_err(unchanged)?;
    let (before, after) = (text(&before), text(&setting));
    tracing::info!(admin = %admin.who.person, team = id, before, after, "a team was changed");
    admin.reception.desk.tell_dispatcher(dispatcher::Msg::TeamChanged { team: id });
    Ok(axum::Json(setting).into_response())
}

/// `GET /api/admin/agents`: every member of staff.
async fn agents(admin: Admin) -> axum::Json<Vec<StaffLine>> {
    axum::Json(admin.reception.desk.accounts.staff())
}

/// `GET /api/admin/agents/{person}/profile`.
async fn profile(admin: Admin, Path(person): Path<String>) -> Result<axum::Json<Staffing>, Denied> {
    let person: PersonId = person.parse().map_err(|_| NO_SUCH)?;
    Ok(axum::Json(admin.reception.desk.accounts.staffing(person).ok_or(NO_SUCH)?))
}

/// `PUT /api/admin/agents/{person}/profile`. Who serves other categories from now on is told to come back, for what he
/// may hear was settled when he came.
async fn set_profile(
    admin: Admin,
    Path(person): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Denied> {
    let person: PersonId = person.parse().map_err(|_| NO_SUCH)?;
    let desk = &admin.reception.desk;
    let before = desk.accounts.staffing(person).ok_or(NO_SUCH)?;
    let overseen = desk.accounts.bound();
    let staffing: Staffing = read(&headers, body)?;
    desk.accounts.set_staffing(person, staffing).await.map_err(unchanged)?;
    let after = desk.accounts.staffing(person).ok_or(NO_SUCH)?;
    tracing::info!(admin = %admin.who.person, agent = %person, before = text(&before), after = text(&after),
        "an agent's profile was changed");
    desk.tell_dispatcher(dispatcher::Msg::AgentChanged { agent: person });
    if before.categories != after.categories {
        come_back(desk, person);
    }
    overseers_come_back(desk, &overseen);
    Ok(axum::Json(after).into_response())
}

/// The teams that a supervisor is bound to, by number; none where he oversees all.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Teams {
    teams: Vec<u16>,
}

/// `GET /api/admin/supervisors/{person}/teams`.
async fn bound(admin: Admin, Path(person): Path<String>) -> Result<axum::Json<Teams>, Denied> {
    let person: PersonId = person.parse().map_err(|_| NO_SUCH)?;
    Ok(axum::Json(Teams { teams: admin.reception.desk.accounts.supervision(person).ok_or(NO_SUCH)? }))
}

/// `PUT /api/admin/supervisors/{person}/teams`.
async fn bind(admin: Admin, Path(person): Path<String>, headers: HeaderMap, body: Body) -> Result<Response, Denied> {
    let person: PersonId = person.parse().map_err(|_| NO_SUCH)?;
    let desk = &admin.reception.desk;
    let before = desk.accounts.supervision(person).ok_or(NO_SUCH)?;
    let overseen = desk.accounts.bound();
    let Teams { teams } = read(&headers, body)?;
    desk.accounts.set_supervision(person, teams).await.map_err(unchanged)?;
    let teams = desk.accounts.supervision(person).ok_or(NO_SUCH)?;
    let (before, after) = (text(&before), text(&teams));
    tracing::info!(admin = %admin.who.person, supervisor = %person, before, after, "a supervisor's teams were changed");
    overseers_come_back(desk, &overseen);
    Ok(axum::Json(Teams { teams }).into_response())
}

/// Who sees something else from now on is told to come back: what he may hear was settled when he came.
fn come_back(desk: &Desk, person: PersonId) {
    desk.directory.outboxes(person).iter().for_each(|outbox| outbox.close(CloseCode::Changed));
}

fn overseers_come_back(desk: &Desk, before: &HashMap<PersonId, Bound>) {
    let after = desk.accounts.bound();
    let people = before.keys().chain(after.keys()).filter(|person| before.get(*person) != after.get(*person));
    people.for_each(|person| come_back(desk, *person));
}

impl Admin {
    fn category(&self, called: &str) -> Result<Arc<Category>, Denied> {
        self.reception.desk.accounts.category_called(called).ok_or(NO_SUCH.into())
    }
}

/// What is wrong is named by the words.
pub(super) fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Denied> {
    let body = json_body(headers, body)?;
    serde_json::from_slice(&body).map_err(|fault| Denied::Wrong(fault.to_string()))
}

pub(super) fn text<T: Serialize + Debug>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| format!("{value:?}"))
}

fn unchanged(fault: ChangeFault) -> Denied {
    match fault {
        ChangeFault::Unfit(Unfit::UnknownPerson) => NO_SUCH.into(),
        ChangeFault::Unfit(unfit) => Denied::Wrong(unfit.to_string()),
        ChangeFault::Keep(fault) => {
            tracing::error!(%fault, "a change was not kept");
            NOT_KEPT.into()
        }
    }
}
