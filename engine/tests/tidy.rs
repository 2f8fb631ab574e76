//! Reads the source: what each layer must not mention, how long files and functions may be, how each file begins.

#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/shape.rs"]
mod shape;
#[path = "tidy/tree.rs"]
mod tree;

use std::fs;

use tree::{File, files, root};

/// A table of frames is one enum, which cannot stand in two files; nobody reads it from top to bottom.
const TABLES: &[&str] = &["protocol/src/kinds/client.rs", "protocol/src/kinds/staff.rs"];
const TABLE_LINES_MAX: usize = 700;

fn report(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} faults:\n  {}", faults.len(), faults.join("\n  "));
}

#[test]
fn no_layer_mentions_what_lies_above_it_or_beside_it() {
    let files = files();
    report(layers::RULES.iter().flat_map(|rule| layers::faults(rule, &files)).collect());
}

#[test]
fn every_rule_of_the_layers_is_about_files_that_are_there() {
    let files = files();
    for rule in layers::RULES {
        assert!(files.iter().any(|file| rule.holds_for(&file.path)), "nothing is {:?}", rule.layer);
    }
}

#[test]
fn a_planted_word_is_found_and_a_comment_or_test_is_not() {
    let rule = &layers::RULES[0];
    let found = |text: &str| layers::faults(rule, &[File::new("engine/src/domain/x.rs", text)]).len();
    assert_eq!(found("//! x\nuse tokio::sync;"), 1);
    assert_eq!(found("//! x\nasync fn x() {}"), 1);
    assert_eq!(found("//! tokio\n// tokio\nfn x() {} // tokio\nlet asynchronous = 1;"), 0);
    assert_eq!(found("//! x\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}"), 0);
}

#[test]
fn every_file_says_first_what_it_is_for() {
    report(files().iter().filter_map(shape::beginning).collect());
}

#[test]
fn no_file_is_longer_than_400_lines_and_no_function_than_70() {
    let most = |file: &File| if TABLES.contains(&file.path.as_str()) { TABLE_LINES_MAX } else { 400 };
    report(files().iter().flat_map(|file| shape::lengths(file, most(file), 70)).collect());
}

#[test]
fn a_long_function_is_found() {
    let body = "    x();\n".repeat(70);
    let long = File::new("a.rs", &format!("//! x\nimpl A {{\n    pub fn long(\n    ) {{\n{body}    }}\n}}\n"));
    assert_eq!(shape::lengths(&long, 400, 70), ["a.rs:3: a function of 73 lines, at most 70"]);
    assert!(shape::lengths(&long, 400, 73).is_empty());
}

#[test]
fn nothing_unfinished_and_no_path_of_one_machine_is_left() {
    // Put together here, so that this file does not find itself.
    let words = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["/ro", "ot/"], ["/wo", "rk/"], ["/home", "/"]]
        .map(|word| word.concat());
    let mut faults = Vec::new();
    for file in tree::texts() {
        for (number, line) in file.numbered() {
            faults.extend(
                words.iter().filter(|word| line.contains(*word)).map(|word| format!("{}:{number}: {word}", file.path)),
            );
        }
    }
    report(faults);
}

#[test]
fn main_is_at_most_15_lines() {
    let text = fs::read_to_string(root().join("engine/src/main.rs")).unwrap();
    assert!(text.lines().count() <= 15, "{} lines", text.lines().count());
}

/// A dependency is named once, in the root manifest, and would be missed.
#[test]
fn every_dependency_is_used_and_named_once() {
    let mut faults = Vec::new();
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let shared = manifest["workspace"]["dependencies"].as_table().unwrap();
    let mut used_by_none: Vec<&String> = shared.keys().collect();
    for package in ["protocol", "engine", "loadtest", "benches"] {
        let text = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let source = tree::source_of(package);
        for section in ["dependencies", "dev-dependencies"] {
            for (name, value) in manifest.get(section).and_then(|table| table.as_table()).into_iter().flatten() {
                used_by_none.retain(|shared| *shared != name);
                if value.get("workspace") != Some(&toml::Value::Boolean(true)) {
                    faults.push(format!("{package}: {name} has a version of its own"));
                }
                if !layers::mentions(&source, &name.replace('-', "_")) {
                    faults.push(format!("{package}: nothing uses {name}"));
                }
            }
        }
    }
    faults.extend(used_by_none.iter().map(|name| format!("no package uses {name}")));
    report(faults);
}
