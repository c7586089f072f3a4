//! A part of a spec root: which root it is of, and which of its files it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{gather, is_spec, read_files, read_limited, unreadable};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::sources::{Source, Sources};
use crate::spec_tree::SpecTree;
use crate::tree;

/// Reads a spec root as [`load`](super::load) does, of which only a part may be looked at: the documents under
/// the paths, where these do not hold the Controller, and of those the ones that `only` names, where it names any.
///
/// The root is then the nearest directory above the paths that has a Controller. All of it is read and validated.
///
/// # Errors
/// Every error of every file; paths of two roots; a name that no document has.
pub fn load_part(paths: &[PathBuf], only: &[String]) -> Result<SpecTree, Diagnostics> {
    let (files, found) = gather(paths);
    if !found.is_empty() || files.is_empty() || files.values().any(|file| has_controller(file)) {
        let mut tree = read_files(paths, files, found)?;
        tree.choose_names(only)?;
        return Ok(tree);
    }
    let Some(root) = root_of_all(paths)? else {
        // The error is that there is no Controller.
        return read_files(paths, files, found);
    };
    let root = [root];
    let (all, found) = gather(&root);
    if let Some(stray) = files.iter().find(|(real, _)| !all.contains_key(*real)) {
        let message = format!("this is not among the specs of {}", root[0].display());
        return Err(Diagnostics(vec![Diagnostic::new(Place::whole(stray.1.display().to_string()), message)]));
    }
    let chosen: BTreeSet<String> =
        files.keys().filter_map(|real| all.get(real)).map(|name| name.display().to_string()).collect();
    let mut tree = read_files(&root, all, found)?;
    tree.choose_files(&chosen)?;
    tree.choose_names(only)?;
    Ok(tree)
}

/// The root that all of these paths are in; `None` if there is none above them.
fn root_of_all(paths: &[PathBuf]) -> Result<Option<PathBuf>, Diagnostics> {
    let mut roots: BTreeMap<PathBuf, (PathBuf, &PathBuf)> = BTreeMap::new();
    for path in paths {
        let Some(root) = root_of(path) else { return Ok(None) };
        let real = fs::canonicalize(&root).unwrap_or_else(|_| root.clone());
        roots.entry(real).or_insert((root, path));
    }
    let mut roots = roots.into_values();
    match (roots.next(), roots.next()) {
        (Some((first, of_first)), Some((second, of_second))) => {
            let message = format!(
                "{} is of the spec root {}, and {} of {}",
                of_first.display(),
                first.display(),
                of_second.display(),
                second.display()
            );
            let place = Place::whole(of_second.display().to_string());
            Err(Diagnostics(vec![Diagnostic::new(place, message).hint("give paths of one spec root")]))
        }
        (first, _) => Ok(first.map(|(root, _)| root)),
    }
}

/// The nearest directory above a path that has a Controller itself. One in a folder beside the path does not
/// count: it may be that of another root.
pub(crate) fn root_of(path: &Path) -> Option<PathBuf> {
    // What is above a path that does not exist yet is known as well.
    let mut last = fs::canonicalize(path).unwrap_or_default();
    // As it is written, so that a link in the path is followed and places read as the path does.
    let mut above = path.to_owned();
    loop {
        above = parent(&above)?;
        let real = fs::canonicalize(&above).unwrap_or_default();
        if real == last && last != PathBuf::new() {
            return None;
        }
        if specs_beside(&above).iter().any(|file| has_controller(file)) {
            return Some(above);
        }
        last = real;
    }
}

/// The directory that a path as written is in.
fn parent(path: &Path) -> Option<PathBuf> {
    match path.components().next_back() {
        Some(Component::Normal(_)) => match path.parent() {
            Some(up) if !up.as_os_str().is_empty() => Some(up.to_owned()),
            _ => Some(PathBuf::from(".")),
        },
        Some(Component::ParentDir) => Some(path.join("..")),
        Some(Component::CurDir) | None => Some(PathBuf::from("..")),
        Some(Component::RootDir | Component::Prefix(_)) => None,
    }
}

/// The spec files in a directory itself.
fn specs_beside(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path()).filter(|path| is_spec(path) && path.is_file()).collect()
}

/// Whether a file holds a Controller. In one that cannot be read as YAML, a line that says so counts.
fn has_controller(file: &Path) -> bool {
    let Ok(bytes) = read_limited(file) else { return false };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if !text.contains("Controller") {
        return false;
    }
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let name = file.display().to_string();
    let Ok(index) = sources.add(Source { name, bytes }) else { return false };
    let nodes = tree::documents(&sources, index, &mut 0, &mut found);
    let is_controller =
        |node: &tree::Node| node.get("kind").and_then(|kind| kind.as_str()) == Some("Controller");
    let says_so = |line: &str| {
        let kind = line.trim().trim_start_matches("- ").strip_prefix("kind:");
        kind.is_some_and(|kind| kind.trim_matches([' ', '"', '\'']) == "Controller")
    };
    nodes.iter().any(is_controller) || (!found.is_empty() && text.lines().any(says_so))
}

/// How many spec files are under a directory, and those of them that hold a Controller.
pub(crate) fn controllers_under(directory: &Path) -> Result<(usize, Vec<PathBuf>), Diagnostics> {
    let (files, found) = gather(&[directory.to_owned()]);
    if !found.is_empty() {
        return Err(Diagnostics::sorted(found));
    }
    let controllers = files.values().filter(|file| has_controller(file)).cloned().collect();
    Ok((files.len(), controllers))
}

/// The text of a spec file.
pub(crate) fn read_text(file: &Path) -> Result<String, Diagnostics> {
    let name = || file.display().to_string();
    let bytes = read_limited(file).map_err(|error| Diagnostics(vec![unreadable(name(), &error)]))?;
    String::from_utf8(bytes).map_err(|_| {
        let error = Diagnostic::new(Place::whole(name()), "the file is not UTF-8");
        Diagnostics(vec![error.hint("save the file in the UTF-8 encoding")])
    })
}
