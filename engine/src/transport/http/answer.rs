//! What all answers have in common: headers that tell a browser to be careful, and errors as JSON.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use deskwire_protocol::Refusal;
use deskwire_protocol::kinds::Refused;
use serde_json::json;

/// Scripts and styles from here alone, nothing inline, no frames, and no text that a script could turn into markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

static HEADERS: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The router with these headers on every answer; what says nothing else must not be stored.
pub fn hardened(router: Router) -> Router {
    router.layer(middleware::from_fn(harden))
}

async fn harden(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in &HEADERS {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// An error of the API: a status, a word for programs, words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// For programs; never changed.
    pub error: &'static str,
    /// For people.
    pub words: &'static str,
    /// Seconds after which the same request may be made again.
    pub retry_after: Option<u32>,
}

impl Problem {
    /// One that is final.
    pub const fn new(status: StatusCode, error: &'static str, words: &'static str) -> Problem {
        Problem { status, error, words, retry_after: None }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = axum::Json(json!({ "error": self.error, "words": self.words }));
        let mut answer = (self.status, body).into_response();
        if let Some(seconds) = self.retry_after {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

/// Why a request is answered with no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The request is not one.
    Problem(Problem),
    /// A value in it is not; the words name it.
    Wrong(String),
    /// The desk says no, as a socket would hear it.
    Refused(Refused),
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Denied {
        Denied::Problem(problem)
    }
}

impl From<Refused> for Denied {
    fn from(no: Refused) -> Denied {
        Denied::Refused(no)
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Denied {
        let (code, detail) = (refusal.number(), refusal.words().trim().to_owned());
        let ticket = deskwire_protocol::TicketId::default();
        Denied::Refused(Refused { request: 0, ticket, number: 0, code, retry_ms: 0, expected: 0, detail })
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Denied::Problem(problem) => problem.into_response(),
            Denied::Wrong(words) => {
                let body = json!({ "error": "wrong_value", "words": words });
                (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(body)).into_response()
            }
            Denied::Refused(no) => refused(&no),
        }
    }
}

/// The refusal's name and number are those of PROTOCOL.md.
fn refused(no: &Refused) -> Response {
    let refusal = Refusal::from_number(no.code).unwrap_or(Refusal::Again);
    let body = json!({
        "error": refusal.name(), "code": no.code, "words": no.detail, "retry_ms": no.retry_ms, "expected": no.expected,
    });
    let mut answer = (status(refusal), axum::Json(body)).into_response();
    if refusal.is_retryable() {
        let seconds = no.retry_ms.div_ceil(1_000).max(1);
        answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

/// The status of a refusal: 409 where the state of things is against it, 422 where the request is, 429 where there are
/// too many of his, 503 where the same may be asked again.
pub fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Forbidden | Refusal::NotEntitled | Refusal::Banned | Refusal::Muted => StatusCode::FORBIDDEN,
        Refusal::UnknownTicket | Refusal::UnknownAgent | Refusal::UnknownTeam | Refusal::UnknownPost => {
            StatusCode::NOT_FOUND
        }
        Refusal::Absurd | Refusal::Malformed | Refusal::EmptyText | Refusal::UnknownCategory => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Refusal::TooManyTickets | Refusal::StreamsFull | Refusal::TooSoon => StatusCode::TOO_MANY_REQUESTS,
        Refusal::NotJoined
        | Refusal::IllegalStep
        | Refusal::OutOfOrder
        | Refusal::StreamConflict
        | Refusal::StreamUnknown
        | Refusal::StreamForgotten
        | Refusal::Taken
        | Refusal::NoFreeSlot
        | Refusal::Ahead
        | Refusal::SetAside
        | Refusal::NotYetAssigned
        | Refusal::MembersFull
        | Refusal::JoinedFull
        | Refusal::Lapsed
        | Refusal::CannotTake
        | Refusal::CannotConsult
        | Refusal::ConsultsFull
        | Refusal::Unreachable
        | Refusal::SameCategory
        | Refusal::Ignored
        | Refusal::TooLate
        | Refusal::NotesFull
        | Refusal::FloorTooLarge
        | Refusal::DiscussionFull
        | Refusal::DiscussionsFull
        | Refusal::NotAMember
        | Refusal::Moderates
        | Refusal::ModerationsFull => StatusCode::CONFLICT,
        Refusal::Again
        | Refusal::Busy
        | Refusal::ReadOnly
        | Refusal::PairingPaused
        | Refusal::Draining
        | Refusal::Full => StatusCode::SERVICE_UNAVAILABLE,
    }
}
