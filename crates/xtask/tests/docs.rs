//! What the documentation names is there: files, links, tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file below a directory with this extension.
fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("target") {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

/// The project's Markdown: path and text.
fn documents() -> Vec<(PathBuf, String)> {
    let root = root();
    let mut paths = files(&root.join("docs"), "md");
    paths.extend(files(&root.join("deploy"), "md"));
    paths.extend(
        ["README.md", "CHANGELOG.md"].map(|name| root.join(name)).into_iter().filter(|path| path.exists()),
    );
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a document");
            (path, text)
        })
        .collect()
}

/// A document without its code blocks.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// What stands between backticks.
fn spans(prose: &str) -> impl Iterator<Item = &str> {
    prose.split('`').skip(1).step_by(2)
}

#[test]
fn links_lead_somewhere() {
    for (path, text) in documents() {
        let directory = path.parent().expect("a directory");
        for link in prose(&text).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("http") || link.starts_with('#') {
                continue;
            }
            let file = link.split('#').next().unwrap_or_default();
            assert!(directory.join(file).exists(), "{}: {link} leads nowhere", path.display());
        }
    }
}

#[test]
fn files_that_are_named_are_there() {
    for (path, text) in documents() {
        for span in spans(&prose(&text)) {
            let is_path = ["crates/", "deploy/", "docs/", "specs/"].iter().any(|top| span.starts_with(top));
            let is_one = !span.contains([' ', '*', '<', '{']);
            if is_path && is_one {
                let file = span.split(':').next().unwrap_or_default();
                assert!(root().join(file).exists(), "{}: there is no {span}", path.display());
            }
        }
    }
}

/// A document whose tables have lost their first column.
fn without_first_cells(text: &str) -> String {
    let lines =
        text.lines().map(|line| match line.strip_prefix("| ").and_then(|row| row.split_once(" | ")) {
            Some((_, rest)) => rest,
            None => line,
        });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn tests_that_are_named_are_there() {
    let tests: BTreeSet<String> = files(&root().join("crates"), "rs")
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).expect("a source file");
            text.split("fn ")
                .skip(1)
                .filter_map(|rest| rest.split('(').next())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    let mut named = 0;
    for (path, text) in documents() {
        // sandbox.md names the referees' Python tests too, and has a test of its own.
        if path.ends_with("sandbox.md") {
            continue;
        }
        // In the first column of its tables, coming-from.md names what other tools call things.
        let text = if path.ends_with("coming-from.md") { without_first_cells(&text) } else { text };
        for span in spans(&prose(&text)) {
            // A sentence in snake case is a test's name.
            let is_test = span.matches('_').count() >= 3
                && span.chars().all(|c| c == '_' || c.is_ascii_alphanumeric() && !c.is_ascii_uppercase());
            if is_test {
                named += 1;
                assert!(tests.contains(span), "{}: there is no test {span}", path.display());
            }
        }
    }
    assert!(named > 20, "the tests named by the documentation were not found");
}

#[test]
fn the_proof_lists_every_run_and_every_counter_example() {
    let model = root().join("crates/plan/tests/ownership_model/main.rs");
    let model = std::fs::read_to_string(model).expect("the model is there");
    let page = |name: &str| std::fs::read_to_string(root().join(name)).expect("the page is there");
    let (proof, overview) = (page("docs/ownership-proof.md"), page("docs/ownership.md"));
    let mut counts = [0, 0];
    for test in model.split("#[test]\nfn ").skip(1) {
        let (name, body) = test.split_once('(').expect("a test has arguments");
        let body = body.split("\n}").next().unwrap_or_default();
        let is_counter_example = body.contains("breaks(");
        counts[usize::from(is_counter_example)] += 1;
        let listed = format!("`{name}`");
        assert!(proof.contains(&listed), "docs/ownership-proof.md does not list {name}");
        assert!(!is_counter_example || overview.contains(&listed), "docs/ownership.md does not list {name}");
    }
    assert!(counts[0] > 5 && counts[1] > 5, "the tests of the model were not found: {counts:?}");
}

/// Rust source as it prints: without the breaks in string literals, and without backticks.
fn unbroken(source: &str) -> String {
    let mut lines = source.lines();
    let mut text = String::new();
    while let Some(line) = lines.next() {
        let mut line = line.to_owned();
        while line.ends_with('\\') {
            line.pop();
            line.push_str(lines.next().unwrap_or_default().trim_start());
        }
        text.push_str(&line.replace('`', ""));
        text.push('\n');
    }
    text
}

#[test]
fn messages_that_are_explained_are_said() {
    let source: String = ["plan", "engine", "cli", "daemon"]
        .iter()
        .flat_map(|crate_name| files(&root().join("crates").join(crate_name).join("src"), "rs"))
        .map(|path| unbroken(&std::fs::read_to_string(path).expect("a source file")))
        .collect();
    let mut explained = 0;
    for page in ["docs/operations.md", "docs/ownership.md"] {
        let text = std::fs::read_to_string(root().join(page)).expect("the page is there");
        let tables = text.lines().skip_while(|line| !line.contains("what to do")).filter_map(|line| {
            let (message, _) = line.strip_prefix("| ")?.split_once(" | ")?;
            Some(message)
        });
        for message in tables {
            // What stands between the parts that differ each time.
            let parts = spans(message).flat_map(|span| span.split('…')).map(str::trim);
            for part in parts.filter(|part| part.len() > 10 && part.contains(' ')) {
                explained += 1;
                assert!(source.contains(part), "{page}: nothing says `{part}`");
            }
        }
    }
    assert!(explained > 25, "the messages were not found: {explained}");
}
