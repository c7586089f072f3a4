//! The texts of the spec files, and places in them.

use crate::diagnostic::{Diagnostic, Place};

/// The largest file that is read, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 1024 * 1024;

/// The most of a line that errors show, in bytes.
const MAX_SHOWN: usize = 400;

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
    /// The first byte of every line.
    lines: Vec<usize>,
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
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        self.files.push(File { name, text, lines });
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
        let Some(File { name, text, lines }) = self.files.get(at.file) else { return Place::default() };
        let start = floor(text, at.start);
        let index = lines.partition_point(|&line| line <= start).saturating_sub(1);
        let line_start = lines.get(index).copied().unwrap_or(0);
        let line_end = lines.get(index + 1).copied().unwrap_or(text.len());
        let line = text[line_start..line_end].trim_end_matches(['\r', '\n']);
        let first = (start - line_start).min(line.len());
        let last = floor(text, at.end).saturating_sub(line_start).clamp(first, line.len());
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let column = number(line[..first].chars().count() + 1);
        // Of a long line the part around the place is enough: there can be many errors in one line.
        let from = if line.len() > MAX_SHOWN { floor(line, first.saturating_sub(MAX_SHOWN / 4)) } else { 0 };
        let to = floor(line, (from + MAX_SHOWN).min(line.len()));
        // The name of a secret can stand before the part that is shown.
        let before = floor(line, from.saturating_sub(4 * MAX_SHOWN));
        let shown = without_secrets(&line[before..to]).split_off(from - before);
        Place {
            file: name.clone(),
            line: number(index + 1),
            column,
            text: shown,
            range: first - from..last.min(to) - from,
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

    /// The place of a line and a byte in it, both from 1; byte 0 is the end of the line before.
    pub(crate) fn at_byte(&self, file: usize, line: usize, byte: usize) -> At {
        let lines = self.files.get(file).map_or(&[][..], |file| file.lines.as_slice());
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let at = (start + byte).saturating_sub(1);
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

/// A line as errors may show it: what is written after a name like `password` is hidden, each byte by a
/// star, so that a password which should not be in the file does not get into logs as well.
fn without_secrets(line: &str) -> String {
    const NAMES: [&str; 4] = ["password", "passwordfrom", "passwd", "securitydbencryption"];
    let mut shown = line.to_owned();
    for (at, separator) in line.match_indices([':', '=']) {
        let name = &line[floor(line, at.saturating_sub(40))..at];
        let name = name.trim_end_matches([' ', '"', '\'']).to_ascii_lowercase();
        let value = line[at + separator.len()..].trim_start();
        // A mapping says where a secret is read; it holds none.
        if !NAMES.iter().any(|secret| name.ends_with(secret)) || value.starts_with('{') {
            continue;
        }
        let start = line.len() - value.len();
        let end = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].rfind(quote).map_or(value.len(), |end| end + 2),
            _ => value.find([',', '}', ';']).unwrap_or(value.len()),
        };
        shown.replace_range(start..start + end, &"*".repeat(end));
    }
    shown
}

/// The last character boundary at or before `index`.
fn floor(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_name_of_a_secret_is_hidden() {
        for (line, shown) in [
            ("password: hunter2", "password: *******"),
            ("a: {password: hunter2, b: c}", "a: {password: *******, b: c}"),
            ("a: {'authPassword' : \"hunter, 2\"}", "a: {'authPassword' : ***********}"),
            ("passwordFrom: hunter2", "passwordFrom: *******"),
            ("passwordFrom: {env: HUNTER}", "passwordFrom: {env: HUNTER}"),
            ("x: a=b;asm_password=hunter2;c=d", "x: a=b;asm_password=*******;c=d"),
            ("pássword: a", "pássword: a"),
            ("password: größe", "password: *******"),
            ("password:", "password:"),
            ("user: hunter2", "user: hunter2"),
        ] {
            assert_eq!(without_secrets(line), shown);
        }
    }
}
