//! Measures the engine and its peers in turn, and prints how they compare.

use anyhow::bail;
use clap::Parser;
use deskwire_benches::machine;
use deskwire_benches::peers::contest::Options;
use deskwire_benches::peers::verdict;
use tokio::task::LocalSet;

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    // One thread, as the load client has: the other core is the server's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, compare(&options))
}

async fn compare(options: &Options) -> anyhow::Result<()> {
    let machine = machine::words();
    let contestants = options.contestants();
    println!("{machine}");
    contestants.iter().for_each(|one| println!("{}: {}", one.peer.name(), one.version));
    let (blocks, failed) = options.run(&contestants).await;
    println!("\n{}", verdict::tables(options, &contestants, &blocks));
    println!("{machine}\n\n{}", verdict::DIFFERENCES);
    if failed > 0 {
        bail!("{failed} blocks failed; see above");
    }
    Ok(())
}
