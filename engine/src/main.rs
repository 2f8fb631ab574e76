//! The `deskwire` program; what it does is in [`deskwire::cli`].

use std::process::ExitCode;

use jsonwebtoken::crypto::aws_lc;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    aws_lc::DEFAULT_PROVIDER.install_default().expect("nothing has signed a token before the first line of main");
    deskwire::cli::main()
}
