//! The command line, as a person or a script uses it: what it prints, where, and its exit codes.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().expect("it ended by itself"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The program in a directory of its own, without the settings of whoever runs the tests.
fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskwire"));
    command.current_dir(directory).args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DESKWIRE_") {
            command.env_remove(name);
        }
    }
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Ran {
    program(directory, arguments).output().unwrap().into()
}

fn run_with_input(directory: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = program(directory, arguments);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // A program that refuses its flags may be gone before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap().into()
}

fn create<'a>(email: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["admin", "create", "--data", "desk", "--email", email, "--name", "Ada Admin"];
    arguments.extend(more);
    arguments
}

/// Every file below a directory.
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A17, A08
#[test]
fn the_first_admin_is_created_on_an_empty_directory_and_his_password_is_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let ran = run_with_input(directory.path(), &create("Ada@Example.org", &["--role", "admin"]), "correct horse\n");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("created ") && !ran.out.contains("horse"), "{}", ran.out);
    for (name, bytes) in files(directory.path()) {
        assert!(!holds(&bytes, "correct horse"), "{name} holds the password");
    }
    let ran = run(directory.path(), &["check", "--data", "desk"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "whole: 0 tickets, 0 events, 2 records\n"), "{}", ran.err);
    let ran = run(directory.path(), &["rebuild", "--data", "desk"]);
    assert_eq!(ran.out, "the stage index: 0 entries were right, 0 written, 0 removed\n", "{}", ran.err);
}

/// A17
#[test]
fn an_account_that_cannot_be_is_refused_with_words() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(run_with_input(directory.path(), &create("ada@example.org", &[]), "correct horse\n").code, 0);
    for (arguments, input, code, words) in [
        (create("ADA@example.org", &[]), "correct horse\n", 1, "there is an account with this e-mail address"),
        (create("ada", &[]), "correct horse\n", 1, "is not an e-mail address"),
        (create("bob@example.org", &[]), "short\n", 1, "at least 8 letters"),
        (create("bob@example.org", &[]), "", 1, "at least 8 letters"),
        (create("bob@example.org", &["--role", "customer"]), "correct horse\n", 2, "invalid value 'customer'"),
        (create("bob@example.org", &["--categories", "none"]), "correct horse\n", 1, "there is no category \"none\""),
    ] {
        let ran = run_with_input(directory.path(), &arguments, input);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}

/// G03
#[test]
fn config_check_says_what_is_in_force_and_where_it_was_said() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("desk.toml");
    fs::write(&file, "[desk]\nslots = 5\n[demo]\npassword = \"hunter2\"\n").unwrap();
    fs::write(directory.path().join(".env"), "DESKWIRE_ACTORS_IDLE_SECONDS=7\n").unwrap();
    let output = program(directory.path(), &["config", "check", "desk.toml"])
        .env("DESKWIRE_LOG_LEVEL", "debug")
        .output()
        .unwrap();
    let ran = Ran::from(output);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for line in [
        "slots = 5                                # desk.toml:2",
        "idle_seconds = 7                         # .env:1",
        "level = \"debug\"                          # environment DESKWIRE_LOG_LEVEL",
        "password = \"(hidden)\"                    # desk.toml:4",
        "listen = \"127.0.0.1:8080\"                # default",
    ] {
        assert!(ran.out.contains(line), "{line}\n{}", ran.out);
    }
    assert!(!ran.out.contains("hunter2"));
}

/// G03
#[test]
fn a_wrong_setting_ends_every_command_with_code_2_and_its_name() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("desk.toml"), "[serve]\nlisen = \"x\"\n").unwrap();
    let named = "desk.toml:2: there is no setting serve.lisen; did you mean serve.listen?";
    for (arguments, words) in [
        (vec!["config", "check", "desk.toml"], named),
        (vec!["serve", "--config", "desk.toml"], named),
        (vec!["demo", "--listen", "here"], "command line: serve.listen = \"here\": expected an address and a port"),
        (vec!["serve", "--set", "desk.slots=0"], "desk.slots = \"0\": expected a number from 1 to 1000"),
        (vec!["serve", "--set", "desk.slots"], "expected SECTION.NAME=VALUE"),
        (vec!["serve", "--set", "log.level=a=b=c"], "log.level"),
        (vec!["serve", "--prot", "1"], "unexpected argument '--prot'"),
    ] {
        let ran = run(directory.path(), &arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}

/// G03
#[test]
fn the_example_is_what_config_example_prints() {
    let directory = tempfile::tempdir().unwrap();
    let ran = run(directory.path(), &["config", "example"]);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/deskwire.example.toml");
    assert_eq!((ran.code, ran.out), (0, fs::read_to_string(file).unwrap()));
}

#[test]
fn check_or_rebuild_of_a_directory_that_is_not_there_makes_none() {
    let directory = tempfile::tempdir().unwrap();
    for command in ["check", "rebuild"] {
        let ran = run(directory.path(), &[command, "--data", "nowhere"]);
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains("nowhere: there is no such directory"), "{}", ran.err);
        assert!(!directory.path().join("nowhere").exists());
    }
}

#[test]
fn a_directory_in_use_is_refused_with_the_stores_own_code() {
    let directory = tempfile::tempdir().unwrap();
    let held = deskwire::store::Lock::take(&directory.path().join("desk")).unwrap();
    let ran = run_with_input(directory.path(), &create("ada@example.org", &[]), "correct horse\n");
    assert_eq!(ran.code, 20, "{}", ran.err);
    assert!(ran.err.contains("another process uses the data directory"), "{}", ran.err);
    assert_eq!(run(directory.path(), &["rebuild", "--data", "desk"]).code, 20);
    drop(held);
}
