//! One HTTP connection: requests to the router, `/ws` to an upgrade.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use fastwebsockets::upgrade::UpgradeFut;
use http_body_util::Limited;
use hyper::body::Incoming;
use tower_service::Service;

use super::invitation::{self, Invitation, Turned};
use super::settings::Settings;

/// The path of the WebSocket.
pub const SOCKET_PATH: &str = "/ws";

/// Whether a listener takes WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sockets {
    Taken,
    NotHere,
}

/// An upgrade that was agreed to, for whoever serves the connection.
pub(super) struct Agreed {
    pub(super) upgrade: UpgradeFut,
    pub(super) invitation: Invitation,
}

/// Answers the requests of one connection.
#[derive(Clone)]
pub(super) struct Door(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    router: Router,
    sockets: Sockets,
    from: SocketAddr,
    agreed: Mutex<Option<Agreed>>,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

impl Door {
    pub(super) fn new(settings: Arc<Settings>, router: Router, sockets: Sockets, from: SocketAddr) -> Door {
        Door(Arc::new(Inner { settings, router, sockets, from, agreed: Mutex::new(None) }))
    }

    /// The upgrade, once the connection has said so.
    pub(super) fn agreed(&self) -> Option<Agreed> {
        self.0.agreed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn upgrade(&self, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let judged = invitation::judge(&parts, &self.0.settings.origins);
        let invitation = match judged {
            Ok(invitation) => invitation,
            Err(turned) => return turned_away(turned),
        };
        let Ok((answer, upgrade)) = fastwebsockets::upgrade::upgrade(Request::from_parts(parts, body)) else {
            return turned_away(Turned(StatusCode::BAD_REQUEST, "this is no WebSocket handshake"));
        };
        let mut answer = answer.map(Body::new);
        if let Some(subprotocol) = invitation.subprotocol {
            answer.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
        }
        *self.0.agreed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Agreed { upgrade, invitation });
        answer
    }

    async fn route(self, request: Request<Incoming>) -> Response<Body> {
        let Inner { settings, router, from, .. } = &*self.0;
        let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: u64| length > settings.body_bytes_max as u64) {
            return words(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long");
        }
        let mut request = request.map(|body| Body::new(Limited::new(body, settings.body_bytes_max)));
        request.extensions_mut().insert(ConnectInfo(*from));
        match tokio::time::timeout(settings.answer_within, router.clone().call(request)).await {
            Ok(Ok(answer)) => answer,
            Err(_elapsed) => words(StatusCode::REQUEST_TIMEOUT, "the request took too long"),
        }
    }
}

impl hyper::service::Service<Request<Incoming>> for Door {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        let door = self.clone();
        if door.0.sockets == Sockets::Taken && request.uri().path() == SOCKET_PATH {
            let answer = door.upgrade(request);
            return Box::pin(async { Ok(answer) });
        }
        Box::pin(async { Ok(door.route(request).await) })
    }
}

fn turned_away(Turned(status, why): Turned) -> Response<Body> {
    let mut answer = words(status, why);
    if status == StatusCode::UPGRADE_REQUIRED {
        answer.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    }
    answer
}

/// An answer in plain words.
fn words(status: StatusCode, why: &'static str) -> Response<Body> {
    let mut answer = Response::new(Body::from(format!("{why}\n")));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}
