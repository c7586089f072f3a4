//! Errors that point: a place, a message, and what to do about it.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

/// A place in a spec file, with the line of text there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file, as it was named to [`load`](crate::load).
    pub file: String,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: u32,
    /// The column in characters, from 1; 0 where the whole file is meant.
    pub column: u32,
    /// The text of that line, with what may be secret hidden; of a very long line, a part. Empty where the
    /// whole file is meant.
    pub text: String,
    /// The bytes of `text` that are meant.
    pub range: Range<usize>,
}

impl Place {
    /// The whole of a file, where there is no line to show.
    pub fn whole(file: impl Into<String>) -> Self {
        Self { file: file.into(), ..Self::default() }
    }
}

impl Place {
    /// Whether `text` does not begin where its line does.
    fn is_part(&self) -> bool {
        let before = self.text.get(..self.range.start).map_or(0, |text| text.chars().count());
        self.line > 0 && before + 1 != self.column as usize
    }

    /// The same place with what it means hidden: it is, or may be, a secret.
    pub(crate) fn hidden(mut self) -> Self {
        let stars = "*".repeat(self.range.len());
        self.text.replace_range(self.range.clone(), &stars);
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Severity {
    /// The specs cannot be used.
    #[default]
    Error,
    /// The specs can be used, and probably do not say what is meant.
    Warning,
}

/// One error in the specs, or a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Other places that have to do with it, each with what it is.
    pub also: Vec<(Place, String)>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, place, message: message.into(), hint: None, also: Vec::new() }
    }

    /// A warning at a place.
    pub fn warning(place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::new(place, message) }
    }

    /// The same error with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with another place that has to do with it.
    #[must_use]
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Self {
        self.also.push((place, label.into()));
        self
    }

    fn group(&self) -> Group<'_> {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(self.message.as_str()));
        if self.place.line == 0 {
            group = group.element(Origin::path(self.place.file.as_str()));
        } else {
            if self.place.is_part() {
                group = group.element(origin(&self.place));
            }
            group = group.element(snippet(&self.place, AnnotationKind::Primary, None));
        }
        for (place, label) in &self.also {
            group = if place.line == 0 || place.is_part() {
                group.element(Level::NOTE.message(format!("{label}: {place}")))
            } else {
                group.element(snippet(place, AnnotationKind::Context, Some(label)))
            };
        }
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.with_name("hint").message(hint.as_str()));
        }
        group
    }

    fn to_json(&self) -> Value {
        let also: Vec<Value> = self
            .also
            .iter()
            .map(|(place, label)| {
                json!({"file": place.file, "line": place.line, "column": place.column, "label": label})
            })
            .collect();
        json!({
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
            "hint": self.hint,
            "also": also,
        })
    }
}

fn snippet<'a>(
    place: &'a Place,
    kind: AnnotationKind,
    label: Option<&'a str>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let mut annotation = kind.span(place.range.clone());
    if let Some(label) = label {
        annotation = annotation.label(label);
    }
    let snippet = Snippet::source(place.text.as_str()).line_start(place.line as usize);
    // Columns of a part of a line would be wrong; the place stands above it then.
    let snippet = if place.is_part() { snippet } else { snippet.path(place.file.as_str()) };
    snippet.annotation(annotation)
}

/// The place of a part of a line.
fn origin(place: &Place) -> Origin<'_> {
    Origin::path(place.file.as_str()).line(place.line as usize).char_column(place.column as usize)
}

/// Every error that was found, in order of file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// The errors as text for people: message, place, the line with a caret, and the hint.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for diagnostic in &self.0 {
            text.push_str(&renderer.render(&[diagnostic.group()]));
            text.push_str("\n\n");
        }
        let count = |severity| self.0.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        let counted = |count: usize, noun: &str| {
            let ending = if count == 1 { "" } else { "s" };
            format!("{count} {noun}{ending}")
        };
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let summary = match (errors, warnings) {
            (_, 0) => counted(errors, "error"),
            (0, _) => counted(warnings, "warning"),
            _ => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
        };
        text + &summary + "\n"
    }

    /// The errors as a JSON array of `{file, line, column, message, hint, also}`.
    pub fn to_json(&self) -> Value {
        self.0.iter().map(Diagnostic::to_json).collect()
    }

    pub(crate) fn sorted(mut found: Vec<Diagnostic>) -> Self {
        found.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.place.file.clone(), d.place.line, d.place.column);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        found.dedup();
        Self(found)
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Diagnostics {}
