//! What is generated from the table and checked in is what the table says now.

use std::fs;

use deskwire_protocol::close::CloseCode;
use deskwire_protocol::kinds::{ClientFrame, Post};
use deskwire_protocol::{TicketId, limits, reference};

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

/// The bytes of the fenced example that ends with these words.
fn example(last_words: &str) -> Vec<u8> {
    let text = reference::markdown();
    let end = text.find(last_words).expect("the example is there");
    let begin = text[..end].rfind("```text\n").expect("it is fenced") + "```text\n".len();
    let bytes = |line: &str| line.split("   ").next().map(str::to_owned).unwrap_or_default();
    let hex: String = text[begin..end].lines().map(bytes).collect::<Vec<_>>().join(" ");
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("hexadecimal")).collect()
}

#[test]
fn the_examples_in_the_prose_are_real_bytes() {
    for (last_words, text) in [("text, inline", "Hello"), ("text: length 11", "Hello there")] {
        let frame = ClientFrame::from(Post { ticket: TicketId(255), number: 1, text: text.into() });
        assert_eq!(ClientFrame::decode(&example(last_words)).as_ref(), Ok(&frame));
        assert_eq!(frame.encode(), example(last_words));
    }
}
