//! Reading spec files. Nothing else in this crate does I/O.

mod part;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::sources::{MAX_FILE_BYTES, Source, too_large};
use crate::spec_tree::SpecTree;

pub use part::load_part;
pub(crate) use part::{controllers_under, read_text, root_of};

/// The deepest nesting of directories that is read.
const MAX_DEPTH: usize = 32;

/// Reads every `.yaml` and `.yml` file under the paths, at any depth and in order of name, and
/// validates them together as one spec tree. Directories whose names start with a dot are left out.
///
/// Every error of every file is reported at once.
pub fn load(paths: &[PathBuf]) -> Result<SpecTree, Diagnostics> {
    let (files, found) = gather(paths);
    read_files(paths, files, found)
}

/// The spec files under the paths, by their real paths, so that what two paths lead to is read once.
fn gather(paths: &[PathBuf]) -> (BTreeMap<PathBuf, PathBuf>, Vec<Diagnostic>) {
    let mut files = BTreeMap::new();
    let mut found = Vec::new();
    for path in paths {
        walk(path, &mut Vec::new(), &mut files, &mut found);
    }
    (files, found)
}

/// Reads the files that were found under the paths, and validates them together.
fn read_files(
    paths: &[PathBuf],
    files: BTreeMap<PathBuf, PathBuf>,
    mut found: Vec<Diagnostic>,
) -> Result<SpecTree, Diagnostics> {
    if files.is_empty() && found.is_empty() {
        for path in paths {
            found.push(
                Diagnostic::new(Place::whole(path.display().to_string()), "there are no specs here")
                    .hint("specs are files whose names end in .yaml or .yml"),
            );
        }
    }
    let mut files: Vec<PathBuf> = files.into_values().collect();
    files.sort();
    let mut sources = Vec::new();
    for file in files {
        let name = file.display().to_string();
        match read_limited(&file) {
            Ok(bytes) if bytes.len() > MAX_FILE_BYTES => {
                let size = fs::metadata(&file).map_or(bytes.len() as u64, |metadata| metadata.len());
                found.push(too_large(name, usize::try_from(size).unwrap_or(usize::MAX)));
            }
            Ok(bytes) => sources.push(Source { name, bytes }),
            Err(error) => found.push(unreadable(name, &error)),
        }
    }
    SpecTree::build(sources, found, &|path| match read_limited(Path::new(path)) {
        Ok(bytes) if bytes.len() > MAX_FILE_BYTES => {
            Err(format!("it has more than {MAX_FILE_BYTES} bytes (1 MiB)"))
        }
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(explain(&error)),
    })
}

/// Validates sources that were read already, as [`load`] does.
pub fn load_sources(sources: Vec<Source>) -> Result<SpecTree, Diagnostics> {
    let (specs, others): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| is_spec(Path::new(&source.name)));
    SpecTree::build(specs, Vec::new(), &|path| {
        let other = others.iter().find(|source| source.name == path);
        other.map(|source| source.bytes.clone()).ok_or_else(|| "there is no such file".to_owned())
    })
}

fn is_spec(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Collects the spec files under a path. `above` holds the real paths of the directories on the way
/// here, so that a symbolic link back to one of them is noticed.
fn walk(
    path: &Path,
    above: &mut Vec<PathBuf>,
    files: &mut BTreeMap<PathBuf, PathBuf>,
    found: &mut Vec<Diagnostic>,
) {
    let name = || path.display().to_string();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            found.push(unreadable(name(), &error));
            return;
        }
    };
    if metadata.is_file() {
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        files.entry(real).or_insert_with(|| path.to_owned());
        return;
    }
    if !metadata.is_dir() {
        found.push(Diagnostic::new(Place::whole(name()), "this is neither a file nor a directory"));
        return;
    }
    let entries = fs::canonicalize(path).and_then(|real| {
        let entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        Ok((real, entries))
    });
    let (real, entries) = match entries {
        Ok(entries) => entries,
        Err(error) => {
            found.push(unreadable(name(), &error));
            return;
        }
    };
    if above.len() >= MAX_DEPTH {
        let message = format!("directories are nested more than {MAX_DEPTH} deep");
        found.push(Diagnostic::new(Place::whole(name()), message));
        return;
    }
    if above.contains(&real) {
        found.push(
            Diagnostic::new(Place::whole(name()), "this directory contains itself by a symbolic link")
                .hint("remove the link"),
        );
        return;
    }
    above.push(real);
    for entry in entries {
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A link that leads nowhere matters only if it is named like a spec.
        let is_directory = fs::metadata(&path).map(|metadata| metadata.is_dir());
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if is_hidden {
            continue;
        }
        match is_directory {
            Ok(true) => walk(&path, above, files, found),
            Err(error) if is_link && error.kind() != io::ErrorKind::NotFound => {
                found.push(unreadable(path.display().to_string(), &error));
            }
            _ if is_spec(&path) => walk(&path, above, files, found),
            _ => {}
        }
    }
    above.pop();
}

/// The content of a file, or the first byte too many of it.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(name: String, error: &io::Error) -> Diagnostic {
    Diagnostic::new(Place::whole(name), format!("this cannot be read: {}", explain(error)))
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ if error.raw_os_error() == Some(ELOOP) => "a symbolic link leads back to itself".to_owned(),
        _ => error.to_string(),
    }
}

/// "Too many levels of symbolic links"; the error kind for it is not stable yet.
const ELOOP: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };
