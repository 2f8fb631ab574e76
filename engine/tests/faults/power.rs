//! The power is cut under the whole desk: what was acknowledged is there when it comes back.

use std::time::{Duration, Instant};

use deskwire_loadtest::checker::Promise;
use deskwire_loadtest::report::Report;
use tempfile::TempDir;

use crate::disk::{Image, stop};
use crate::engine::{ANYWHERE, Engine};
use crate::killed::below;
use crate::load::{Load, Size, figures, is_long, skipped};
use crate::row::{Judged, spread};

/// The image is small: its free space is not what is tried here.
const SMALL: [(&str, &str); 3] =
    [("STORE_DISK_LOW_MIB", "2"), ("STORE_DISK_LOWEST_MIB", "1"), ("STORE_BALLAST_MIB", "0")];
const MIB: u64 = 512;

/// A desk on a disk whose power is cut again and again; the disk that a cut leaves is the next one's.
struct Plugged {
    engine: Engine,
    /// Before its directory: it is unmounted first.
    disk: Image,
    dir: TempDir,
    /// How long it took until the desk was open again.
    opened_ms: Vec<f64>,
}

impl Plugged {
    fn new() -> Result<Plugged, String> {
        let dir = tempfile::tempdir().unwrap();
        let disk = Image::make(dir.path(), MIB)?;
        let engine = Engine::on(&disk.store(), ANYWHERE, &SMALL, &[]);
        Ok(Plugged { engine, disk, dir, opened_ms: Vec::new() })
    }

    /// Cuts the power, and moves the desk to what had reached the disk.
    fn cut(&mut self) -> Result<(), String> {
        stop(self.engine.pid());
        let next = tempfile::tempdir().unwrap();
        let copied = self.disk.copy(next.path())?;
        self.engine.kill();
        self.engine.moved(&copied.store());
        (self.disk, self.dir) = (copied, next);
        Ok(())
    }

    /// Cuts it in the middle of talk, and where asked for a second time while the desk starts on what was left.
    fn cut_and_come_back(&mut self, also_starting: Also) -> Result<usize, String> {
        self.cut()?;
        let mut cuts = 1;
        if matches!(also_starting, Also::Starting) {
            self.engine.begin();
            let latest = self.opened_ms.last().copied().unwrap_or(200.0);
            std::thread::sleep(below(Duration::from_secs_f64(latest / 1e3)));
            self.cut()?;
            cuts += 1;
        }
        let began = Instant::now();
        self.engine.restart();
        self.opened_ms.push(began.elapsed().as_secs_f64() * 1e3);
        Ok(cuts)
    }
}

enum Also {
    Talking,
    Starting,
}

/// So many cuts under load, one after another.
fn cuts(wanted: usize, seconds: u64) -> Result<(), String> {
    let size = Size { customers: 24, agents: 6, rate: 250, seconds, chat_posts: 12 };
    let mut desk = Plugged::new()?;
    let (mut judged, mut cuts, mut starting) = (Judged::default(), 0, 0);
    while cuts < wanted {
        let load = Load::start_and_wait(&desk.engine, size);
        let until = Instant::now() + Duration::from_secs(seconds);
        while cuts < wanted && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(200) + below(Duration::from_millis(800)));
            let also = if cuts % 3 == 1 { Also::Starting } else { Also::Talking };
            let made = desk.cut_and_come_back(also)?;
            (cuts, starting) = (cuts + made, starting + made - 1);
        }
        judged.add(&load.end());
    }
    let opened = spread(&mut desk.opened_ms);
    judged.row("power cuts under the desk", &format!("{cuts} cuts, {starting} of them starting; open again {opened}"));
    Ok(())
}

/// C08, C09: promise 1, from outside.
#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let (wanted, seconds) = if is_long() { (100, 60) } else { (10, 14) };
    if let Err(why) = cuts(wanted, seconds) {
        skipped("a_power_cut_loses_nothing_that_was_acknowledged", &why);
    }
}

/// One cut under an engine with a bug.
fn cut_with(bug: &str) -> Result<Report, String> {
    let mut desk = Plugged::new()?;
    desk.engine.kill();
    desk.engine.set(&[("PLANTED_BUG", bug)]);
    desk.engine.restart();
    let size = Size { customers: 24, agents: 6, rate: 250, seconds: 4, chat_posts: 12 };
    let load = Load::start_and_wait(&desk.engine, size);
    std::thread::sleep(Duration::from_millis(1_500));
    desk.cut_and_come_back(Also::Talking)?;
    let report = load.end();
    println!("power cut, {bug}: {}", figures(&report));
    Ok(report)
}

/// The test above can fail. On a busy machine a cut may come while nothing was just told: then another.
#[test]
fn acknowledging_before_the_sync_is_caught() {
    for _ in 0..5 {
        match cut_with("ack_before_sync") {
            Ok(report) if report.checked.of(Promise::NotLost) > 0 => return,
            Ok(_) => {}
            Err(why) => return skipped("acknowledging_before_the_sync_is_caught", &why),
        }
    }
    panic!("five cuts, and nothing acknowledged was lost");
}
