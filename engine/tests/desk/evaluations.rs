//! Evaluations: a form in versions, an agent's score and notes by it, read and confirmed by him alone.

use deskwire_protocol::kinds::PublicFrame;
use deskwire_protocol::{NoticeWord, ServerFrame, Step};
use serde_json::{Value, json};

use crate::client::Client;
use crate::engine::Engine;
use crate::http::Caller;

fn form(name: &str) -> Value {
    json!({
        "name": name, "scale": 5,
        "criteria": [{ "name": "tone", "weight": 3 }, { "name": "speed", "weight": 1 }],
    })
}

fn make(admin: &Caller, form: Value) -> (u16, Value) {
    admin.ask("POST", "/admin/evaluation-forms", "", form)
}

fn evaluate(by: &Caller, said: Value) -> (u16, Value) {
    by.ask("POST", "/evaluations", "", said)
}

/// The id of a member of staff.
fn person(admin: &Caller, name: &str) -> String {
    let (_, staff) = admin.get("/admin/agents");
    let line = staff.as_array().unwrap().iter().find(|line| line["name"] == name).unwrap();
    line["person"].as_str().unwrap().to_owned()
}

/// A03: made, scored by weight, told to its agent at once, read and confirmed by him, kept over a kill; the form that
/// was used stays as it was.
#[test]
fn an_agent_is_evaluated_by_a_form_and_confirms_it() {
    let mut engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let (status, made) = make(&admin, form("talk"));
    assert_eq!((status, &made["id"], &made["version"]), (201, &json!(1), &json!(1)));
    let (mut agent, sam) = (Client::agent(&engine, "alice"), Caller::staff(&engine, "sam"));
    let (mut customer, _) = Client::customer(&engine, "Carl");
    let ticket = customer.start_chat("general", 1).unwrap();
    assert_eq!(agent.yours(), ticket);
    agent.advance(ticket, Step::Close, "solved").unwrap();

    let (alices, bobs) = (person(&admin, "Alice"), person(&admin, "Bob"));
    let said = json!({ "agent": alices, "ticket": ticket, "form": 1, "marks": [5, 2], "notes": "slower at first" });
    let (status, evaluation) = evaluate(&sam, said);
    assert_eq!((status, &evaluation["score"], &evaluation["number"]), (201, &json!(8_500), &json!(1)), "{evaluation}");
    let told = agent.wait(|frame| match frame {
        ServerFrame::Public(PublicFrame::Notified(told)) => Some(told.clone()),
        _ => None,
    });
    assert_eq!((told.what, told.ticket, told.by.as_str()), (NoticeWord::Evaluated, ticket, "Sam Supervisor"));
    assert!(!told.detail.contains("slower"), "the notes are in no notice");

    // Another version: what was used stays.
    assert_eq!(admin.ask("PUT", "/admin/evaluation-forms/1", "", form("chat")).1["version"], 2);
    assert_eq!(sam.get("/evaluation-forms").1[0]["name"], "chat");
    let alice = Caller::staff(&engine, "alice");
    let (_, mine) = alice.get("/me/evaluations");
    let one = &mine["evaluations"][0];
    assert_eq!(
        (&one["form"]["name"], &one["notes"], &one["confirmed"]),
        (&json!("talk"), &json!("slower at first"), &Value::Null)
    );
    for _ in 0..2 {
        assert_eq!(alice.ask("POST", "/me/evaluations/1/confirm", "", Value::Null).0, 204);
    }
    assert_eq!(
        Caller::staff(&engine, "bob").get("/me/evaluations").1["evaluations"],
        json!([]),
        "others have their own"
    );
    assert_eq!(Caller::staff(&engine, "bob").ask("POST", "/me/evaluations/1/confirm", "", Value::Null).0, 404);
    assert_eq!(evaluate(&admin, json!({ "agent": bobs, "form": 1, "version": 1, "marks": [0, 0] })).1["score"], 0);

    engine.kill();
    engine.restart();
    let sam = Caller::staff(&engine, "sam");
    let (status, all) = sam.get(&format!("/evaluations?agent={alices}"));
    assert_eq!((status, all["evaluations"].as_array().unwrap().len()), (200, 1));
    assert!(all["evaluations"][0]["confirmed"].as_u64().unwrap() > 0);
    let (status, next) = evaluate(&sam, json!({ "agent": alices, "form": 1, "marks": [5, 5] }));
    assert_eq!((status, &next["number"], &next["version"]), (201, &json!(2), &json!(2)));
    assert_eq!(sam.get(&format!("/evaluations?agent={alices}&before=2")).1["evaluations"][0]["number"], 1);
}

