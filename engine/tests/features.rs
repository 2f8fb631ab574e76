//! `FEATURES.md` is held against the source: every row names tests, and every test it names is there.

#![allow(clippy::unwrap_used, reason = "a test that cannot read the source should fall")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One row of the table.
struct Row {
    id: String,
    tests: Vec<String>,
}

fn rows(text: &str) -> Vec<Row> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ID |"));
    rows.map(|line| {
        let cells = cells(line);
        assert_eq!(cells.len(), 3, "a row is `| ID | what is there | tests |`: {line}");
        assert!(!cells[1].is_empty(), "{}: says nothing", cells[0]);
        // What stands between backticks.
        let tests = cells[2].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Row { id: cells[0].clone(), tests }
    })
    .collect()
}

fn is_id(id: &str) -> bool {
    let (letter, digits) = id.split_at(1);
    ("A"..="G").contains(&letter) && digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text of every source file of the engine, its crates and the console.
fn sources(directory: &Path, found: &mut Vec<String>) {
    const ASIDE: [&str; 6] = ["target", "node_modules", "dist", "data", ".git", ".build"];
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !ASIDE.contains(&name.as_str()) {
            sources(&path, found);
        } else if [".rs", ".ts", ".tsx", ".js", ".mjs"].iter().any(|ending| name.ends_with(ending)) {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// A Rust function under a test attribute, or the quoted title of a console test.
fn is_test(name: &str, sources: &[String]) -> bool {
    let function = format!("fn {name}(");
    let titles = [format!("test(\"{name}\""), format!("it(\"{name}\"")];
    sources.iter().any(|source| {
        let before = source.find(&function).map(|at| &source[..at]);
        let marked = before.is_some_and(|before| before.lines().rev().take(6).any(|line| line.contains("test]")));
        let marked_with_arguments =
            before.is_some_and(|before| before.lines().rev().take(6).any(|l| l.contains("test(")));
        marked || marked_with_arguments || titles.iter().any(|title| source.contains(title))
    })
}

#[test]
fn every_feature_names_tests_that_are_there() {
    let rows = rows(&fs::read_to_string(root().join("FEATURES.md")).unwrap());
    assert!(!rows.is_empty());
    let mut found = Vec::new();
    sources(&root(), &mut found);
    let mut faults = Vec::new();
    for row in &rows {
        if !is_id(&row.id) {
            faults.push(format!("{} is no id", row.id));
        }
        if row.tests.is_empty() {
            faults.push(format!("{} names no test", row.id));
        }
        let gone = row.tests.iter().filter(|test| !is_test(test, &found));
        faults.extend(gone.map(|test| format!("{}: there is no test {test}", row.id)));
    }
    faults.extend(
        rows.windows(2).filter(|pair| pair[0].id >= pair[1].id).map(|pair| format!("{} is out of order", pair[1].id)),
    );
    assert!(faults.is_empty(), "FEATURES.md:\n  {}", faults.join("\n  "));
}

/// The check itself, on a row whose test is not there and on one that is no test.
#[test]
fn a_test_that_is_gone_is_noticed() {
    let source = |text: &str| vec![text.to_owned()];
    assert!(is_test("it_works", &source("#[test]\nfn it_works() {}")));
    assert!(is_test("it_works", &source("#[tokio::test(start_paused = true)]\nasync fn it_works() {}")));
    assert!(is_test("it works", &source("test(\"it works\", () => {});")));
    assert!(!is_test("it_works", &source("fn it_works() {}")));
    assert!(!is_test("it_works", &source("#[test]\nfn it_works_not() {}")));
    assert_eq!(rows("| A01 | x | `a` and `b_c` |")[0].tests, ["a", "b_c"]);
}
