//! Builds the engine again when the console was built: its files become part of the binary.

fn main() {
    // A path that is missing would make cargo build the engine anew each time; an empty directory does not.
    let _ = std::fs::create_dir_all("../web-console/dist");
    println!("cargo::rerun-if-changed=../web-console/dist");
}
