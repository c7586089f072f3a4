//! The Controller that a spec root begins with, and the uid that it is told by.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::load::{controllers_under, read_text, root_of};
use crate::sources::{Source, Sources};
use crate::spec_tree::SpecTree;
use crate::tree::{self, Node, Value};

/// What there is of a Controller in a directory and around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControllerFound {
    /// None, and specs or nothing at all are in the directory, or it does not exist.
    None,
    /// None, and what is in the directory are no specs.
    Unrelated,
    /// The directory is a part of the spec root in this directory above it.
    PartOf(PathBuf),
    /// One with a uid.
    WithUid {
        /// The file it is in.
        file: PathBuf,
        /// Its uid, as it is written.
        uid: String,
    },
    /// One without a uid.
    WithoutUid {
        /// The file it is in.
        file: PathBuf,
        /// The file's text with the uid written into it; everything else is as it was.
        text: String,
    },
}

/// Looks for a Controller in and around a directory, and prepares to write this uid into one that has none.
///
/// # Errors
/// Several Controllers; a Controller whose file cannot be read, or is written so that the uid cannot be put into
/// it.
pub fn find_controller(directory: &Path, uid: &str) -> Result<ControllerFound, Diagnostics> {
    if let Some(root) = root_of(directory) {
        return Ok(ControllerFound::PartOf(root));
    }
    if !directory.exists() {
        return Ok(ControllerFound::None);
    }
    let (specs, controllers) = controllers_under(directory)?;
    match controllers.as_slice() {
        [] => {
            let is_visible = |entry: std::fs::DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
            let is_empty = !std::fs::read_dir(directory)
                .is_ok_and(|entries| entries.filter_map(Result::ok).any(is_visible));
            let fits = is_empty || specs > 0;
            Ok(if fits { ControllerFound::None } else { ControllerFound::Unrelated })
        }
        [file] => in_file(file, uid),
        [first, second, ..] => {
            let message = "there are two Controller documents";
            let place = Place::whole(second.display().to_string());
            let first = Place::whole(first.display().to_string());
            let error = Diagnostic::new(place, message).also(first, "the other one");
            Err(Diagnostics(vec![error.hint("one spec root has one Controller: give the path of one root")]))
        }
    }
}

fn in_file(file: &Path, uid: &str) -> Result<ControllerFound, Diagnostics> {
    let name = file.display().to_string();
    let whole = read_text(file)?;
    let (sources, controller) = controller_of(&name, &whole)?;
    let spec = controller.get("spec");
    if let Some(found) = spec.and_then(|spec| spec.get("uid")) {
        let uid = found.as_str().unwrap_or_default().to_owned();
        return Ok(ControllerFound::WithUid { file: file.to_owned(), uid });
    }
    let by_hand = || {
        let place = sources.place(controller.at);
        let error = Diagnostic::new(place, "the uid cannot be written into this Controller");
        Diagnostics(vec![error.hint(format!("write it into its `spec` by hand: uid: {uid}"))])
    };
    // Places count from after a byte order mark.
    let (mark, text) = whole.strip_prefix('\u{feff}').map_or(("", whole.as_str()), |text| ("\u{feff}", text));
    let (at, line) = insertion(text, &controller, uid).ok_or_else(by_hand)?;
    let text = format!("{mark}{}{line}{}", &text[..at], &text[at..]);
    // It must be read as meant, and all else as before.
    let (_, after) = controller_of(&name, &text).map_err(|_| by_hand())?;
    let mut expected = controller.to_json();
    expected["spec"]["uid"] = uid.into();
    if after.to_json() != expected {
        return Err(by_hand());
    }
    Ok(ControllerFound::WithoutUid { file: file.to_owned(), text })
}

