//! The HTTP side: requests that are too large, too slow, or for the wrong door.

use std::time::Duration;

use deskwire::actors::connections::Bounds;
use deskwire::transport::{Server, Settings};

use crate::client::{Client, request};
use crate::server::{Manner, settings, start, start_with};

fn hasty() -> Settings {
    let soon = Duration::from_millis(150);
    Settings { header_within: soon, answer_within: soon, body_bytes_max: 1_000, header_bytes_max: 2_000, ..settings() }
}

async fn check(sent: &str, status: &str, words: &str) {
    let running = start_with(Manner::Echo, hasty(), Bounds::default());
    let mut client = Client::connect(running.address()).await;
    client.write(sent.as_bytes()).await;
    let answer = client.rest().await;
    assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{sent:?} got {answer:?}");
    assert!(answer.contains(words), "{sent:?} got {answer:?}");
}

fn posted(length: usize, body: &str) -> String {
    format!("POST /length HTTP/1.1\r\nhost: desk\r\ncontent-length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn requests_have_bounds_in_size_and_time() {
    check("GET /hello HTTP/1.1\r\nhost: desk\r\n\r\n", "200", "hello").await;
    check("GET /nothing HTTP/1.1\r\nhost: desk\r\n\r\n", "404", "").await;
    check(&posted(5, "12345"), "200", "5").await;
    check(&posted(1_001, ""), "413", "too long").await;
    let chunk = format!(
        "POST /length HTTP/1.1\r\nhost: desk\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n{}\r\n0\r\n\r\n",
        "x".repeat(2_000)
    );
    check(&chunk, "413", "").await;
    check(&posted(5, "123"), "408", "too long").await;
    check("GET /never HTTP/1.1\r\nhost: desk\r\n\r\n", "408", "too long").await;
    check(&format!("GET /hello HTTP/1.1\r\nhost: desk\r\nx: {}\r\n\r\n", "x".repeat(3_000)), "431", "").await;
    check("nonsense\r\n\r\n", "400", "").await;
}

#[tokio::test]
async fn the_wrong_door_is_answered_with_words() {
    check("GET /ws HTTP/1.1\r\nhost: desk\r\n\r\n", "426", "sec-websocket-version: 13").await;
    check("POST /ws HTTP/1.1\r\nhost: desk\r\ncontent-length: 0\r\n\r\n", "405", "GET").await;
    check(&request("/ws", "origin: https://evil.example\r\n"), "403", "origin").await;
    check(&request("/ws", "sec-websocket-protocol: other\r\n"), "400", "deskwire.v1").await;
}

#[tokio::test]
async fn a_page_of_the_same_host_may_connect_and_hears_which_subprotocol_it_is() {
    let running = start(Manner::Echo);
    let mut client = Client::connect(running.address()).await;
    let more = "origin: http://desk\r\nsec-websocket-protocol: other, deskwire.v1\r\n";
    client.write(request("/ws", more).as_bytes()).await;
    let head = client.head().await;
    assert!(head.contains("sec-websocket-protocol: deskwire.v1\r\n"), "{head}");
}

/// Slow to write a header, or quiet between two requests: both end.
#[tokio::test]
async fn half_a_header_and_then_silence_is_not_waited_for() {
    let running = start_with(Manner::Echo, hasty(), Bounds::default());
    let mut half = Client::connect(running.address()).await;
    half.write(b"GET /hello HTTP/1.1\r\nho").await;
    let mut nothing = Client::connect(running.address()).await;
    let mut quiet = Client::connect(running.address()).await;
    quiet.write(b"GET /hello HTTP/1.1\r\nhost: desk\r\n\r\n").await;
    quiet.head().await;
    for client in [&mut half, &mut nothing, &mut quiet] {
        client.rest().await;
    }
    crate::server::until("they are gone", || running.server.open() == 0).await;
}

#[tokio::test]
async fn a_listener_without_sockets_has_no_such_door() {
    let router = axum::Router::new().route("/healthz", axum::routing::get(|| async { "well" }));
    let server = Server::start_http(([127, 0, 0, 1], 0).into(), hasty(), router).unwrap();
    let mut client = Client::connect(server.address()).await;
    client.write(request("/ws", "").as_bytes()).await;
    assert!(client.head().await.starts_with("HTTP/1.1 404"));
    let mut other = Client::connect(server.address()).await;
    other.write(b"GET /healthz HTTP/1.1\r\nhost: desk\r\n\r\n").await;
    assert!(other.rest().await.ends_with("well"));
}
