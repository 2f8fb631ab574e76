//! Rows: which source wins, and what a wrong setting says of itself.

use super::*;

fn wrong_in_file(text: &str) -> String {
    let mut sources = Sources::default();
    let added = sources.add_file("desk.toml", text);
    added.and_then(|()| sources.settings().map(|_| ())).unwrap_err().to_string()
}

/// G03: each wrong line names file, line, setting and what is expected.
#[test]
fn a_wrong_setting_names_itself() {
    for (text, words) in [
        ("[serve]\nlisen = \"x\"", "desk.toml:2: there is no setting serve.lisen; did you mean serve.listen?"),
        (
            "[serve]\nlisten = \"x\"",
            "desk.toml:2: serve.listen = \"x\": expected an address and a port, as in 127.0.0.1:8080 or [::1]:8080",
        ),
        ("[desk]\n\nslots = 0", "desk.toml:3: desk.slots = \"0\": expected a number from 1 to 1000"),
        ("[desk]\nslots = -1", "desk.toml:2: desk.slots = \"-1\": expected a whole number up to 65535"),
        ("[desk]\nslots = 2.5", "desk.toml:2: desk.slots: expected a text, a number or a list of texts"),
        ("[log]\nformat = \"xml\"", "desk.toml:2: log.format = \"xml\": expected auto, json or text"),
        (
            "[sevre]\nlisten = \"x\"",
            "desk.toml:1: there is no setting section [sevre]; `deskwire config example` lists them all",
        ),
        ("slots = 3", "desk.toml:1: there is no setting slots; `deskwire config example` lists them all"),
        ("[store]\ndisk_lowest_mib = 2000", "store.disk_lowest_mib: must not be above store.disk_low_mib"),
        ("[serve]\nsilent_seconds = 20", "serve.silent_seconds: must be above serve.ping_seconds"),
    ] {
        assert_eq!(wrong_in_file(text), words, "{text:?}");
    }
    assert!(wrong_in_file("[serve\nlisten").starts_with("desk.toml:1: "));
}

/// G03
#[test]
fn flags_win_over_the_environment_and_the_environment_over_the_file() {
    let mut sources = Sources::default();
    sources
        .add_file("f", "[desk]\nslots = 1\nwaiting = 1\n[serve]\norigins = [\"a\", \"b\"]\nconnections = 0x10")
        .unwrap();
    sources.add_dot_env("# ours\nexport DESKWIRE_DESK_SLOTS=\"2\"\nOTHER=1\nDESKWIRE_ACTORS_IDLE_SECONDS=2").unwrap();
    let environment = [("DESKWIRE_DESK_SLOTS", "3"), ("HOME", "x"), (ENV_FILE, "y"), ("DESKWIRE_DESK_WAITING", "3")];
    sources.add_environment(environment.into_iter().map(|(name, value)| (name.into(), value.into()))).unwrap();
    sources.add_flag("desk.slots", "4").unwrap();
    let settings = sources.settings().unwrap();
    assert_eq!((settings.desk.slots, settings.desk.waiting, settings.actors.idle_seconds), (4, 3, 2));
    assert_eq!((settings.serve.origins, settings.serve.connections), (vec!["a".to_owned(), "b".to_owned()], 16));
    assert_eq!(sources.origin("desk.slots"), Some(&Origin::Flag));
    assert_eq!(sources.origin("actors.idle_seconds"), Some(&Origin::DotEnv { line: 4 }));
    assert_eq!(sources.origin("log.level"), None);
}

/// G03
#[test]
fn a_wrong_name_in_the_environment_names_itself() {
    let mut sources = Sources::default();
    let environment = [("DESKWIRE_SERVE_PORT".to_owned(), "1".to_owned())];
    let wrong = sources.add_environment(environment.into_iter()).unwrap_err().to_string();
    assert!(wrong.starts_with("environment DESKWIRE_SERVE_PORT: there is no setting serve.port"), "{wrong}");
}

#[test]
fn a_secret_is_never_shown() {
    let mut sources = Sources::default();
    sources.add_flag("demo.password", "hunter2").unwrap();
    let settings = sources.settings().unwrap();
    assert_eq!(settings.demo.password.reveal(), "hunter2");
    assert_eq!(settings.shown("demo.password").unwrap(), "\"(hidden)\"");
    assert!(!format!("{settings:?}").contains("hunter2"));
}
