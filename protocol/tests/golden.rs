//! The bytes of every kind as they were first written: what is in the golden file stays true for ever.

mod common;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;

use common::{DIRECTIONS, FILLS, sample};
use deskwire_protocol::wire::snake;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/frames.txt");

const HEAD: &str = "\
# Golden bytes: for each frame its direction and kind, its binary form in hexadecimal, its JSON form.
# Blocks are added and never changed: DESKWIRE_UPDATE=1 cargo test -p deskwire-protocol --test golden
";

struct Golden {
    direction: String,
    kind: String,
    bytes: Vec<u8>,
    json: String,
}

fn golden() -> Vec<Golden> {
    let text = fs::read_to_string(FILE).unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    lines
        .chunks(3)
        .map(|block| {
            let [head, hex, json] = block else { panic!("a block of the golden file has three lines: {block:?}") };
            let (direction, kind) = head.split_once(' ').expect("direction and kind");
            Golden { direction: direction.into(), kind: kind.into(), bytes: from_hex(hex), json: (*json).into() }
        })
        .collect()
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Adds a block for each sample of the table that has none.
fn add_what_is_missing() {
    let known: HashSet<(String, Vec<u8>)> = golden().into_iter().map(|it| (it.direction, it.bytes)).collect();
    let mut text = fs::read_to_string(FILE).unwrap_or_else(|_| HEAD.into());
    for direction in &DIRECTIONS {
        let mut added = known.clone();
        for (kind, fill) in direction.all_kinds().flat_map(|kind| FILLS.map(|fill| (kind, fill))) {
            let bytes = (direction.to_bytes)(&sample(kind, fill).to_string()).expect("a sample is a frame");
            let json = (direction.to_json)(&bytes).expect("what was encoded decodes");
            if added.insert((direction.name.into(), bytes.clone())) {
                let name = snake(kind.shape.name);
                let _ = write!(text, "\n{} {name}\n{}\n{json}\n", direction.name, to_hex(&bytes));
            }
        }
    }
    fs::write(FILE, text).expect("the golden file can be written");
}

#[test]
fn the_golden_bytes_of_every_kind_are_read_and_written_again_alike() {
    if std::env::var_os("DESKWIRE_UPDATE").is_some() {
        add_what_is_missing();
    }
    let golden = golden();
    for direction in &DIRECTIONS {
        for it in golden.iter().filter(|it| it.direction == direction.name) {
            assert_eq!((direction.to_json)(&it.bytes).as_deref(), Ok(it.json.as_str()), "{}", it.kind);
            assert_eq!((direction.to_bytes)(&it.json).as_deref(), Ok(it.bytes.as_slice()), "{}", it.kind);
        }
        for kind in direction.all_kinds() {
            let name = snake(kind.shape.name);
            let of_kind = |it: &&Golden| it.direction == direction.name && it.kind == name;
            assert!(
                golden.iter().filter(of_kind).count() >= 2,
                "{name} has no two golden frames: run with DESKWIRE_UPDATE=1"
            );
        }
    }
}
