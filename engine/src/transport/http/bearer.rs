//! Who asks, by the token in his `Authorization` header, and what is in his request.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use deskwire_protocol::limits::{MESSAGE_BYTES_MAX, TOKEN_BYTES_MAX};
use deskwire_protocol::{Refusal, TicketId};
use serde_json::{Map, Value};

use super::answer::{Denied, Problem};
use super::auth::json_body;
use crate::domain::who::Who;
use crate::transport::reception::Reception;

/// Longest `Idempotency-Key`, in bytes.
const KEY_BYTES_MAX: usize = 128;
/// The header that names what is done once, however often it is asked for.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

const WHO: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "unauthenticated",
    "send Authorization: Bearer TOKEN with a token that is valid",
);
const NO_KEY: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "idempotency_key",
    "send an Idempotency-Key of 1 to 128 visible ASCII characters, the same for a repeat",
);

/// One who has shown his token.
pub struct Bearer(pub Arc<Who>);

impl FromRequestParts<Arc<Reception>> for Bearer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, reception: &Arc<Reception>) -> Result<Bearer, Response> {
        let who = token(&parts.headers).and_then(|token| reception.bearer(token));
        who.map(Bearer).ok_or_else(|| {
            let mut answer = WHO.into_response();
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            answer
        })
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let fits = scheme.eq_ignore_ascii_case("bearer") && token.len() <= TOKEN_BYTES_MAX;
    fits.then_some(token.trim())
}

/// A request's body is no longer than a socket's message.
pub fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(MESSAGE_BYTES_MAX)
}

/// The ticket that an address names. What is no id is no ticket either.
pub fn ticket(Path(path): &Path<HashMap<String, String>>) -> Result<TicketId, Denied> {
    let id = path.get("id").and_then(|id| id.parse().ok());
    id.ok_or(Refusal::UnknownTicket.into())
}

/// What a request says, as JSON; no body at all says nothing.
pub fn object(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Map<String, Value>, Denied> {
    if matches!(&body, Ok(body) if body.is_empty()) {
        return Ok(Map::new());
    }
    let body = json_body(headers, body)?;
    serde_json::from_slice(&body).map_err(|fault| Denied::Wrong(format!("the body is no JSON object: {fault}")))
}

/// The key under which this is done once.
pub fn idempotency_key(headers: &HeaderMap) -> Result<&str, Denied> {
    let key = headers.get(IDEMPOTENCY_KEY).and_then(|key| key.to_str().ok()).unwrap_or_default();
    let fits = (1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(key).ok_or(NO_KEY.into())
}
