//! Files of the store are damaged: what is then served is right to the byte, or words say what is damaged; never a panic.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::client::Client;
use crate::engine::{ANYWHERE, Engine, request};
use crate::injected::{fell, opens};
use crate::load::{is_long, wait_until};
use crate::row::row;

const CHATS: u32 = 6;
const POSTS: u32 = 40;
/// What is longer is taken for a hang.
const CHECK_WITHIN: Duration = Duration::from_secs(60);
/// How long the words of one that has ended may be on their way.
const WORDS_WITHIN: Duration = Duration::from_secs(5);
/// How the words begin that a program ends with.
const LAST_WORDS: &str = "deskwire: ";
/// No ballast: it would be copied every time.
const LEAN: [(&str, &str); 3] =
    [("STORE_BALLAST_MIB", "0"), ("STORE_DISK_LOW_MIB", "2"), ("STORE_DISK_LOWEST_MIB", "1")];

/// What somebody was acknowledged, as he reads it by HTTP.
struct Known {
    token: String,
    path: String,
    body: String,
}

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    /// One bit is another.
    Flipped,
    /// It ends early.
    Cut,
    /// A sector is zeros.
    Zeroed,
    /// It is not there.
    Gone,
}

/// A repeatable choice; `FAULTS_SEED` plays one again.
struct Choice(u64);

impl Choice {
    fn new() -> Choice {
        let seed = std::env::var("FAULTS_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| getrandom::u64().unwrap());
        println!("FAULTS_SEED={seed} does the same damages again");
        Choice(seed)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit.max(1) as u64) as usize
    }
}

/// Damages one file of a store; which, how and where.
fn damage(dir: &Path, choice: &mut Choice) -> (String, Damage, usize) {
    let names = files(dir);
    // Half of all hit the log, where nearly everything is.
    let name = match choice.below(2) {
        0 => "log/db".to_owned(),
        _ => names[choice.below(names.len())].clone(),
    };
    let path = dir.join(&name);
    let mut bytes = fs::read(&path).unwrap();
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let at = choice.below(used);
    let kind = match choice.below(10) {
        0..5 => Damage::Flipped,
        5..7 => Damage::Cut,
        7..9 => Damage::Zeroed,
        _ => Damage::Gone,
    };
    match kind {
        Damage::Flipped if used > 0 => bytes[at] ^= 1 << choice.below(8),
        Damage::Zeroed => {
            let sector = at / 512 * 512;
            let end = (sector + 512).min(bytes.len());
            bytes[sector..end].fill(0);
        }
        Damage::Cut => bytes.truncate(at),
        Damage::Flipped | Damage::Gone => {}
    }
    match kind {
        Damage::Gone => fs::remove_file(&path).unwrap(),
        Damage::Flipped | Damage::Cut | Damage::Zeroed => fs::write(&path, bytes).unwrap(),
    }
    (name, kind, at)
}

/// The files that hold what was acknowledged, or say how to read it.
fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        ["journal.0", "journal.1", "watermark", "identity", "log/conf"].map(str::to_owned).into();
    let snapshots = fs::read_dir(dir.join("log")).unwrap().map(|entry| entry.unwrap().file_name());
    let snapshots = snapshots.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with("snap."));
    names.extend(snapshots.map(|name| format!("log/{name}")));
    names.sort();
    names
}

/// What names a damage of a file, one of these: the file, but for what follows it.
fn names(file: &str) -> &'static [&'static str] {
    // A log or journal that reads as if it ended sooner may be an older copy: only the commits that lack can be named.
    const LOST: &str = "the store ends at commit ";
    match file {
        // Of a version that is not this one's nothing is read but its number.
        "identity" => &["the identity file", "the data is of version "],
        "watermark" => &["the watermark file"],
        "log/conf" => &["log/conf"],
        "log/db" => &["log/db", LOST],
        "journal.0" => &["journal.0", LOST],
        "journal.1" => &["journal.1", LOST],
        // Snapshots do no harm.
        _ => &[],
    }
}

