//! What is generated from the table and checked in is what the table says now.

use std::fs;

use deskwire_protocol::close::CloseCode;
use deskwire_protocol::{limits, reference};

fn check(path: &str, now: &str) {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("DESKWIRE_UPDATE").is_some() {
        fs::write(&path, now).expect("the file can be written");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == now, "{path} is stale: run DESKWIRE_UPDATE=1 cargo test -p deskwire-protocol");
}

#[test]
fn protocol_md_is_what_the_table_says() {
    check("PROTOCOL.md", &reference::markdown());
}

#[test]
fn the_typescript_tables_are_what_the_table_says() {
    check("../web-console/src/protocol.gen.ts", &reference::typescript());
}

#[test]
fn the_prose_names_only_limits_that_there_are() {
    let text = reference::markdown();
    let left =
        text.match_indices('{').find(|(at, _)| text[at + 1..].starts_with(|next: char| next.is_ascii_uppercase()));
    assert_eq!(left.map(|(at, _)| &text[at..at + 30]), None);
    assert!(limits::ALL.iter().all(|limit| text.contains(&format!("`{}`", limit.name))));
}

#[test]
fn the_words_of_a_close_fit_into_a_close_frame() {
    assert!(CloseCode::ALL.iter().all(|close| close.words().len() <= 123));
}
