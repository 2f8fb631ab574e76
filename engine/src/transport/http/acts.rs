//! The acts of the socket as addresses: a table of which frame each is. What a frame means and who may send it is decided
//! where the socket's frames are.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use deskwire_protocol::kinds::ClientFrame;
use deskwire_protocol::{PublicFrame, Refusal, ServerFrame, StreamId, TicketId};
use serde_json::{Map, Value, json};

use super::answer::Denied;
use super::auth::wrong_method;
use super::bearer::{Bearer, idempotency_key, object, ticket};
use crate::transport::errands::REQUEST;
use crate::transport::reception::Reception;

/// An act: where it is asked for, and the frame that it is. The request's body is the rest of the frame.
struct Act {
    method: Method,
    /// Below `/api`; `{id}` is the ticket, `{agent}` and `{team}` are fields of the frame.
    path: &'static str,
    /// The frame's kind, as JSON names it.
    kind: &'static str,
    /// A field that the address says, so that the body may not.
    says: Option<(&'static str, &'static str)>,
    /// A field that the body may leave out.
    usually: Option<(&'static str, &'static str)>,
    once: Once,
}

#[derive(Clone, Copy)]
enum Method {
    Post,
    Put,
}

/// What keeps an act from being done twice.
#[derive(Clone, Copy)]
enum Once {
    /// Its own nature.
    Naturally,
    /// The key makes the stream, of which it is number 1.
    InStream,
    /// The key is the frame's own.
    ByKey,
}

const fn act(name: &'static str, kind: &'static str) -> Act {
    Act { method: Method::Post, path: name, kind, says: None, usually: None, once: Once::Naturally }
}

const fn step(path: &'static str, step: &'static str) -> Act {
    Act { says: Some(("step", step)), ..act(path, "advance") }
}

/// Every act over HTTP. A new one is a row.
static ACTS: &[Act] = &[
    Act { usually: Some(("priority", "normal")), once: Once::ByKey, ..act("/tickets", "open_with") },
    Act { once: Once::InStream, ..act("/tickets/{id}/messages", "post") },
    Act { usually: Some(("note", "note")), once: Once::InStream, ..act("/tickets/{id}/notes", "note") },
    act("/tickets/{id}/leave-message", "leave_message"),
    act("/tickets/{id}/pick", "pick"),
    act("/tickets/{id}/offer", "answer_offer"),
    act("/tickets/{id}/take-part", "take_part"),
    act("/tickets/{id}/transfer", "transfer"),
    act("/tickets/{id}/transfer-to-category", "transfer_to_category"),
    act("/tickets/{id}/escalate", "escalate"),
    act("/tickets/{id}/ignore", "ignore"),
    act("/tickets/{id}/consult", "consult"),
    act("/tickets/{id}/hand-over", "hand_over"),
    act("/tickets/{id}/take-over", "take_over"),
    act("/tickets/{id}/wrap-up", "set_wrap_up"),
    act("/tickets/{id}/read", "read_up_to"),
    step("/tickets/{id}/close", "close"),
    step("/tickets/{id}/reject", "reject"),
    step("/tickets/{id}/abandon", "abandon"),
    step("/tickets/{id}/hold", "hold"),
    step("/tickets/{id}/resume", "resume"),
    step("/tickets/{id}/pend", "pend"),
    step("/tickets/{id}/reopen", "reopen"),
    step("/tickets/{id}/requeue", "requeue"),
    Act { method: Method::Put, ..act("/me/status", "set_status_with") },
    act("/floor/what-if", "what_if"),
    act("/floor/close", "close_tickets"),
    Act { method: Method::Put, ..act("/floor/agents/{agent}/status", "set_agent_status") },
    act("/floor/agents/{agent}/sign-out", "sign_out"),
    act("/floor/agents/{agent}/take-back", "take_back"),
    Act { method: Method::Put, ..act("/floor/teams/{team}/slots", "set_team_slots") },
    act("/me/notifications/read", "mark_notices"),
    Act { once: Once::ByKey, ..act("/rooms", "found") },
    Act { once: Once::InStream, ..act("/rooms/{id}/messages", "post") },
    act("/rooms/{id}/enter", "enter"),
    act("/rooms/{id}/depart", "depart"),
    act("/rooms/{id}/moderate", "moderate"),
];

/// The routes of the table.
pub fn routes() -> Router<Arc<Reception>> {
    ACTS.iter().fold(Router::new(), |routes, act| {
        let (filter, allowed) = match act.method {
            Method::Post => (MethodFilter::POST, "POST"),
            Method::Put => (MethodFilter::PUT, "PUT"),
        };
        let asked = move |reception: State<Arc<Reception>>,
                          bearer: Bearer,
                          path: Path<HashMap<String, String>>,
                          headers: HeaderMap,
                          body: Result<Bytes, BytesRejection>| async move {
            let asked = Asked { act, path, headers, body };
            asked.carry_out(&reception, bearer).await
        };
        routes.route(act.path, on(filter, asked).fallback(move || async move { wrong_method(allowed) }))
    })
}

struct Asked {
    act: &'static Act,
    path: Path<HashMap<String, String>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
}

impl Asked {
    async fn carry_out(self, reception: &Reception, Bearer(who): Bearer) -> Result<Response, Denied> {
        let Asked { act, path, headers, body } = self;
        let ticket = act.path.contains("{id}").then(|| ticket(&path)).transpose()?;
        let stream = match act.once {
            Once::Naturally => None,
            Once::InStream | Once::ByKey => Some(reception.desk.stream_of(who.person, idempotency_key(&headers)?)),
        };
        let frame = act.frame(ticket, stream, &path, object(&headers, body)?)?;
        let answer = reception.carry_out(&who, frame, ticket.zip(stream)).await?;
        Ok(said(&answer))
    }
}

