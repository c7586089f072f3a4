//! Generators of committed files.
fn main() {}
