//! Colours: the few that a plan needs, as ANSI escape sequences or none at all.

/// Paints text for a terminal, or leaves it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    color: bool,
}

impl Style {
    /// Text as it is.
    pub const PLAIN: Self = Self { color: false };
    /// Text with ANSI colours.
    pub const COLOR: Self = Self { color: true };

    /// With colours or without.
    pub fn new(color: bool) -> Self {
        Self { color }
    }

    /// Whether it paints at all.
    pub fn is_color(self) -> bool {
        self.color
    }

    /// Bold, for headings.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Faint, for what can be skipped.
    pub fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Red, for what is lost or wrong.
    pub fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Green, for what is added or well.
    pub fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Yellow, for what changes or waits.
    pub fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Cyan, for names of files and hints.
    pub fn cyan(self, text: &str) -> String {
        self.paint("36", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