impl Act {
    /// The frame that a socket would have sent.
    fn frame(
        &self,
        ticket: Option<TicketId>,
        stream: Option<StreamId>,
        path: &HashMap<String, String>,
        body: Map<String, Value>,
    ) -> Result<ClientFrame, Denied> {
        let mut said = Map::from_iter([("kind".to_owned(), json!(self.kind))]);
        match self.once {
            Once::Naturally => said.insert("request".into(), json!(REQUEST)),
            Once::InStream => said.insert("number".into(), json!(1)),
            Once::ByKey => {
                said.insert("key".into(), json!(stream));
                said.insert("request".into(), json!(REQUEST))
            }
        };
        said.extend(ticket.map(|ticket| ("ticket".into(), json!(ticket))));
        said.extend(path.get("agent").map(|agent| ("agent".into(), json!(agent))));
        // What is no number is no team either: as a text it is refused by its name.
        said.extend(path.get("team").map(|team| {
            let number = team.parse::<u16>().map_or(json!(team), |number| json!(number));
            ("team".into(), number)
        }));
        said.extend(self.says.map(|(field, word)| (field.into(), json!(word))));
        if let Some(field) = body.keys().find(|field| said.contains_key(*field)) {
            return Err(Denied::Wrong(format!("{field:?} is not the body's to say")));
        }
        said.extend(body);
        if let Some((field, word)) = self.usually {
            said.entry(field).or_insert(json!(word));
        }
        ClientFrame::from_json(&Value::Object(said).to_string()).map_err(|fault| malformed(fault.to_string()))
    }
}

fn malformed(words: String) -> Denied {
    let Denied::Refused(no) = Denied::from(Refusal::Malformed) else { return Denied::Wrong(words) };
    Denied::Refused(deskwire_protocol::kinds::Refused { detail: words, ..no })
}

/// What was done, as the frame that says so; "done" says nothing more.
fn said(answer: &ServerFrame) -> Response {
    let status = match answer {
        ServerFrame::Public(PublicFrame::Done(_)) => return StatusCode::NO_CONTENT.into_response(),
        ServerFrame::Public(PublicFrame::TicketReady(_)) => StatusCode::CREATED,
        ServerFrame::Public(PublicFrame::TurnedAway(_)) => StatusCode::CONFLICT,
        ServerFrame::Public(_) | ServerFrame::Staff(_) => StatusCode::OK,
    };
    (status, axum::Json(answer)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(path: &str, body: Value) -> Result<ClientFrame, String> {
        let act = ACTS.iter().find(|act| act.path.ends_with(path)).unwrap();
        let Value::Object(body) = body else { panic!("a body is an object") };
        act.frame(Some(TicketId(9)), Some(StreamId(7)), &HashMap::new(), body).map_err(|denied| format!("{denied:?}"))
    }

    /// C19: a row of the table is a frame of the protocol, whatever its kind.
    #[test]
    fn every_act_is_a_frame_of_the_protocol() {
        for act in ACTS {
            let needs = match act.kind {
                "open_with" => json!({ "category": "general" }),
                "post" | "note" => json!({ "text": "hello" }),
                "answer_offer" => json!({ "offer": 1, "accept": true }),
                "set_status_with" => json!({ "status": "away" }),
                "transfer" => json!({ "agent": "0000000000000005" }),
                "transfer_to_category" => json!({ "category": "billing" }),
                "consult" => json!({ "agent": "0000000000000005", "manner": "notes" }),
                "hand_over" => json!({ "agent": "0000000000000005", "manner": "if_accepted" }),
                "ignore" | "escalate" => json!({ "on": true }),
                "read_up_to" => json!({ "seq": 1 }),
                "found" => json!({ "title": "Printers" }),
                "moderate" => json!({ "act": "mute", "member": 1 }),
                "set_wrap_up" => json!({ "more_s": 60 }),
                "what_if" => json!({ "minutes": 60 }),
                "close_tickets" => json!({ "tickets": [{ "ticket": "0000000000000009" }] }),
                "set_agent_status" => json!({ "status": "away" }),
                "take_back" => json!({ "taken": "requeue" }),
                "set_team_slots" => json!({ "live": 5, "asynchronous": 65_535 }),
                _ => json!({}),
            };
            let ticket = act.path.contains("{id}").then_some(TicketId(9));
            let path = [("agent", "0000000000000005"), ("team", "3")];
            let path = path.into_iter().filter(|(name, _)| act.path.contains(&format!("{{{name}}}")));
            let path = path.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let frame = act.frame(ticket, Some(StreamId(7)), &path, needs.as_object().unwrap().clone());
            assert!(frame.is_ok(), "{}: {frame:?}", act.path);
        }
    }

    #[test]
    fn a_body_says_what_the_address_does_not_and_nothing_else() {
        let closed = frame("/close", json!({ "reason": "solved" })).unwrap();
        assert!(matches!(closed, ClientFrame::Advance(advance) if advance.reason == "solved"));
        for (path, body, words) in [
            ("/close", json!({ "step": "reopen" }), "step"),
            ("/close", json!({ "ticket": "0000000000000001" }), "ticket"),
            ("/close", json!({ "raeson": "" }), "raeson"),
            ("/close", json!({ "reason": "x".repeat(201) }), "reason has 201"),
            ("/pick", json!({ "kind": "open" }), "kind"),
            ("/messages", json!({ "number": 2, "text": "" }), "number"),
            ("/messages", json!({}), "text"),
            ("/offer", json!({ "offer": 1 }), "accept"),
        ] {
            let fault = frame(path, body).unwrap_err();
            assert!(fault.contains(words), "{path}: {fault}");
        }
    }
}
