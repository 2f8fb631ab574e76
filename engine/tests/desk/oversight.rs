//! Who reads what: supervisors who are bound to teams, colleagues, and those who had a ticket and have it no more.

use deskwire_protocol::kinds::{self, StaffFrame};
use deskwire_protocol::{CloseCode, PersonId, Refusal, ServerFrame, TicketId};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;

/// A member of the demonstration's staff by his display name.
pub fn person(admin: &Caller, name: &str) -> PersonId {
    let (_, staff) = admin.get("/admin/agents");
    let line = staff.as_array().unwrap().iter().find(|line| line["name"] == name).unwrap();
    line["person"].as_str().unwrap().parse().unwrap()
}

/// Puts Alice alone into a new team that serves billing alone, and binds Sam to that team; he serves nothing himself.
pub fn sam_leads_alice_alone(admin: &Caller) -> PersonId {
    let [alice, sam] = ["Alice", "Sam Supervisor"].map(|name| person(admin, name));
    let team = json!({ "name": "night", "slots": { "live": null, "asynchronous": null } });
    assert_eq!(admin.ask("PUT", "/admin/teams/7", "", team).0, 200);
    for (who, team, categories) in [(alice, json!(7), json!(["billing"])), (sam, Value::Null, json!([]))] {
        let path = format!("/admin/agents/{who}/profile");
        let (_, mut profile) = admin.get(&path);
        (profile["team"], profile["categories"]) = (team, categories);
        assert_eq!(admin.ask("PUT", &path, "", profile).0, 200);
    }
    assert_eq!(bind(admin, sam, json!([7])).0, 200);
    alice
}

fn bind(admin: &Caller, supervisor: PersonId, teams: Value) -> (u16, Value) {
    admin.ask("PUT", &format!("/admin/supervisors/{supervisor}/teams"), "", json!({ "teams": teams }))
}

fn refusal((status, no): (u16, Value)) -> (u16, Option<Refusal>) {
    (status, no["code"].as_u64().and_then(|code| Refusal::from_number(code as u16)))
}

const UNKNOWN: (u16, Option<Refusal>) = (404, Some(Refusal::UnknownTicket));

fn yours_or_offered(agent: &mut Client, ticket: TicketId) {
    let (request, offer) = (
        agent.request(),
        agent.wait(|frame| match frame {
            ServerFrame::Staff(StaffFrame::Offered(offer)) if offer.ticket == ticket => Some(offer.offer),
            _ => None,
        }),
    );
    agent.send(kinds::AnswerOffer { request, ticket, offer, accept: true });
    agent.done(request).unwrap();
    assert_eq!(agent.yours(), ticket);
}

/// A22: a supervisor bound to a team watches, takes over, assigns and sees tickets of what it serves; all others are
/// unknown to him, by socket and by HTTP. Bound to none he sees all again. It outlives a restart.
#[test]
fn a_supervisor_bound_to_a_team_sees_what_it_serves_and_nothing_else() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let (mut before, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    let alice = sam_leads_alice_alone(&admin);
    assert_eq!(before.closed(), CloseCode::Changed.number(), "what he may see was settled when he came");
    let mut alices = Client::agent(&engine, "alice");
    let mut bob = Client::agent(&engine, "bob");
    let (mut sam, _) = Client::hello(&engine, &engine.sign_in("sam"), "");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let general = carl.start_chat("general", 1).unwrap();
    assert_eq!(bob.yours(), general);
    let technical = carl.start_chat("technical", 2).unwrap();

    let caller = Caller::staff(&engine, "sam");
    for ticket in [general, technical] {
        assert_eq!(sam.join(ticket, 31, 0).unwrap_err().code, Refusal::UnknownTicket.number());
        for act in ["take-part", "take-over", "close", "requeue", "reject", "pick"] {
            assert_eq!(refusal(caller.act(ticket, act, json!({}))), UNKNOWN, "{act}");
        }
        assert_eq!(refusal(caller.act(ticket, "transfer", json!({ "agent": alice }))), UNKNOWN);
        let path = format!("/tickets/{ticket}");
        for read in ["", "/events", "/routing"] {
            assert_eq!(refusal(caller.get(&format!("{path}{read}"))), UNKNOWN, "{read}");
        }
    }
    // Bob has a slot free, serves billing, and is none of his.
    bob.advance(general, deskwire_protocol::Step::Close, "").unwrap();
    let bobs = person(&admin, "Bob");
    let status = json!({ "status": "busy" });
    assert_eq!(Caller::staff(&engine, "bob").ask("PUT", "/me/status", "", status).0, 204);
    let billing = carl.start_chat("billing", 3).unwrap();
    yours_or_offered(&mut alices, billing);
    assert_eq!(caller.get(&format!("/tickets/{billing}")).0, 200);
    assert!(sam.join(billing, 32, 0).is_ok());
    assert_eq!(refusal(caller.act(billing, "transfer", json!({ "agent": bobs }))), (409, Some(Refusal::CannotTake)));

    engine.kill();
    engine.restart();
    let (admin, caller) = (Caller::staff(&engine, "admin"), Caller::staff(&engine, "sam"));
    assert_eq!(refusal(caller.get(&format!("/tickets/{technical}"))), UNKNOWN);
    let sam = person(&admin, "Sam Supervisor");
    assert_eq!(admin.get(&format!("/admin/supervisors/{sam}/teams")).1, json!({ "teams": [7] }));
    assert_eq!(bind(&admin, sam, json!([])).0, 200);
    assert_eq!(caller.get(&format!("/tickets/{technical}")).0, 200);
    for (who, teams, status) in
        [(sam, json!([99]), 422), (sam, json!("x"), 422), (alice, json!([7]), 404), (PersonId(1), json!([]), 404)]
    {
        assert_eq!(bind(&admin, who, teams).0, status);
    }
    assert_eq!(bind(&caller, sam, json!([])).0, 403);
}

