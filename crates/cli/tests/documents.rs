//! The console blocks of the documentation are run, and must print what the page shows.
//!
//! A block begins with ```` ```console ````. Lines that begin with `$ ` are commands for sh; what follows is
//! what they print on stdout. A line `…` stands for any lines. All blocks of a page run in one empty
//! directory beside a copy of `specs/`, in the page's order.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Step {
    command: String,
    shown: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The commands of a page, with what it shows of their output.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_console = false;
    for line in page.lines() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if let (true, Some(command)) = (is_console, line.strip_prefix("$ ")) {
            steps.push(Step { command: command.to_owned(), shown: Vec::new() });
        } else if let (true, Some(step)) = (is_console, steps.last_mut()) {
            step.shown.push(line.to_owned());
        }
    }
    steps
}

/// Whether `printed` is what is shown, with `…` for any lines.
fn is_shown(shown: &[String], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "…" => {
            (0..=printed.len()).any(|skipped| is_shown(rest, &printed[skipped..]))
        }
        ([line, shown @ ..], [first, printed @ ..]) => line == first && is_shown(shown, printed),
        _ => false,
    }
}

/// Runs a page, and returns what differs.
fn run(page: &str) -> String {
    let path = root().join(page);
    let text = std::fs::read_to_string(&path).expect("the page is there");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(page.replace('/', "-"));
    // Left over from a run before, if it is there at all.
    let _ = std::fs::remove_dir_all(&place);
    copy(&root().join("specs"), &place.join("specs"));

    let binary = Path::new(env!("CARGO_BIN_EXE_pipewright")).parent().expect("a directory");
    let steps = steps(&text);
    assert!(!steps.is_empty(), "{page} has no commands");
    let mut differences = String::new();
    for Step { command, shown } in steps {
        let output = Command::new("sh")
            .args(["-c", &format!("PATH='{}':\"$PATH\"; {command}", binary.display())])
            .current_dir(&place)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("PIPEWRIGHT_SANDBOX_SPEED", "max")
            .output()
            .expect("sh runs");
        let printed = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<&str> = printed.lines().collect();
        // A block ends before the next one's first line: empty lines at the end mean nothing.
        if !is_shown(trimmed(&shown), trimmed(&lines)) {
            let errors = String::from_utf8_lossy(&output.stderr);
            let _ = write!(differences, "$ {command}\n{printed}\n--- stderr:\n{errors}\n");
        }
    }
    differences
}

fn trimmed<T: AsRef<str>>(lines: &[T]) -> &[T] {
    let end = lines.iter().rposition(|line| !line.as_ref().is_empty()).map_or(0, |last| last + 1);
    &lines[..end]
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory can be made");
    for entry in std::fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

#[test]
fn the_tutorial_prints_what_it_shows() {
    let differences = run("docs/tutorial.md");
    assert!(differences.is_empty(), "docs/tutorial.md shows something else than:\n{differences}");
}

#[test]
fn an_ellipsis_stands_for_any_lines() {
    let shown = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
    assert!(is_shown(&shown(&["a", "…", "d"]), &["a", "b", "c", "d"]));
    assert!(is_shown(&shown(&["a", "…"]), &["a"]));
    assert!(!is_shown(&shown(&["a", "…", "d"]), &["a", "b"]));
    assert!(!is_shown(&shown(&["a"]), &["a", "b"]));
}

#[test]
fn the_plan_in_the_readme_is_the_tutorials() {
    let read = |page: &str| std::fs::read_to_string(root().join(page)).expect("the page is there");
    let readme = read("README.md");
    let plan = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a plan");
    assert!(plan.contains("Plan: ") && read("docs/tutorial.md").contains(plan), "README.md shows:\n{plan}");
}
