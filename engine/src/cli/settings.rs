//! From flags, environment and file to the settings in force.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Failure, RunFlags, SettingsFlags};
use crate::config::{ENV_FILE, Origin, Settings, Sources, Wrong};

/// The settings of a command, and where each comes from.
pub(super) fn read(flags: &SettingsFlags) -> Result<Settings, Failure> {
    Ok(sources(flags)?.settings()?)
}

/// The settings of `serve` and `demo`.
pub(super) fn read_run(flags: &RunFlags) -> Result<Settings, Failure> {
    let mut sources = sources(&flags.common)?;
    for (path, value) in [("serve.listen", &flags.listen), ("serve.ops_listen", &flags.ops_listen)] {
        if let Some(value) = value {
            sources.add_flag(path, value)?;
        }
    }
    Ok(sources.settings()?)
}

/// Everything that was said, the lowest source first.
pub(super) fn sources(flags: &SettingsFlags) -> Result<Sources, Failure> {
    let mut sources = Sources::default();
    if let Some(file) = file(flags) {
        let text = read_text(&file)?.with_context(|| format!("{}: there is no such file", file.display()))?;
        sources.add_file(&file.display().to_string(), &text)?;
    }
    if let Some(text) = read_text(Path::new(".env"))? {
        sources.add_dot_env(&text)?;
    }
    let names =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    sources.add_environment(names)?;
    for said in &flags.set {
        let (path, value) = said.split_once('=').ok_or_else(|| Wrong::Form {
            origin: Origin::Flag,
            fault: format!("--set {said}: expected SECTION.NAME=VALUE"),
        })?;
        sources.add_flag(path.trim(), value)?;
    }
    if let Some(data) = &flags.data {
        sources.add_flag("serve.data", data)?;
    }
    Ok(sources)
}

fn file(flags: &SettingsFlags) -> Option<PathBuf> {
    let named = || std::env::var_os(ENV_FILE).filter(|path| !path.is_empty()).map(PathBuf::from);
    flags.config.clone().or_else(named)
}

/// The text of a file, or nothing where there is no such file.
fn read_text(path: &Path) -> Result<Option<String>, anyhow::Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault).with_context(|| path.display().to_string()),
    }
}
