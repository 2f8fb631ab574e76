//! A disk whose power can be cut, or that fills up: a file system image that is copied while its writer stands still.
//!
//! What has reached the image is what has reached the disk; what only the kernel's memory holds is lost in the copy.
//! Needs root, loop devices and `mkfs.ext4`; elsewhere the tests that use it are skipped with words.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::process::{Pid, Signal, kill_process};

/// An ext4 image and where it is mounted; unmounted when dropped.
pub struct Image {
    file: PathBuf,
    mounted: PathBuf,
}

impl Image {
    /// A new one of so many MiB in this directory.
    pub fn make(dir: &Path, mib: u64) -> Result<Image, String> {
        let file = dir.join("disk");
        File::create(&file).unwrap().set_len(mib << 20).unwrap();
        // 8 MiB are kept back for root, however large it is: less than what the engine gives up to be opened on a full disk.
        let kept_back = format!("{}", 800.0 / mib as f64);
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-m", &kept_back]).arg(&file))?;
        Image::mount(file, dir.join("mounted"))
    }

    fn mount(file: PathBuf, mounted: PathBuf) -> Result<Image, String> {
        std::fs::create_dir_all(&mounted).unwrap();
        run(Command::new("mount").args(["-o", "loop"]).arg(&file).arg(&mounted))?;
        Ok(Image { file, mounted })
    }

    /// The disk as it is now, journal and all, mounted elsewhere.
    pub fn copy(&self, dir: &Path) -> Result<Image, String> {
        let file = dir.join("copy");
        run(Command::new("cp").arg("--sparse=always").arg(&self.file).arg(&file))?;
        Image::mount(file, dir.join("copied"))
    }

    /// Where the store goes.
    pub fn store(&self) -> PathBuf {
        self.mounted.join("data")
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = run(Command::new("umount").arg("-l").arg(&self.mounted));
    }
}

/// A file that takes the disk's room until it is dropped.
pub struct Filler {
    path: PathBuf,
    file: File,
}

impl Filler {
    /// Leaves this much free, taken at once.
    pub fn leave(dir: &Path, bytes: u64) -> Filler {
        let path = dir.join("filler");
        let file = File::create(&path).unwrap();
        fallocate(&file, FallocateFlags::empty(), 0, free_bytes(dir) - bytes).unwrap();
        Filler { path, file }
    }

    /// Takes the last byte too, that which is kept for root included.
    pub fn take_the_rest(&mut self) {
        self.file.seek(SeekFrom::End(0)).unwrap();
        for piece in [1 << 20, 4_096, 1] {
            let bytes = vec![0; piece];
            while self.file.write_all(&bytes).is_ok() {}
        }
        // What has no place is not written; that it says so is the point.
        let _ = self.file.sync_all();
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        std::fs::remove_file(&self.path).unwrap();
    }
}

/// What may still be written to a disk.
pub fn free_bytes(dir: &Path) -> u64 {
    let disk = statvfs(dir).unwrap();
    disk.f_bavail * disk.f_frsize
}

/// Stops a process, and returns when each of its threads stands still. Until one of them has taken the signal, the others
/// run on: what they say then would be held against a copy that was begun before.
pub fn stop(pid: Pid) {
    kill_process(pid, Signal::STOP).unwrap();
    while !stands_still(pid) {
        std::thread::yield_now();
    }
}

fn stands_still(pid: Pid) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).unwrap();
    let mut states = threads.filter_map(|thread| std::fs::read_to_string(thread.unwrap().path().join("stat")).ok());
    states.all(|stat| stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T')))
}

/// Runs a command to its end; the error is what it said.
pub fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|fault| format!("{command:?}: {fault}"))?;
    let words = String::from_utf8_lossy(&output.stderr);
    output.status.success().then_some(()).ok_or(format!("{command:?}: {words}"))
}