/// Where the uid goes in the text of a file, and how it is written there.
fn insertion(text: &str, controller: &Node, uid: &str) -> Option<(usize, String)> {
    let spec = controller.get("spec")?;
    let Value::Map(entries) = &spec.value else { return None };
    let first = entries.first()?;
    if text.get(spec.at.start..)?.starts_with('{') {
        let quote = if text[first.key_at.start..].starts_with('"') { "\"" } else { "" };
        return Some((spec.at.start + 1, format!("{quote}uid{quote}: {quote}{uid}{quote}, ")));
    }
    let key_line = text[..first.key_at.start].rfind('\n')? + 1;
    let indent = &text[key_line..first.key_at.start];
    // After the line of `spec` itself, so that a comment stays with the field below it.
    let spec_key = controller.key_at("spec")?.start;
    let next_line = spec_key + text[spec_key..].find('\n')? + 1;
    let end = if text[..next_line].ends_with("\r\n") { "\r\n" } else { "\n" };
    (indent.bytes().all(|byte| byte == b' ')).then(|| (next_line, format!("{indent}uid: {uid}{end}")))
}

/// The one Controller document of a file.
fn controller_of(name: &str, text: &str) -> Result<(Sources, Node), Diagnostics> {
    let mut sources = Sources::default();
    let source = Source { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let file = sources.add(source).map_err(|error| Diagnostics(vec![*error]))?;
    let mut found = Vec::new();
    let nodes = tree::documents(&sources, file, &mut 0, &mut found);
    if !found.is_empty() {
        return Err(Diagnostics::sorted(found));
    }
    let is_controller = |node: &Node| node.get("kind").and_then(Node::as_str) == Some("Controller");
    let mut controllers = nodes.into_iter().filter(is_controller);
    match (controllers.next(), controllers.next()) {
        (Some(only), None) => Ok((sources, only)),
        (_, other) => {
            let place = other.map_or_else(|| Place::whole(name), |other| sources.place(other.at));
            let error = Diagnostic::new(place, "this file does not hold exactly one Controller document");
            Err(Diagnostics(vec![error]))
        }
    }
}

impl SpecTree {
    /// A Controller that nothing tells from another one of its name.
    pub(crate) fn controller_without_uid(&self) -> Option<Diagnostic> {
        let controller = self.documents.iter().find(|document| document.kind == "Controller")?;
        let place = self.sources.place(controller.name.as_ref().map_or(controller.at, |name| name.at));
        let message = "the Controller has no uid: another spec root of this name would be taken for this one";
        let hint = "run `pipewright init` with the path of this spec root, which writes one";
        self.scope.uid().is_none().then(|| Diagnostic::warning(place, message).hint(hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40";

    fn written(text: &str) -> Option<String> {
        let (_, controller) = controller_of("c.yaml", text).unwrap();
        let (at, line) = insertion(text, &controller, UID)?;
        Some(format!("{}{line}{}", &text[..at], &text[at..]))
    }

    #[test]
    fn the_uid_goes_below_spec_and_all_else_stays() {
        let before = "kind: Controller\nspec: # who and where\n    # the accounts\n    environments: []\n---\nkind: Pipeline\nspec: {a: b}\n";
        let after = "kind: Controller\nspec: # who and where\n    uid: 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40\n    # the accounts\n    environments: []\n---\nkind: Pipeline\nspec: {a: b}\n";
        assert_eq!(written(before).as_deref(), Some(after));
        let crlf = before.replace('\n', "\r\n");
        assert_eq!(written(&crlf), Some(after.replace('\n', "\r\n")));
    }

    #[test]
    fn a_mapping_in_braces_gets_it_as_its_first_field() {
        let flow = "{kind: Controller, spec: {environments: []}}\n";
        assert_eq!(
            written(flow).as_deref(),
            Some("{kind: Controller, spec: {uid: 1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40, environments: []}}\n")
        );
        let json = "{\"kind\": \"Controller\", \"spec\": {\"environments\": []}}\n";
        assert_eq!(
            written(json).as_deref(),
            Some(
                "{\"kind\": \"Controller\", \"spec\": {\"uid\": \"1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40\", \"environments\": []}}\n"
            )
        );
    }

    #[test]
    fn where_there_is_no_mapping_to_write_into_it_is_not_written() {
        for text in ["kind: Controller\n", "kind: Controller\nspec:\n", "kind: Controller\nspec: {}\n"] {
            assert_eq!(written(text), None, "{text}");
        }
    }
}
