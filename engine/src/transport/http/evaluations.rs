//! Evaluations over HTTP: forms made by admins, evaluations written by supervisors, read and confirmed by their agent.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use deskwire_protocol::{NoticeWord, PersonId, Refusal, TicketId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::{Admin, Body, NO_SUCH, NOT_KEPT, read};
use super::answer::{Denied, Problem};
use super::auth::wrong_method;
use super::bearer::Bearer;
use crate::actors::notifier::{self, Tell};
use crate::domain::authorize::{Action, Target, authorize};
use crate::domain::disk::Disk;
use crate::domain::evaluation::{Form, check_notes, may_evaluate};
use crate::domain::notice::Notice;
use crate::domain::room::Look;
use crate::domain::who::Who;
use crate::identity::account::Account;
use crate::identity::evaluations::{Evaluation, EvaluationFault, FormVersion, put, took_part};
use crate::transport::reception::Reception;

const FULL: Problem = Problem::new(StatusCode::CONFLICT, "full", "there are as many of these as may be");
const NOT_HIS: Problem = Problem::new(StatusCode::CONFLICT, "not_his_ticket", "this agent took no part in the ticket");

/// The routes of evaluations.
pub fn routes() -> Router<Arc<Reception>> {
    let only_get = || async { wrong_method("GET") };
    Router::new()
        .route("/admin/evaluation-forms", post(make_form).fallback(|| async { wrong_method("POST") }))
        .route("/admin/evaluation-forms/{id}", axum::routing::put(set_form).fallback(|| async { wrong_method("PUT") }))
        .route("/evaluation-forms", get(forms).fallback(only_get))
        .route("/evaluations", post(evaluate).get(of_agent).fallback(|| async { wrong_method("GET, POST") }))
        .route("/me/evaluations", get(mine).fallback(only_get))
        .route("/me/evaluations/{number}/confirm", post(confirm).fallback(|| async { wrong_method("POST") }))
}

/// `POST /api/admin/evaluation-forms`: a new form, version 1.
async fn make_form(admin: Admin, headers: HeaderMap, body: Body) -> Result<Response, Denied> {
    set(&admin, None, read(&headers, body)?).await
}

/// `PUT /api/admin/evaluation-forms/{number}`: its next version; those before stay as they were.
async fn set_form(admin: Admin, Path(id): Path<String>, headers: HeaderMap, body: Body) -> Result<Response, Denied> {
    set(&admin, Some(id.parse().map_err(|_| NO_SUCH)?), read(&headers, body)?).await
}

async fn set(admin: &Admin, id: Option<u16>, form: Form) -> Result<Response, Denied> {
    let desk = &admin.reception.desk;
    let made = desk.evaluations.set_form(&desk.store, id, form).await.map_err(undone)?;
    let status = if made.version == 1 { StatusCode::CREATED } else { StatusCode::OK };
    tracing::info!(admin = %admin.who.person, form = made.id, version = made.version, "an evaluation form was set");
    Ok((status, axum::Json(&*made)).into_response())
}

/// `GET /api/evaluation-forms`: the newest version of each, for those who evaluate.
async fn forms(State(reception): State<Arc<Reception>>, Bearer(who): Bearer) -> Result<Response, Denied> {
    authorize(&who.actor(), Action::Evaluate, Target::Desk)?;
    let forms = reception.desk.evaluations.forms();
    let forms: Vec<&FormVersion> = forms.iter().map(|form| &**form).collect();
    Ok(axum::Json(forms).into_response())
}

/// What somebody says of an agent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    agent: PersonId,
    #[serde(default)]
    ticket: Option<TicketId>,
    form: u16,
    /// The newest where nothing is said.
    #[serde(default)]
    version: Option<u16>,
    marks: Vec<u8>,
    #[serde(default)]
    notes: String,
}

