//! The journal: two files in turn, in which a commit is synced before anybody hears of it.
//!
//! ```text
//! DIR/journal.0, DIR/journal.1
//!
//! file   = mark (8) | generation (8) | base (8) | after (8) | CRC32C (4) | 0 … to byte 64 | entries
//! entry  = length of the changes (4) | CRC32C (4) | commit number (8) | changes
//! change = length of the key (2) | length of the value, all ones to remove (4) | key | value
//! ```
//! The file of the higher generation is the one in use. Its entries are the commits `after + 1`, `after + 2` …, without
//! a gap; sled is known to be on disk up to `base`. Where that is less than `after`, the other file has what lies
//! between. The checksum of an entry covers the generation, so that what an earlier use left behind an entry is none.
//!
//! What a file holds is also in memory, as a [`Run`], until sled has it on disk. Every change is a whole value under its
//! key, or its removal. So it does no harm to settle a run again over any state that sled came back with: the end is the
//! same. An entry that a power cut tore is the last one, and nobody was told of it; its checksum fails, and it is as if it
//! had never been.
//!
//! The files are written full of zeros once and then over and over: a sync has no new length to make durable.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::fault::OpenFault;
use super::files::sync_dir;
use super::recent::Run;

const MARK: [u8; 8] = *b"deskwjrn";
const FILE_HEADER_BYTES: usize = 64;
const ENTRY_HEADER_BYTES: usize = 16;
const REMOVED: u32 = u32::MAX;

/// What one commit changes.
#[derive(Debug)]
pub(super) struct Entry {
    bytes: Vec<u8>,
}

impl Default for Entry {
    fn default() -> Entry {
        Entry { bytes: vec![0; ENTRY_HEADER_BYTES] }
    }
}

impl Entry {
    /// This key has this value from now on.
    pub(super) fn insert(&mut self, key: &[u8], value: &[u8]) {
        let length = u32::try_from(value.len()).expect("values are bounded far below this");
        self.change(key, length, value);
    }

    /// This key is gone.
    pub(super) fn remove(&mut self, key: &[u8]) {
        self.change(key, REMOVED, &[]);
    }

    fn change(&mut self, key: &[u8], length: u32, value: &[u8]) {
        let key_length = u16::try_from(key.len()).expect("keys are bounded far below this");
        self.bytes.extend_from_slice(&key_length.to_le_bytes());
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
    }

    fn seal(&mut self, generation: u64, number: u64) {
        let length = u32::try_from(self.bytes.len() - ENTRY_HEADER_BYTES).expect("a batch is bounded far below this");
        self.bytes[..4].copy_from_slice(&length.to_le_bytes());
        self.bytes[8..ENTRY_HEADER_BYTES].copy_from_slice(&number.to_le_bytes());
        let crc = entry_crc(generation, &self.bytes[8..]);
        self.bytes[4..8].copy_from_slice(&crc.to_le_bytes());
    }

    /// What it changes, in order.
    pub(super) fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        let mut at = ENTRY_HEADER_BYTES;
        std::iter::from_fn(move || {
            let rest = Some(at).filter(|at| *at < self.bytes.len())?;
            let change = Change::at(&self.bytes, rest).expect("it was made here, or its checksum was right");
            at = change.end;
            Some(change)
        })
    }

    /// The bytes of a value.
    pub(super) fn value(&self, at: usize, length: usize) -> &[u8] {
        &self.bytes[at..at + length]
    }
}

fn entry_crc(generation: u64, number_and_changes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&generation.to_le_bytes()), number_and_changes)
}

/// One change of an entry.
pub(super) struct Change<'e> {
    pub(super) key: &'e [u8],
    /// Where in the entry the new value lies; none for a removal.
    pub(super) value: Option<std::ops::Range<usize>>,
    end: usize,
}

impl Change<'_> {
    fn at(bytes: &[u8], at: usize) -> Option<Change<'_>> {
        let (key_length, rest) = bytes.get(at..)?.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let key = rest.get(..u16::from_le_bytes(*key_length).into())?;
        let begin = bytes.len() - rest.len() + key.len();
        match u32::from_le_bytes(*length) {
            REMOVED => Some(Change { key, value: None, end: begin }),
            length => {
                let end = begin + length as usize;
                (end <= bytes.len()).then_some(Change { key, value: Some(begin..end), end })
            }
        }
    }
}

