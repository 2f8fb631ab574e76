//! Signing in over HTTP, and what one must know before: the categories.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use deskwire_protocol::limits::{EMAIL_BYTES_MAX, PASSWORD_BYTES_MAX};
use deskwire_protocol::{PersonId, Role, Time};
use serde::{Deserialize, Serialize};

use super::answer::Problem;
use crate::clock::Clock;
use crate::identity::{Identity, NotSignedIn};
use crate::metrics::{Metrics, SignIn};

/// Longest body of a request to the API, in bytes.
const BODY_BYTES_MAX: usize = 8 * 1024;

pub(super) const NOT_JSON: Problem =
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "send the body as application/json");
pub(super) const TOO_LARGE: Problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is too long");
const MALFORMED: Problem =
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "malformed", "expected {\"email\": text, \"password\": text}");
const WRONG: Problem = Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials", "wrong e-mail or password");
const LIMITED: Problem = Problem {
    retry_after: Some(30),
    ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "too many sign-ins, try again later")
};
const METHOD: Problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "not with this method");

/// What the API works with. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    /// Who somebody is.
    pub identity: Arc<Identity>,
    /// The time.
    pub clock: Clock,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
}

/// The answer to a good sign-in.
#[derive(Serialize)]
struct Welcome {
    token: String,
    expires_at: Time,
    person: PersonId,
    role: Role,
    name: String,
}

/// A category as customers see it.
#[derive(Serialize)]
struct CategoryLine {
    name: String,
    early_posts: bool,
}

/// Its routes below `/api`.
pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/auth/login", post(login).fallback(only_post))
        .route("/categories", get(categories).fallback(only_get))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(api)
}

/// `POST /api/auth/login` `{email, password}`: 200 with a token, 401 for a wrong password and an unknown address alike.
async fn login(
    State(api): State<Api>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let credentials = match read(&headers, body) {
        Ok(credentials) => credentials,
        Err(problem) => return problem.into_response(),
    };
    let Credentials { email, password } = credentials;
    let outcome = api.identity.sign_in(&email, password, from.ip(), api.clock.now()).await;
    let (counted, answer) = match outcome {
        Ok(signed_in) => {
            let welcome = Welcome {
                token: signed_in.issued.token,
                expires_at: signed_in.issued.expires_at,
                person: signed_in.account.person,
                role: signed_in.account.role,
                name: signed_in.account.name.clone(),
            };
            (SignIn::Accepted, axum::Json(welcome).into_response())
        }
        Err(NotSignedIn::Wrong) => (SignIn::Refused, WRONG.into_response()),
        Err(NotSignedIn::Limited) => (SignIn::Limited, LIMITED.into_response()),
    };
    api.metrics.sign_ins[counted].inc();
    answer
}

/// The bytes of a body that says it is JSON: asked for so that no page of another site can send a plain form.
pub(super) fn json_body(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(NOT_JSON);
    }
    body.map_err(|_| TOO_LARGE)
}

fn read(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Credentials, Problem> {
    let body = json_body(headers, body)?;
    let credentials: Credentials = serde_json::from_slice(&body).map_err(|_| MALFORMED)?;
    if credentials.email.len() > EMAIL_BYTES_MAX || credentials.password.len() > PASSWORD_BYTES_MAX {
        return Err(MALFORMED);
    }
    Ok(credentials)
}

/// `GET /api/categories`: their names, as a customer chooses.
async fn categories(State(api): State<Api>) -> Response {
    let lines: Vec<CategoryLine> = api
        .identity
        .accounts
        .categories()
        .iter()
        .map(|category| CategoryLine { name: category.name.clone(), early_posts: category.early_posts })
        .collect();
    axum::Json(lines).into_response()
}

async fn only_post(_: Uri) -> Response {
    wrong_method("POST")
}

async fn only_get(_: Uri) -> Response {
    wrong_method("GET")
}

/// 405, and with which method it is.
pub(super) fn wrong_method(allowed: &'static str) -> Response {
    let mut answer = METHOD.into_response();
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}

#[cfg(test)]
#[path = "auth_tests.rs"]
mod tests;