/// A22: a colleague's ticket is unknown, but where the category says that tickets are shared: there it is read, and no more.
#[test]
fn a_colleagues_ticket_is_read_only_where_the_category_shares() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let mut alice = Client::agent(&engine, "alice");
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    assert_eq!(alice.yours(), ticket);
    let (mut bob, _) = Client::hello(&engine, &engine.sign_in("bob"), "");
    assert_eq!(bob.join(ticket, 31, 0).unwrap_err().code, Refusal::UnknownTicket.number());
    let caller = Caller::staff(&engine, "bob");
    assert_eq!(refusal(caller.get(&format!("/tickets/{ticket}"))), UNKNOWN);

    let rules = |shared: bool| json!({ "mode": "automatic", "shared": shared });
    assert_eq!(admin.ask("PUT", "/admin/categories/general/rules", "", rules(true)).0, 200);
    assert_eq!(bob.closed(), CloseCode::Changed.number());
    let (mut bob, _) = Client::hello(&engine, &engine.sign_in("bob"), "");
    assert!(bob.join(ticket, 31, 0).is_ok());
    assert_eq!(caller.get(&format!("/tickets/{ticket}/events")).0, 200);
    bob.post(ticket, 1, "let me");
    assert_eq!(bob.acknowledged(ticket, 1).unwrap_err().code, Refusal::UnknownTicket.number(), "he is no member");
    assert_eq!(refusal(caller.act(ticket, "close", json!({}))), (403, Some(Refusal::Forbidden)));

    assert_eq!(admin.ask("PUT", "/admin/categories/general/rules", "", rules(false)).0, 200);
    assert_eq!(bob.closed(), CloseCode::Changed.number());
    assert_eq!(refusal(caller.get(&format!("/tickets/{ticket}"))), UNKNOWN);
}

/// A22: whoever gave a ticket away, or had it taken over, hears nothing more of it on any socket, and reads answer as
/// unknown, by HTTP too.
#[test]
fn who_has_a_ticket_no_more_neither_hears_nor_reads_it() {
    let engine = Engine::start();
    let mut sam = Client::agent(&engine, "sam");
    let request = sam.request();
    sam.send(kinds::SetStatus { request, status: deskwire_protocol::Status::Busy });
    sam.done(request).unwrap();
    let mut tabs = [Client::agent(&engine, "alice"), Client::agent(&engine, "alice")];
    let (mut carl, _) = Client::customer(&engine, "Carl");
    let ticket = carl.start_chat("general", 1).unwrap();
    let mut bob = Client::agent(&engine, "bob");
    let bobs = person(&Caller::staff(&engine, "admin"), "Bob");
    for tab in &mut tabs {
        assert_eq!(tab.yours(), ticket);
        tab.join(ticket, 21, 0).unwrap();
    }
    carl.join(ticket, 11, 0).unwrap();
    let callers = ["alice", "bob"].map(|name| Caller::staff(&engine, name));
    assert_eq!(callers[0].act(ticket, "transfer", json!({ "agent": bobs })).0, 204);
    assert_eq!(bob.yours(), ticket);
    bob.join(ticket, 41, 0).unwrap();
    let request = sam.request();
    sam.send(kinds::SetStatus { request, status: deskwire_protocol::Status::Available });
    sam.done(request).unwrap();
    assert_eq!(Caller::staff(&engine, "sam").act(ticket, "take-over", json!({})).0, 204);
    assert_eq!(sam.yours(), ticket);
    carl.post(ticket, 1, "who is there?");
    carl.acknowledged(ticket, 1).unwrap();
    let path = format!("/tickets/{ticket}");
    for caller in &callers {
        for read in ["", "/events", "/events?before=3", "/routing"] {
            assert_eq!(refusal(caller.get(&format!("{path}{read}"))), UNKNOWN, "{read}");
        }
    }
    let [one, two] = tabs;
    for mut tab in [one, two, bob] {
        assert_eq!(tab.join(ticket, 51, 0).unwrap_err().code, Refusal::UnknownTicket.number());
        let said = tab.settle().into_iter().any(|frame| {
            matches!(&frame, ServerFrame::Public(kinds::PublicFrame::Message(message)) if message.text.contains("who"))
        });
        assert!(!said, "it was not said to him");
        tab.send(kinds::ReadBack { ticket, before: 3 });
        let no = tab.wait(|frame| match frame {
            ServerFrame::Public(kinds::PublicFrame::Refused(no)) => Some(no.code),
            _ => None,
        });
        assert_eq!(no, Refusal::UnknownTicket.number());
    }
}