/// The journal as it is written.
#[derive(Debug)]
pub(super) struct Journal {
    files: [File; 2],
    active: usize,
    generation: u64,
    /// Where the next entry goes.
    at: u64,
    /// The commit before the first of the active file.
    after: u64,
    bytes_max: u64,
}

impl Journal {
    /// Makes the files anew for a store whose sled is on disk up to a commit.
    pub(super) fn create(dir: &Path, bytes_max: u64, last: u64) -> Result<(), OpenFault> {
        let what = || OpenFault::io("cannot make the journal");
        for slot in [0, 1] {
            let new = dir.join(format!("journal.{slot}.new"));
            let header = Header { generation: slot, base: last, after: last };
            write_new(&new, &header.bytes(), bytes_max).map_err(what())?;
            fs::rename(&new, path(dir, slot as usize)).map_err(what())?;
        }
        sync_dir(dir).map_err(what())
    }

    /// Whether an entry should go to the other file. One that is larger than a file has a file of its own.
    pub(super) fn is_full_for(&self, entry: &Entry) -> bool {
        self.at > FILE_HEADER_BYTES as u64 && self.at + entry.bytes.len() as u64 > self.bytes_max
    }

    /// Goes on in the other file, after commit `last`. To be called when sled is on disk up to all that the other file
    /// holds, so that this one is all that a replay needs beside it.
    pub(super) fn turn(&mut self, last: u64) -> io::Result<()> {
        self.begin(self.after, last)
    }

    /// Begins anew, synced: sled is on disk up to commit `last`, and no entry is needed any more.
    pub(super) fn restart(&mut self, last: u64) -> io::Result<()> {
        self.begin(last, last)?;
        self.files[self.active].sync_data()
    }

    /// Never over the file in use: were the header torn, the other must still be whole.
    fn begin(&mut self, base: u64, after: u64) -> io::Result<()> {
        let header = Header { generation: self.generation + 1, base, after };
        self.files[1 - self.active].write_all_at(&header.bytes(), 0)?;
        self.active = 1 - self.active;
        self.generation = header.generation;
        self.at = FILE_HEADER_BYTES as u64;
        self.after = after;
        Ok(())
    }

    /// Writes the entry of a commit, and answers the file that must be synced for it to count.
    pub(super) fn write(&mut self, number: u64, entry: &mut Entry) -> io::Result<&File> {
        entry.seal(self.generation, number);
        let file = &self.files[self.active];
        file.write_all_at(&entry.bytes, self.at)?;
        self.at += entry.bytes.len() as u64;
        Ok(file)
    }
}

fn path(dir: &Path, slot: usize) -> PathBuf {
    dir.join(format!("journal.{slot}"))
}

fn write_new(path: &Path, header: &[u8], bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(header)?;
    let zeros = bytes.saturating_sub(header.len() as u64);
    io::copy(&mut io::repeat(0).take(zeros), &mut file)?;
    file.sync_all()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    generation: u64,
    base: u64,
    after: u64,
}

impl Header {
    fn bytes(self) -> [u8; FILE_HEADER_BYTES] {
        let mut bytes = [0; FILE_HEADER_BYTES];
        bytes[..8].copy_from_slice(&MARK);
        for (at, number) in [(8, self.generation), (16, self.base), (24, self.after)] {
            bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
        }
        let crc = crc32c::crc32c(&bytes[..32]);
        bytes[32..36].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Header> {
        let number = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let header = Header { generation: number(8)?, base: number(16)?, after: number(24)? };
        bytes.starts_with(&header.bytes()).then_some(header)
    }
}

/// One file as it was found.
#[derive(Debug)]
struct Part {
    slot: usize,
    header: Header,
    entries: Vec<Entry>,
}

impl Part {
    fn read(slot: usize, bytes: &[u8]) -> Option<Part> {
        let header = Header::read(bytes)?;
        let mut part = Part { slot, header, entries: Vec::new() };
        let mut rest = &bytes[FILE_HEADER_BYTES..];
        while let Some(length) = entry_length(rest, header.generation, part.last() + 1) {
            let (entry, behind) = rest.split_at(ENTRY_HEADER_BYTES + length);
            part.entries.push(Entry { bytes: entry.to_vec() });
            rest = behind;
        }
        Some(part)
    }

