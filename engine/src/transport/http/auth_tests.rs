//! Rows: what the HTTP doors answer.

use axum::body::Body;
use axum::http::Request;
use deskwire_protocol::TicketId;
use http_body_util::BodyExt;
use tower_service::Service;

use super::*;
use crate::identity::passwords::hash_now;
use crate::identity::{Account, Accounts, Category, CategoryIds, Keep, Keys, Tokens};
use crate::transport::http::below_api;
use crate::transport::http::ops::{self, Ops};

fn public(api: Api) -> Router {
    below_api(routes(api))
}

async fn api() -> Api {
    let accounts = Accounts::load(Keep::Memory).await.unwrap();
    let ann = Account {
        person: PersonId(1),
        email: "ann@example.org".into(),
        name: "Ann".into(),
        role: Role::Agent,
        hash: hash_now("right"),
        categories: CategoryIds::default(),
        slots: 3,
    };
    let general = Category {
        id: crate::domain::event::CategoryId(1),
        name: "general".into(),
        automatic: true,
        early_posts: true,
    };
    accounts.put(vec![ann.into(), general.into()]).await.unwrap();
    let tokens = Tokens::new(Keys::from_secrets(&[("k", [1; 32])]), "deskwire", 60_000, 60_000);
    let (clock, _) = Clock::manual(Time::from_ms(1_800_000_000_000));
    Api {
        identity: Arc::new(Identity::new(Arc::new(accounts), Arc::new(tokens), 100)),
        clock,
        metrics: Arc::new(Metrics::new()),
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

async fn ask(router: &mut Router, method: &str, path: &str, body: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5))))
        .body(Body::from(body.to_owned()))
        .unwrap();
    let answer = router.call(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

/// A06
#[tokio::test]
async fn the_right_password_gives_a_token_and_wrong_and_unknown_answer_alike() {
    let api = api().await;
    let mut router = public(api.clone());
    let good = r#"{"email": "ann@example.org", "password": "right"}"#;
    let answer = ask(&mut router, "POST", "/api/auth/login", good).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let welcome: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(welcome["person"], "0000000000000001");
    assert_eq!((&welcome["role"], &welcome["name"]), (&"agent".into(), &"Ann".into()));
    assert_eq!(welcome["expires_at"], 1_800_000_060_000_u64);
    let token = welcome["token"].as_str().unwrap();
    assert_eq!(api.identity.who(token, api.clock.now()).unwrap().person, PersonId(1));

    let wrong = ask(&mut router, "POST", "/api/auth/login", &good.replace("right", "wrong")).await;
    let unknown = ask(&mut router, "POST", "/api/auth/login", &good.replace("ann", "eve")).await;
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!((&wrong.body, &wrong.headers), (&unknown.body, &unknown.headers));
    assert_eq!(api.metrics.sign_ins[SignIn::Refused].get(), 2);
    assert_eq!(api.metrics.sign_ins[SignIn::Accepted].get(), 1);
}

#[tokio::test]
async fn a_bad_request_is_answered_with_words() {
    let mut router = public(api().await);
    let long = format!(r#"{{"email": "{}", "password": "x"}}"#, "a".repeat(255));
    let huge = "x".repeat(BODY_BYTES_MAX + 1);
    for (method, path, body, status, error) in [
        ("POST", "/api/auth/login", "", 422, "malformed"),
        ("POST", "/api/auth/login", "{}", 422, "malformed"),
        ("POST", "/api/auth/login", r#"{"email": 1, "password": 2}"#, 422, "malformed"),
        ("POST", "/api/auth/login", long.as_str(), 422, "malformed"),
        ("POST", "/api/auth/login", huge.as_str(), 413, "too_large"),
        ("GET", "/api/auth/login", "", 405, "wrong_method"),
        ("POST", "/api/categories", "", 405, "wrong_method"),
        ("GET", "/api/nothing", "", 404, "not_found"),
    ] {
        let answer = ask(&mut router, method, path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert!(answer.body.contains(&format!("\"error\":\"{error}\"")), "{method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_form_of_another_site_cannot_sign_in() {
    let mut router = public(api().await);
    let request = Request::post("/api/auth/login")
        .header(CONTENT_TYPE, "text/plain")
        .extension(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5))))
        .body(Body::from(r#"{"email": "ann@example.org", "password": "right"}"#))
        .unwrap();
    assert_eq!(router.call(request).await.unwrap().status(), 415);
}

#[tokio::test]
async fn categories_are_listed_without_their_numbers() {
    let answer = ask(&mut public(api().await), "GET", "/api/categories", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"[{"name":"general","early_posts":true}]"#));
}

/// The console's page may run scripts of its own files only, built or not.
#[tokio::test]
async fn every_answer_tells_the_browser_to_be_careful() {
    let mut router = public(api().await);
    for path in ["/", "/agent", "/nothing", "/api/categories", "/../Cargo.toml", "/assets/../../package.json"] {
        let answer = ask(&mut router, "GET", path, "").await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self';") && policy.contains("require-trusted-types-for 'script'"));
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert!(!answer.body.contains("[package]") && !answer.body.contains("\"private\""), "{path}");
    }
    for path in ["/", "/agent"] {
        let answer = ask(&mut router, "GET", path, "").await;
        assert_eq!(
            (answer.status, &answer.headers["content-type"]),
            (200, &"text/html; charset=utf-8".parse().unwrap())
        );
    }
}

/// F06
#[tokio::test]
async fn operators_see_health_readiness_and_metrics() {
    let metrics = Arc::new(Metrics::new());
    let ready = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = ready.clone();
    let mut router = ops::router(Ops {
        metrics: metrics.clone(),
        ready: Arc::new(move || {
            let ready = seen.load(std::sync::atomic::Ordering::SeqCst);
            ready.then_some(()).ok_or("the disk is nearly full")
        }),
        collect: Arc::new(|metrics| metrics.sockets.set(7)),
        aside: Arc::new(|| vec![TicketId(0xab)]),
        put_back: Arc::new(|ticket| ticket == TicketId(0xab)),
        #[cfg(feature = "planted-bugs")]
        fall: Arc::new(|_| false),
    });
    assert_eq!(ask(&mut router, "GET", "/healthz", "").await.status, 200);
    let answer = ask(&mut router, "GET", "/readyz", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (503, "not ready: the disk is nearly full\n"));
    ready.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(ask(&mut router, "GET", "/readyz", "").await.status, 200);
    let answer = ask(&mut router, "GET", "/metrics", "").await;
    assert!(answer.body.contains("\ndeskwire_sockets 7\n"), "{}", answer.body);
    assert_eq!(answer.headers["content-type"], crate::metrics::CONTENT_TYPE);
    let answer = ask(&mut router, "GET", "/tickets/aside", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"tickets":["00000000000000ab"]}"#));
    for (id, status) in [("00000000000000ab", 204), ("00000000000000ac", 404), ("ab", 400), ("00000000000000AB", 400)] {
        assert_eq!(ask(&mut router, "POST", &format!("/tickets/{id}/put-back"), "").await.status, status, "{id}");
    }
    assert_eq!(ask(&mut router, "GET", "/tickets/00000000000000ab/put-back", "").await.status, 405);
}
