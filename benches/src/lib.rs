//! Criterion benches of Deskwire: see `benches/`.
