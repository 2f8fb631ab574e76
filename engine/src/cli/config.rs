//! `deskwire config`: what is in force, and an example of everything.

use std::path::PathBuf;

use super::{Failure, SettingsFlags, settings};
use crate::config::{self, Settings};

/// Prints every setting, its value and where that was said; a secret hidden.
pub(super) fn check(file: Option<PathBuf>) -> Result<(), Failure> {
    let flags = SettingsFlags { config: file, ..SettingsFlags::default() };
    let sources = settings::sources(&flags)?;
    let settings = sources.settings()?;
    for section in Settings::TABLE {
        println!("[{}]", section.name);
        for key in section.keys {
            let name = key.path.split_once('.').map_or(key.path, |(_, name)| name);
            let value = settings.shown(key.path).unwrap_or_default();
            let origin = sources.origin(key.path).map_or("default".to_owned(), ToString::to_string);
            println!("{:<40} # {origin}", format!("{name} = {value}"));
        }
        println!();
    }
    Ok(())
}

/// Prints the commented example.
pub(super) fn example() -> Result<(), Failure> {
    print!("{}", config::example());
    Ok(())
}
