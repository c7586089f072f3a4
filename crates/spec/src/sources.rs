//! The texts of the spec files, and places in them.

use crate::diagnostic::{Diagnostic, Place};

/// The largest file that is read, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 1024 * 1024;

/// One file of a spec tree, read.
///
/// A file whose name does not end in `.yaml` or `.yml` holds no specs; it is there for the specs that
/// name it, as `migration.mappingsFile` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path, as errors show it.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// Where in which file a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct At {
    /// The file's index in [`Sources`].
    pub(crate) file: usize,
    /// The first byte.
    pub(crate) start: usize,
    /// The byte after the last.
    pub(crate) end: usize,
}

/// The texts of all spec files.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    files: Vec<File>,
}

#[derive(Debug, Clone)]
struct File {
    name: String,
    text: String,
}

impl Sources {
    /// Checks a file's size and encoding and keeps its text; gives its index.
    pub(crate) fn add(&mut self, source: Source) -> Result<usize, Box<Diagnostic>> {
        let Source { name, bytes } = source;
        if bytes.len() > MAX_FILE_BYTES {
            return Err(Box::new(too_large(name, bytes.len())));
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..valid].split(|&byte| byte == b'\n').count();
                let message =
                    format!("the file is not UTF-8; the first byte that cannot be read is in line {line}");
                let diagnostic = Diagnostic::new(Place::whole(name), message);
                return Err(Box::new(diagnostic.hint("save the file in the UTF-8 encoding")));
            }
        };
        // A byte order mark is no content, and editors do not count it as a column.
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        self.files.push(File { name, text });
        Ok(self.files.len() - 1)
    }

    pub(crate) fn text(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| file.text.as_str())
    }

    /// The text at a place, as it is written.
    pub(crate) fn written(&self, at: At) -> &str {
        self.text(at.file).get(at.start..at.end).unwrap_or("")
    }

    pub(crate) fn name(&self, file: usize) -> &str {
        self.files.get(file).map_or("", |file| file.name.as_str())
    }

    /// The place as errors show it.
    pub(crate) fn place(&self, at: At) -> Place {
        let text = self.text(at.file);
        let start = floor(text, at.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let line = text[line_start..line_end].trim_end_matches('\r');
        let end = floor(text, at.end).clamp(start, line_start + line.len().max(start - line_start));
        let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let newlines = text[..line_start].matches('\n').count();
        Place {
            file: self.name(at.file).to_owned(),
            line: u32::try_from(newlines + 1).unwrap_or(u32::MAX),
            column: count(&text[line_start..start]) + 1,
            text: line.to_owned(),
            range: (start - line_start).min(line.len())..(end - line_start).min(line.len()),
        }
    }

    /// The place of a line and column, both from 1 and counted within the text from `start` on.
    pub(crate) fn locate(&self, file: usize, start: usize, line: u64, column: u64) -> At {
        let text = self.text(file).get(start..).unwrap_or("");
        let lines = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
        let mut at = 0;
        for skipped in text.split_inclusive('\n').take(lines) {
            at += skipped.len();
        }
        let line = text[at..].split('\n').next().unwrap_or("");
        let columns = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        let within = line.char_indices().nth(columns).map_or(line.len(), |(index, _)| index);
        let at = start + at + within;
        At { file, start: at, end: at }
    }
}

/// The error of a file that is too large to be read.
pub(crate) fn too_large(name: String, bytes: usize) -> Diagnostic {
    Diagnostic::new(
        Place::whole(name),
        format!("the file has {bytes} bytes; at most {MAX_FILE_BYTES} (1 MiB) are read"),
    )
    .hint("split it into several files, or move it out of the spec directory if it is no spec")
}

/// The last character boundary at or before `index`.
fn floor(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}