/// `POST /api/evaluations`: an agent, perhaps a ticket of his, by a form. He is given notice of it in the same step.
async fn evaluate(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Denied> {
    authorize(&who.actor(), Action::Evaluate, Target::Desk)?;
    let said: Said = read(&headers, body)?;
    check_notes(&said.notes).map_err(|fault| Denied::Wrong(fault.to_string()))?;
    let desk = &reception.desk;
    let agent = agent_of(&reception, &who, said.agent);
    let agent = agent.ok_or_else(|| Denied::Wrong("agent: there is no such agent".into()))?;
    if !may_evaluate(who.role, agent.role) || agent.person == who.person {
        return Err(Refusal::Forbidden.into());
    }
    let form = desk.evaluations.form(said.form, said.version);
    let form = form.ok_or_else(|| Denied::Wrong("form: there is no such form or version".into()))?;
    let score = form.form.score(&said.marks).map_err(|fault| Denied::Wrong(fault.to_string()))?;
    if let Some(ticket) = said.ticket {
        check_ticket(&reception, &who, ticket, said.agent).await?;
    }
    let evaluation = Evaluation {
        number: 0,
        agent: said.agent,
        by: who.person,
        by_name: who.name.to_string(),
        at: desk.clock.now(),
        ticket: said.ticket,
        form: form.id,
        version: form.version,
        marks: said.marks,
        score,
        notes: said.notes,
        confirmed: None,
    };
    let kept = keep(&reception, evaluation, &form.form.name).await?;
    tracing::info!(by = %who.person, agent = %kept.agent, number = kept.number, "an agent was evaluated");
    Ok((StatusCode::CREATED, axum::Json(shown(&reception, kept))).into_response())
}

/// An agent; one who is not somebody's to lead answers as one who does not exist.
fn agent_of(reception: &Reception, who: &Who, agent: PersonId) -> Option<Arc<Account>> {
    let accounts = &reception.desk.accounts;
    let profile = accounts.profile(agent).filter(|profile| who.leads(profile.team))?;
    accounts.get(profile.id)
}

/// Who evaluates a ticket may read it, which the room says and its log notes; the agent took part in it.
async fn check_ticket(reception: &Reception, who: &Arc<Who>, ticket: TicketId, agent: PersonId) -> Result<(), Denied> {
    reception.look(who, ticket, Look::Now).await?;
    match took_part(&reception.desk.store, ticket, agent).await.map_err(undone)? {
        true => Ok(()),
        false => Err(NOT_HIS.into()),
    }
}

/// The evaluation and the notice of it, in one commit.
async fn keep(reception: &Reception, evaluation: Evaluation, form: &str) -> Result<Evaluation, Denied> {
    let desk = &reception.desk;
    if desk.disk() == Disk::Lowest {
        return Err(Refusal::ReadOnly.into());
    }
    let _one = desk.evaluations.changing.lock().await;
    let number = desk.evaluations.next_number(&desk.store, evaluation.agent).await.map_err(undone)?;
    let evaluation = Evaluation { number, ..evaluation };
    let (at, by, ticket) = (evaluation.at, evaluation.by_name.clone(), evaluation.ticket.unwrap_or_default());
    let notice = Notice { what: NoticeWord::Evaluated, ticket, at, by, detail: form.to_owned() };
    let (done, told) = tokio::sync::oneshot::channel();
    let records = vec![put(&evaluation).map_err(undone)?];
    let notices = vec![(evaluation.agent, notice)];
    desk.tell_notifier(notifier::Msg::Tell(Tell { records, notices, done }));
    match told.await {
        Ok(Ok(())) => Ok(evaluation),
        Ok(Err(fault)) => Err(undone(fault.into())),
        // It fell with the question; what became of it is unknown.
        Err(_) => Err(Refusal::Again.into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfAgent {
    agent: PersonId,
    #[serde(default)]
    before: u32,
}

/// `GET /api/evaluations?agent=&before=`: those of an agent whom one may evaluate, the newest first.
async fn of_agent(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    which: Result<Query<OfAgent>, QueryRejection>,
) -> Result<Response, Denied> {
    authorize(&who.actor(), Action::Evaluate, Target::Desk)?;
    let Query(OfAgent { agent, before }) = which.map_err(|fault| Denied::Wrong(fault.body_text()))?;
    let account = agent_of(&reception, &who, agent).ok_or(NO_SUCH)?;
    match may_evaluate(who.role, account.role) {
        true => page(&reception, agent, before).await,
        false => Err(Refusal::Forbidden.into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Older {
    #[serde(default)]
    before: u32,
}

/// `GET /api/me/evaluations?before=`: one's own.
async fn mine(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    older: Result<Query<Older>, QueryRejection>,
) -> Result<Response, Denied> {
    let Query(Older { before }) = older.map_err(|fault| Denied::Wrong(fault.body_text()))?;
    page(&reception, who.person, before).await
}

/// `POST /api/me/evaluations/{number}/confirm`: I have read it.
async fn confirm(
    State(reception): State<Arc<Reception>>,
    Bearer(who): Bearer,
    Path(number): Path<String>,
) -> Result<StatusCode, Denied> {
    let (desk, number) = (&reception.desk, number.parse().map_err(|_| NO_SUCH)?);
    let now = desk.clock.now();
    desk.evaluations.confirm(&desk.store, (who.person, number), now).await.map_err(undone)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn page(reception: &Reception, agent: PersonId, before: u32) -> Result<Response, Denied> {
    let desk = &reception.desk;
    let (page, more) = desk.evaluations.page(&desk.store, agent, before).await.map_err(undone)?;
    let page: Vec<Value> = page.into_iter().map(|one| shown(reception, one)).collect();
    Ok(axum::Json(json!({ "evaluations": page, "more": more })).into_response())
}

/// With the form as it was when it was used.
fn shown(reception: &Reception, evaluation: Evaluation) -> Value {
    let form = reception.desk.evaluations.form(evaluation.form, Some(evaluation.version));
    let mut shown = json!(evaluation);
    shown["form"] = json!(form.as_deref());
    shown
}

fn undone(fault: EvaluationFault) -> Denied {
    match fault {
        EvaluationFault::Misfit(misfit) => Denied::Wrong(misfit.to_string()),
        EvaluationFault::Unknown => NO_SUCH.into(),
        EvaluationFault::Full(_) => FULL.into(),
        EvaluationFault::Form(_) | EvaluationFault::Read(_) | EvaluationFault::Write(_) => {
            tracing::error!(%fault, "an evaluation was not kept or read");
            NOT_KEPT.into()
        }
    }
}
