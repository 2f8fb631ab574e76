//! What must be in order before sled is let near its files, and what is looked at while it runs: space on the disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::checksummed::{is_whole_conf, is_whole_snapshot};
use super::fault::OpenFault;
use super::files::{log_dir, sync_dir};
use super::pressure::Disk;
use super::settings::StoreSettings;

/// Bytes that this process may still write to the disk of a directory.
pub(super) fn free_bytes(dir: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

pub(super) fn disk_state(free: u64, settings: &StoreSettings) -> Disk {
    if free < settings.disk_lowest_bytes {
        Disk::Lowest
    } else if free < settings.disk_low_bytes {
        Disk::Low
    } else {
        Disk::Fine
    }
}

/// Sees to it that opening will not meet a full disk: sled does not recover from one, not even by a restart.
pub(super) fn make_room(dir: &Path, settings: &StoreSettings) -> Result<(), OpenFault> {
    let free = || free_bytes(dir).map_err(OpenFault::io("cannot ask how full the disk is"));
    if free()? >= settings.open_free_bytes {
        return Ok(());
    }
    if fs::remove_file(dir.join("ballast")).is_ok() {
        tracing::warn!("the disk is full; the ballast file was given up");
    }
    match free()? {
        free if free < settings.open_free_bytes => Err(OpenFault::DiskFull { free, needed: settings.open_free_bytes }),
        _ => Ok(()),
    }
}

/// Lays down the ballast file again, if it is missing. To be called with room on the disk only.
pub(super) fn lay_ballast(dir: &Path, bytes: u64) -> io::Result<()> {
    let path = dir.join("ballast");
    if fs::metadata(&path).is_ok_and(|found| found.len() >= bytes) {
        return Ok(());
    }
    // Written, not only lengthened: a file of holes takes no space that could be given up.
    let zeros = vec![0; 1 << 20];
    let mut file = File::create(&path)?;
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(zeros.len() as u64);
        file.write_all(&zeros[..piece as usize])?;
        left -= piece;
    }
    file.sync_all()
}

/// Sees to it that sled's own settings are what it wrote: where they are not, sled may take its log for something else.
pub(super) fn check_conf(dir: &Path) -> Result<(), OpenFault> {
    match fs::read(log_dir(dir).join("conf")) {
        Ok(bytes) if is_whole_conf(&bytes) => Ok(()),
        Ok(_) => Err(OpenFault::Damaged("log/conf is not what was written".to_owned())),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(fault) => Err(OpenFault::io("cannot read log/conf")(fault)),
    }
}

/// Takes away what would keep sled from opening: a snapshot that was being written, and all of them when the newest is
/// damaged. Snapshots only save time; without one sled reads its whole log.
pub(super) fn clear_snapshots(dir: &Path) -> Result<(), OpenFault> {
    let log = log_dir(dir);
    let what = "cannot clear old snapshots";
    let mut snapshots = snapshot_names(&log).map_err(OpenFault::io(what))?;
    let unfinished = snapshots.extract_if(.., |name| name.ends_with(".generating"));
    for name in unfinished.collect::<Vec<_>>() {
        fs::remove_file(log.join(&name)).map_err(OpenFault::io(what))?;
        tracing::warn!(name, "an unfinished snapshot was removed");
    }
    snapshots.sort();
    let Some(newest) = snapshots.last() else { return Ok(()) };
    let bytes = fs::read(log.join(newest)).map_err(OpenFault::io("cannot read a snapshot"))?;
    if !is_whole_snapshot(&bytes) {
        for name in &snapshots {
            fs::rename(log.join(name), log.join(format!("aside.{name}"))).map_err(OpenFault::io(what))?;
            tracing::warn!(name, "a snapshot was set aside, because the newest is damaged");
        }
    }
    Ok(())
}

fn snapshot_names(log: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(log)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("snap.") {
            names.push(name);
        }
    }
    Ok(names)
}

/// Whether sled keeps values in files of their own, which it never syncs.
pub(super) fn has_blobs(dir: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(log_dir(dir).join("blobs"))?.next().is_some())
}

/// Makes the names of sled's files durable, and the one file that sled writes without a sync.
pub(super) fn sync_names(dir: &Path) -> io::Result<()> {
    let log = log_dir(dir);
    File::open(log.join("conf"))?.sync_all()?;
    sync_dir(&log)?;
    sync_dir(dir)
}