/// A03, A11: who may not is refused, and each wrong value is named.
#[test]
fn an_evaluation_that_cannot_be_is_refused_by_name() {
    let engine = Engine::start();
    let admin = Caller::staff(&engine, "admin");
    let (sam, alice) = (Caller::staff(&engine, "sam"), Caller::staff(&engine, "alice"));
    let (mut carl, welcome) = Client::customer(&engine, "Carl");
    let customer = Caller::new(&engine, welcome.token);
    let waits = carl.start_chat("general", 1).unwrap();
    for (change, value, words) in [
        ("name", json!(" "), "name"),
        ("scale", json!(0), "scale"),
        ("scale", json!(11), "scale"),
        ("criteria", json!([]), "criteria"),
        ("criteria", json!([{ "name": "tone", "weight": 0 }]), "weight"),
        ("criteria", json!([{ "name": "tone", "weight": 1 }, { "name": "tone", "weight": 2 }]), "tone"),
        ("colour", json!("red"), "colour"),
    ] {
        let mut wrong = form("talk");
        wrong[change] = value;
        let (status, no) = make(&admin, wrong.clone());
        assert_eq!(status, 422, "{wrong}: {no}");
        assert!(no["words"].as_str().unwrap().contains(words), "{wrong}: {no}");
    }
    assert_eq!(make(&admin, form("talk")).0, 201);
    let mut retired = form("old");
    retired["retired"] = json!(true);
    assert_eq!(make(&admin, retired).0, 201);
    for id in ["3", "0", "x"] {
        assert_eq!(admin.ask("PUT", &format!("/admin/evaluation-forms/{id}"), "", form("x")).0, 404);
    }

    let (alices, sams) = (person(&admin, "Alice"), person(&admin, "Sam Supervisor"));
    let said = |change: &str, value: Value| {
        let mut said = json!({ "agent": alices, "form": 1, "marks": [1, 1] });
        said[change] = value;
        said
    };
    for (change, value, status, words) in [
        ("agent", json!("00000000000000ff"), 422, "agent"),
        ("agent", json!(sams), 403, ""),
        ("form", json!(9), 422, "form"),
        ("form", json!(2), 422, "retired"),
        ("version", json!(2), 422, "form"),
        ("marks", json!([1]), 422, "2"),
        ("marks", json!([1, 6]), 422, "0 to 5"),
        ("notes", json!("x".repeat(4_097)), 422, "notes"),
        ("ticket", json!("00000000000000ff"), 404, ""),
        ("ticket", json!(waits), 409, "no part"),
        ("score", json!(10_000), 422, "score"),
    ] {
        let (found, no) = evaluate(&sam, said(change, value));
        assert_eq!(found, status, "{change}: {no}");
        assert!(no["words"].as_str().unwrap().contains(words), "{change}: {no}");
    }
    assert_eq!(evaluate(&admin, said("agent", json!(sams))).0, 201, "an admin evaluates supervisors");
    for caller in [&alice, &customer] {
        assert_eq!(evaluate(caller, said("notes", json!(""))).0, 403);
        assert_eq!((make(caller, form("x")).0, caller.get("/evaluation-forms").0), (403, 403));
        assert_eq!(caller.get(&format!("/evaluations?agent={alices}")).0, 403);
    }
    assert_eq!((make(&sam, form("x")).0, sam.get(&format!("/evaluations?agent={sams}")).0), (403, 403));
    assert_eq!(sam.get("/evaluations?agent=x").0, 422);
    assert_eq!(sam.get("/evaluations?agent=00000000000000ff").0, 404);
    for number in ["0", "1", "x"] {
        assert_eq!(alice.ask("POST", &format!("/me/evaluations/{number}/confirm"), "", Value::Null).0, 404);
    }
    assert_eq!(alice.get("/me/evaluations").1["evaluations"], json!([]), "nothing was kept");
}
