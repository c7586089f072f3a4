//! Everything that must hold before a change is merged, in one command. Continuous integration runs
//! the same.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs every check, and stops at the first that fails.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    if let Some(unknown) = arguments.first() {
        return Err(format!("`{unknown}`: cargo xtask test takes no arguments"));
    }
    let root = root()?;
    let cargo = |arguments: &str| {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments.split(' ')).current_dir(&root);
        command
    };
    let python = python(&root)?;

    let mut lint = Command::new("sh");
    lint.arg("deploy/lint/run.sh").current_dir(&root);
    step("lints of what deploys: cfn-lint, zizmor", lint)?;
    step("format", cargo("fmt --all --check"))?;
    step("lints", cargo("clippy --workspace --all-targets --all-features --locked -- -D warnings"))?;
    let mut docs = cargo("doc --workspace --no-deps --all-features --locked");
    docs.env("RUSTDOCFLAGS", "-D warnings");
    step("documentation", docs)?;

    // Some tests start the binary, others moto, in the Python environment that was just made.
    let has_nextest = Command::new(env!("CARGO"))
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let mut tests = if has_nextest {
        cargo("nextest run --workspace --all-features --locked --no-fail-fast")
    } else {
        cargo("test --workspace --all-features --locked --no-fail-fast --lib --bins --tests")
    };
    tests.env("PIPEWRIGHT_TEST_PYTHON", &python);
    step("tests", tests)?;
    step("documentation's examples", cargo("test --workspace --all-features --locked --doc --quiet"))?;

    step("emulator server", cargo("build --locked --package pipewright-emulator --example serve"))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let mut referees = Command::new("sh");
    referees
        .arg("crates/emulator/tests/referee/run.sh")
        .arg(target.join("debug/examples/serve"))
        .arg("--quiet")
        .current_dir(&root);
    step("referees: boto3, botocore's waiters and paginators, moto", referees)?;

    step("binary", cargo("build --locked --package pipewright-cli"))?;
    let mut synth = Command::new("sh");
    synth.arg("crates/import/tests/synth/run.sh").arg(target.join("debug/pipewright")).current_dir(&root);
    step("referee: cdk-dms-replication, synthesised by the CDK", synth)
}

/// Makes the referees' Python environment and tells its interpreter.
fn python(root: &Path) -> Result<PathBuf, String> {
    say("Python environment of the referees");
    let output = Command::new("sh")
        .arg("crates/emulator/tests/referee/venv.sh")
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run sh: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("cannot make it; is python3 with its venv module installed?\n{reason}"));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// The repository's own directory.
pub(crate) fn root() -> Result<PathBuf, String> {
    // This crate is in crates/xtask.
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_owned)
        .ok_or_else(|| "cannot tell where the repository is".to_owned())
}

/// Runs one command, and tells which step failed.
pub(crate) fn step(name: &str, mut command: Command) -> Result<(), String> {
    say(name);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(format!("failed: {name}\n  {command:?}")),
        Err(error) => Err(format!("failed: {name}: cannot run {command:?}: {error}")),
    }
}

/// Tells what comes next.
pub(crate) fn say(what: &str) {
    // There is nowhere to report that stderr is closed.
    let _ = writeln!(std::io::stderr(), "\n== {what}");
}
