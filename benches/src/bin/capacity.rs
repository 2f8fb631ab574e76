//! Measures what this machine can do with the release build, and prints it as a table with the targets.

use anyhow::bail;
use clap::Parser;
use deskwire_benches::capacity::{self, Options};
use deskwire_benches::{machine, table};

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let machine = machine::words();
    println!("{machine}");
    let (lines, failed) = runtime.block_on(capacity::measure(&options));
    let head = ["what", "target", "measured", "", "command"].map(str::to_owned);
    println!("\n{machine}\n\n{}", table::aligned(head, lines));
    if failed > 0 {
        bail!("{failed} scenarios failed; see above");
    }
    Ok(())
}
