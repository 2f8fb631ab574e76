//! The files of the source tree.

use std::fs;
use std::path::{Path, PathBuf};

/// What is made, not written.
const ASIDE: [&str; 9] = ["target", "node_modules", "dist", "data", ".git", ".build", "corpus", "artifacts", "golden"];
const SOURCES: [&str; 7] = [".rs", ".ts", ".tsx", ".js", ".mjs", ".css", ".html"];
const TEXTS: [&str; 7] = [".md", ".toml", ".yml", ".yaml", ".sh", "Makefile", ".service"];

/// One file: its path from the root of the tree, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn new(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    /// Its lines, from 1.
    pub fn numbered(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source file.
pub fn files() -> Vec<File> {
    below("", &SOURCES)
}

/// Every source file and every other text that people write.
pub fn texts() -> Vec<File> {
    let mut texts = files();
    texts.extend(below("", &TEXTS));
    texts
}

/// All Rust of one package, in one text.
pub fn source_of(package: &str) -> String {
    below(package, &[".rs"]).iter().map(|file| file.text.as_str()).collect()
}

fn below(directory: &str, endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    walk(&root().join(directory), directory, endings, &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn walk(directory: &Path, path: &str, endings: &[&str], found: &mut Vec<File>) {
    for entry in fs::read_dir(directory).expect("the tree can be read") {
        let entry = entry.expect("the tree can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let below = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
        if entry.path().is_dir() {
            if !ASIDE.contains(&name.as_str()) {
                walk(&entry.path(), &below, endings, found);
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(File { path: below, text: fs::read_to_string(entry.path()).expect("a text is UTF-8") });
        }
    }
}
