//! The page in a real browser: two tabs talk, reload, live through a restart, close; customers choose, staff act.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::engine::Engine;

const CONSOLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web-console");

/// What this test needs and this machine has not.
fn missing() -> Option<&'static str> {
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok_and(|ran| ran.status.success());
    let there = |path: &str| Path::new(CONSOLE).join(path).exists();
    if !runs("node") {
        return Some("node");
    }
    if !Path::new("/usr/bin/chromium").exists() {
        return Some("chromium");
    }
    if !there("node_modules/playwright-core") || !there("dist/index.html") {
        return Some("a built console (make console)");
    }
    None
}

/// B01, B07, C01, C10, C12: a customer's tab and an agent's tab, in chromium, over a SIGKILL and a restart.
#[test]
fn two_browser_tabs_talk_over_a_restart() {
    if let Some(missing) = missing() {
        println!("SKIPPED two_browser_tabs_talk_over_a_restart: no {missing} here");
        return;
    }
    let mut engine = Engine::start();
    let asked = engine.data().join("restart-asked");
    let mut browser = Command::new("node")
        .arg("e2e/two_people_talk.mjs")
        .current_dir(CONSOLE)
        .env("DESKWIRE_URL", format!("http://{}", engine.address))
        .env("DESKWIRE_AGENT_EMAIL", "alice@demo.example")
        .env("DESKWIRE_AGENT_PASSWORD", "deskwire-demo")
        .env("DESKWIRE_CATEGORY", "technical")
        // It asks for a restart with a file, and goes on when the file is gone.
        .env("DESKWIRE_RESTART", format!("touch {0}; while [ -e {0} ]; do sleep 0.1; done", asked.display()))
        .spawn()
        .unwrap();
    let status = loop {
        if asked.exists() {
            engine.kill();
            engine.restart();
            std::fs::remove_file(&asked).unwrap();
        }
        if let Some(status) = browser.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(status.success(), "its own words stand above");
}

/// B05, B09, B11, B21, B22, B26, B31, B32, C03: who is turned away or waits for too long chooses, and staff have a button for
/// what they may do about a ticket, in chromium.
#[test]
fn customers_choose_and_staff_act_in_a_browser() {
    if let Some(missing) = missing() {
        println!("SKIPPED customers_choose_and_staff_act_in_a_browser: no {missing} here");
        return;
    }
    let engine = Engine::start();
    let status = Command::new("node")
        .arg("e2e/acts_and_choices.mjs")
        .current_dir(CONSOLE)
        .env("DESKWIRE_URL", format!("http://{}", engine.address))
        .env("DESKWIRE_AGENT_PASSWORD", "deskwire-demo")
        .status()
        .unwrap();
    assert!(status.success(), "its own words stand above");
}
