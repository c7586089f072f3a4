//! The committed pages of the reference are those that the schema gives.

use std::process::Command;

#[test]
fn the_committed_reference_is_current() {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["reference", "--check"])
        .output()
        .expect("xtask starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