    fn last(&self) -> u64 {
        self.header.after + self.entries.len() as u64
    }

    /// What it holds, as it was when it was written.
    fn run(&mut self) -> Run {
        let mut run = Run::default();
        self.entries.drain(..).for_each(|entry| run.take(entry));
        run
    }
}

/// The length of the changes of the entry that begins here, if it is whole and that of this commit.
fn entry_length(bytes: &[u8], generation: u64, number: u64) -> Option<usize> {
    let (length, bytes) = bytes.split_first_chunk()?;
    let (crc, bytes) = bytes.split_first_chunk()?;
    let length = u32::from_le_bytes(*length) as usize;
    let sealed = bytes.get(..8 + length)?;
    let is_whole = entry_crc(generation, sealed) == u32::from_le_bytes(*crc);
    (is_whole && sealed.starts_with(&number.to_le_bytes())).then_some(length)
}

/// The journal as it was found.
#[derive(Debug)]
pub(super) struct Found {
    files: [File; 2],
    newest: Part,
    /// The other, if it is readable.
    older: Option<Part>,
}

/// How the journal goes with what sled came back with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// All entries of the newest file are to be made again.
    Newest,
    /// Those of the other one before them.
    Both,
    /// sled holds more than the journal, which is damaged, then. To make a part again would undo what came after it.
    Ahead,
    /// Something between sled and the journal is missing.
    Gap,
}

impl Found {
    pub(super) fn read(dir: &Path) -> Result<Found, OpenFault> {
        let open = |slot| {
            let file = File::options().read(true).write(true).open(path(dir, slot))?;
            // Of a process that was killed, the kernel may hold more than the disk: what is built upon must not be lost.
            file.sync_data()?;
            let mut bytes = Vec::new();
            (&file).read_to_end(&mut bytes)?;
            Ok((file, Part::read(slot, &bytes)))
        };
        let what = |slot| OpenFault::io(format!("cannot read journal.{slot}"));
        let (first, one) = open(0).map_err(what(0))?;
        let (second, two) = open(1).map_err(what(1))?;
        let mut parts = [one, two].into_iter().flatten().collect::<Vec<_>>();
        parts.sort_by_key(|part| part.header.generation);
        let newest = parts.pop().ok_or_else(|| OpenFault::Damaged("the journal is not readable".to_owned()))?;
        Ok(Found { files: [first, second], newest, older: parts.pop() })
    }

    /// The last commit that it holds.
    pub(super) fn last(&self) -> u64 {
        self.newest.last()
    }

    /// How it goes with a sled whose last commit is this.
    pub(super) fn fit(&self, in_sled: u64) -> Fit {
        let Header { base, after, .. } = self.newest.header;
        let older = self.older.as_ref().filter(|older| older.last() == after && older.header.after == base);
        match older {
            _ if in_sled > self.last() => Fit::Ahead,
            // Without the other file: sled's own log ends somewhere, but has no gap.
            _ if base == after && in_sled >= base => Fit::Newest,
            None if in_sled >= after => Fit::Newest,
            Some(_) if in_sled >= base => Fit::Both,
            _ => Fit::Gap,
        }
    }

    /// What sled may lack, in the order in which it is to be settled.
    pub(super) fn into_runs(mut self, fit: Fit, bytes_max: u64) -> (Vec<Run>, Journal) {
        let mut runs = Vec::new();
        if let (Fit::Both, Some(older)) = (fit, &mut self.older) {
            runs.push(older.run());
        }
        if matches!(fit, Fit::Newest | Fit::Both) {
            runs.push(self.newest.run());
        }
        let Header { generation, after, .. } = self.newest.header;
        // Nothing is written behind what was found: a restart goes to the other file.
        (runs, Journal { files: self.files, active: self.newest.slot, generation, at: 0, after, bytes_max })
    }
}