/// Whether what a program ended with says what is damaged; what it said before does not count.
fn is_named(file: &str, words: &str) -> bool {
    let ended_with = words.lines().rfind(|line| line.starts_with(LAST_WORDS)).unwrap_or_default();
    names(file).iter().any(|name| ended_with.contains(name))
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").args(["-a", "--sparse=always"]).arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

/// What `deskwire check` says: its code, none where it did not end by itself, and its words.
fn check(dir: &Path) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deskwire"))
        .args(["check", "--data"])
        .arg(dir)
        .env_remove("DESKWIRE_FAULTS")
        .envs(LEAN.map(|(name, value)| (format!("DESKWIRE_{name}"), value)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + CHECK_WITHIN;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status.code(),
            None if Instant::now() > until => {
                child.kill().unwrap();
                break child.wait().unwrap().code();
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let mut words = String::new();
    child.stdout.take().unwrap().read_to_string(&mut words).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    (status, words)
}

/// What everybody is served: right, an error instead of it, or something else; None where it does not start.
fn serve(engine: &mut Engine, dir: &Path, known: &[Known]) -> Result<Served, String> {
    engine.moved(dir);
    engine.begin();
    if !opens(engine) {
        while engine.ended().is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        // Its last words are on their way when it has ended.
        let until = Instant::now() + WORDS_WITHIN;
        while !engine.said_so_far(LAST_WORDS) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        let code = engine.ended().and_then(|status| status.code());
        return match (code, engine.said.iter().any(|line| line.contains("panicked at"))) {
            (Some(1 | 21..=23 | 26), false) => Ok(Served::NotStarted),
            _ => Err(format!("it ended with {code:?}: {:#?}", engine.said)),
        };
    }
    let served = read_all(engine, known);
    // By then it has said all that it has to say of the reads.
    engine.signal(Signal::TERM);
    engine.wait_for("the desk closes");
    engine.kill();
    match fell(engine) {
        true => Err(format!("something fell: {:#?}", engine.said)),
        false => served,
    }
}

/// What was known before, read again.
fn read_all(engine: &Engine, known: &[Known]) -> Result<Served, String> {
    let mut refused = 0;
    for Known { token, path, body } in known {
        let (status, now) = request(engine.address, "GET", path, &format!("Authorization: Bearer {token}\r\n"), "");
        match status {
            200 if now == *body => {}
            200 => return Err(format!("{path} was\n{body}\nand is\n{now}")),
            500 | 503 => refused += 1,
            _ => return Err(format!("{path}: {status} {now}")),
        }
    }
    Ok(if refused == 0 { Served::Right } else { Served::SomeRefused })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Served {
    Right,
    SomeRefused,
    NotStarted,
}

/// Chats whose every byte is known.
fn talk(engine: &Engine) -> Vec<Known> {
    let chat = |number: u32| {
        let (mut customer, welcome) = Client::customer(engine, &format!("Customer {number}"));
        let ticket = customer.start_chat("technical", u128::from(number) + 1).unwrap();
        customer.join(ticket, 11, 0).unwrap();
        for post in 1..=POSTS {
            let words = format!("{number}-{post} ").repeat((post * post % 120) as usize + 1);
            customer.post(ticket, post, &words);
            customer.acknowledged(ticket, post).unwrap();
        }
        let path = format!("/api/tickets/{ticket}/events?after=0");
        let bearer = format!("Authorization: Bearer {}\r\n", welcome.token);
        let (status, body) = request(engine.address, "GET", &path, &bearer, "");
        assert!(status == 200 && body.contains(&format!("{number}-{POSTS} ")), "{status} {body}");
        Known { token: welcome.token, path, body }
    };
    (0..CHATS).map(chat).collect()
}

/// Three stores with the same talk: as the kill of an engine left it, as it is after a start and another kill, and as an
/// engine left it that went down in order. All of it is below the watermark.
fn stores(engine: &mut Engine, dir: &Path) -> Vec<PathBuf> {
    let (killed, again, stopped) = (dir.join("killed"), dir.join("again"), dir.join("stopped"));
    let watermark = |data: &Path| {
        let bytes = fs::read(data.join("watermark")).unwrap();
        let number = |at: usize| u64::from_le_bytes(*bytes[at..].first_chunk().unwrap());
        number(0).max(number(4_096))
    };
    let quiet = |engine: &Engine| {
        // The notifier may still write; the watermark follows once a second.
        let mut last = 0;
        let mut since = Instant::now();
        wait_until("nothing is written any more", || {
            let now = watermark(engine.data());
            if now != last {
                (last, since) = (now, Instant::now());
            }
            since.elapsed() > Duration::from_millis(2_500)
        });
    };
    quiet(engine);
    engine.kill();
    copy(engine.data(), &killed);
    engine.restart();
    quiet(engine);
    engine.kill();
    copy(engine.data(), &again);
    engine.restart();
    assert!(engine.terminate().success());
    copy(engine.data(), &stopped);
    vec![killed, again, stopped]
}

/// What came of all damages.
#[derive(Default)]
struct Came {
    done: BTreeMap<Damage, u64>,
    checked: BTreeMap<i32, u64>,
    served: BTreeMap<Served, u64>,
    broken: u64,
}

impl Came {
    fn broke(&mut self, what: &str, why: &str) {
        self.broken += 1;
        println!("{what}: {why}");
    }

    /// Damages a copy, and judges what `check` and an engine make of it.
    fn one_more(&mut self, engine: &mut Engine, store: &Path, whole: &str, known: &[Known], choice: &mut Choice) {
        let dir = tempfile::tempdir().unwrap();
        let (damaged, twin) = (dir.path().join("damaged"), dir.path().join("twin"));
        copy(store, &damaged);
        let (file, kind, at) = damage(&damaged, choice);
        copy(&damaged, &twin);
        let what = format!("{}: {file} {kind:?} at {at}", store.file_name().unwrap().display());
        *self.done.entry(kind).or_default() += 1;
        let (code, words) = check(&damaged);
        *self.checked.entry(code.unwrap_or(-1)).or_default() += 1;
        if words.contains("panicked at") {
            self.broke(&what, &format!("a panic at the user: {words}"));
        }
        if file.starts_with("log/snap.") && code != Some(0) {
            self.broke(&what, &format!("sled makes it anew, and yet {words}"));
        }
        match code {
            Some(0) if words != whole => self.broke(&what, &format!("found whole, but it was {whole} and is {words}")),
            Some(0) => {}
            Some(1 | 21..=23 | 26) if is_named(&file, &words) => println!("{what}: {code:?} {words}"),
            _ => self.broke(&what, &format!("{code:?}: {words}")),
        }
        match serve(engine, &twin, known) {
            Ok(Served::NotStarted) if code == Some(0) => {
                self.broke(&what, &format!("found whole, but {:#?}", engine.said))
            }
            Ok(Served::NotStarted) if !is_named(&file, &engine.said.join("\n")) => {
                self.broke(&what, &format!("not named by {:#?}", engine.said))
            }
            // `check` has read every one of these events.
            Ok(Served::SomeRefused) if code == Some(0) => self.broke(&what, "found whole, but not all of it is served"),
            Ok(served) => *self.served.entry(served).or_default() += 1,
            Err(why) => self.broke(&what, &why),
        }
    }
}

/// C08, C09, G09: a damage is named, or does no harm.
#[test]
fn a_damaged_file_is_named_or_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = Engine::on(&dir.path().join("data"), ANYWHERE, &LEAN, &[]);
    let known = talk(&engine);
    let stores = stores(&mut engine, dir.path());
    let whole: Vec<String> = stores.iter().map(|store| found_whole(dir.path(), store)).collect();
    let (mut came, mut choice) = (Came::default(), Choice::new());
    let damages = if is_long() { 1_000 } else { 40 };
    for number in 0..damages {
        let which = number % stores.len();
        came.one_more(&mut engine, &stores[which], &whole[which], &known, &mut choice);
    }
    let Came { done, checked, served, broken } = came;
    row("damaged files", &format!("{done:?}; check ended with {checked:?}; served {served:?}"), broken);
    assert!(served.contains_key(&Served::Right) && checked.keys().any(|code| *code > 20), "{served:?} {checked:?}");
}

/// What `check` says of a store that nothing was done to.
fn found_whole(dir: &Path, store: &Path) -> String {
    let twin = dir.join("twin");
    copy(store, &twin);
    let (code, words) = check(&twin);
    assert_eq!(code, Some(0), "{words}");
    fs::remove_dir_all(twin).unwrap();
    words
}
