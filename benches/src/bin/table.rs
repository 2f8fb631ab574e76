//! Prints one table of all benches that have run.

use deskwire_benches::{beside, table};

fn main() -> anyhow::Result<()> {
    println!("{}", table::markdown(&table::read(&beside::criterion_dir())?));
    Ok(())
}
