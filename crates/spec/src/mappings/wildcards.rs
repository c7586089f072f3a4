//! The wildcards of DMS: which names a pattern stands for, and how two patterns relate.
//!
//! `%` stands for any characters, `_` for any one, `[ab]` and `[a-d]` for one of a set, so that `[_]` is an
//! underscore (DMS User Guide, "Wildcards in table mapping").

/// A pattern of names of schemas, tables or columns, in DMS's wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// `%`: any characters, or none.
    Any,
    /// `_`: any one character.
    One,
    /// `[a-d_]`: one character of these ranges.
    Set(Vec<(char, char)>),
    /// One character as it is.
    Char(char),
}

/// Turns `*` into DMS's `%`, except inside of brackets, where it means itself.
pub(crate) fn to_dms(text: &str) -> String {
    outside_of_brackets(text, '*', '%')
}

/// Turns DMS's `%` into `*`, except inside of brackets, where it means itself.
pub(crate) fn from_dms(pattern: &str) -> String {
    outside_of_brackets(pattern, '%', '*')
}

fn outside_of_brackets(text: &str, from: char, to: char) -> String {
    let mut inside = false;
    text.chars()
        .map(|c| {
            inside = if inside { c != ']' } else { c == '[' };
            if c == from && !inside { to } else { c }
        })
        .collect()
}

/// The part of a text before the first dot that is not inside of brackets, and the part after it.
pub(crate) fn split_at_dot(text: &str) -> Option<(&str, &str)> {
    let mut inside = false;
    for (at, c) in text.char_indices() {
        inside = if inside { c != ']' } else { c == '[' };
        if c == '.' && !inside {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

/// Whether every `[` is closed by a `]` with something between.
pub(crate) fn has_whole_sets(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('[') {
        match after.split_once(']') {
            Some((set, after)) if !set.is_empty() => rest = after,
            _ => return false,
        }
    }
    true
}

/// Whether a name in DMS's wildcards stands for any number of names, by a `%`.
pub(crate) fn is_wild(name: &str) -> bool {
    Pattern::new(name).0.contains(&Token::Any)
}

impl Pattern {
    /// A bracket that is not closed stands for itself.
    pub(super) fn new(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            tokens.push(match c {
                '%' => Token::Any,
                '_' => Token::One,
                '[' => match rest.as_str().split_once(']') {
                    Some((set, after)) if !set.is_empty() => {
                        rest = after.chars();
                        Token::Set(ranges(set))
                    }
                    _ => Token::Char('['),
                },
                c => Token::Char(c),
            });
        }
        Self(tokens)
    }

    /// Whether it stands for this name.
    pub(super) fn matches(&self, name: &str) -> bool {
        let name: Vec<Token> = name.chars().map(Token::Char).collect();
        meet(&self.0, &name)
    }

    /// Whether there is a name that both stand for.
    pub(super) fn meets(&self, other: &Self) -> bool {
        meet(&self.0, &other.0)
    }

    /// Whether it stands for every name that the other stands for. It may say no where the answer is yes,
    /// if the other has several `%`; never the other way round.
    pub(super) fn covers(&self, other: &Self) -> bool {
        walk(&self.0, &other.0, |wide, narrow| match (wide, narrow) {
            (Token::Any, _) | (_, Token::Any) => false,
            (Token::One, _) => true,
            (_, Token::One) => false,
            (wide, narrow) => {
                let outer = wide.ranges();
                narrow.ranges().iter().all(|(a, b)| outer.iter().any(|(low, high)| low <= a && b <= high))
            }
        })
    }
}

impl Token {
    fn ranges(&self) -> Vec<(char, char)> {
        match self {
            Self::Any | Self::One => vec![('\0', char::MAX)],
            Self::Set(ranges) => ranges.clone(),
            Self::Char(c) => vec![(*c, *c)],
        }
    }
}

fn ranges(set: &str) -> Vec<(char, char)> {
    let chars: Vec<char> = set.chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if let [low, '-', high, ..] = chars[at..] {
            ranges.push((low, high));
            at += 3;
        } else {
            ranges.push((chars[at], chars[at]));
            at += 1;
        }
    }
    ranges
}

/// Whether some name is matched by both, by dynamic programming over the positions in both.
fn meet(a: &[Token], b: &[Token]) -> bool {
    let mut reached = vec![false; b.len() + 1];
    reached[0] = true;
    // Without a token of `a`, only the `%` of `b` can be passed.
    pass_any(&mut reached, b);
    for token in a {
        let mut next = vec![false; b.len() + 1];
        for (at, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
            if *token == Token::Any {
                next[at..].fill(true);
                break;
            }
            match b.get(at) {
                // The `%` of `b` stands for what `token` stands for, and goes on.
                Some(Token::Any) => next[at] = true,
                Some(other) if overlap(token, other) => next[at + 1] = true,
                _ => {}
            }
        }
        pass_any(&mut next, b);
        reached = next;
    }
    reached[b.len()]
}

fn pass_any(reached: &mut [bool], b: &[Token]) {
    for at in 0..b.len() {
        if reached[at] && b[at] == Token::Any {
            reached[at + 1] = true;
        }
    }
}

fn overlap(a: &Token, b: &Token) -> bool {
    let b = b.ranges();
    a.ranges().iter().any(|(low, high)| b.iter().any(|(from, to)| low.max(from) <= high.min(to)))
}

/// Whether `wide` can be laid over `narrow`, token by token, its `%` over any number of them.
fn walk(wide: &[Token], narrow: &[Token], one: impl Fn(&Token, &Token) -> bool) -> bool {
    let mut reached = vec![false; narrow.len() + 1];
    reached[0] = true;
    for token in wide {
        let mut next = vec![false; narrow.len() + 1];
        for at in 0..=narrow.len() {
            if !reached[at] {
                continue;
            }
            if *token == Token::Any {
                next[at..].fill(true);
                break;
            }
            if narrow.get(at).is_some_and(|other| one(token, other)) {
                next[at + 1] = true;
            }
        }
        reached = next;
    }
    reached[narrow.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::new(pattern).matches(name)
    }

    #[test]
    fn names_are_matched_as_dms_documents() {
        for (pattern, yes, no) in [
            ("%", vec!["", "a", "shop"], vec![]),
            ("sh%p", vec!["shp", "shoop"], vec!["shops", "p"]),
            ("a_c", vec!["abc", "a_c"], vec!["ac", "abbc"]),
            ("a[_]c", vec!["a_c"], vec!["abc"]),
            ("t[a-c]", vec!["ta", "tc"], vec!["td", "t"]),
            ("t[ac-e]", vec!["ta", "td"], vec!["tb"]),
            ("t[", vec!["t["], vec!["t"]),
            ("[%]", vec!["%"], vec!["a"]),
            ("é%", vec!["éa"], vec!["e"]),
        ] {
            for name in yes {
                assert!(matches(pattern, name), "{pattern} {name}");
            }
            for name in no {
                assert!(!matches(pattern, name), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn stars_and_dots_inside_of_brackets_mean_themselves() {
        assert_eq!(to_dms("shop*[*]"), "shop%[*]");
        assert_eq!(split_at_dot("a[.]b.c.d"), Some(("a[.]b", "c.d")));
        assert_eq!(split_at_dot("a[.]b"), None);
        assert!(has_whole_sets("a[_]b[[]") && !has_whole_sets("a[b") && !has_whole_sets("[]"));
        assert!(is_wild("a%") && !is_wild("[%]_"));
    }

    #[test]
    fn patterns_cover_and_meet() {
        let covers = |a: &str, b: &str| Pattern::new(a).covers(&Pattern::new(b));
        let meets = |a: &str, b: &str| Pattern::new(a).meets(&Pattern::new(b));
        assert!(covers("%", "a%") && covers("a%", "ab%") && covers("a_", "a[bc]") && covers("%a%", "%ba%"));
        assert!(!covers("a%", "%") && !covers("a_", "a%") && !covers("[ab]", "_"));
        assert!(meets("a%", "%b") && meets("a_", "_b") && meets("%", "%") && !meets("a%", "b%"));
        assert!(!meets("[a-c]", "[d-f]") && meets("[a-d]", "[d-f]"));
    }

    fn pattern() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!["%", "_", "a", "b", "[ab]", "[_]"]), 0..6)
            .prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_said_of_patterns_holds_for_names(a in pattern(), b in pattern(), name in "[ab_c]{0,6}") {
            let (wide, narrow) = (Pattern::new(&a), Pattern::new(&b));
            prop_assert_eq!(wide.meets(&narrow), narrow.meets(&wide));
            prop_assert!(wide.covers(&wide));
            if wide.covers(&narrow) && narrow.matches(&name) {
                prop_assert!(wide.matches(&name), "{} covers {}, not {}", a, b, name);
            }
            if wide.matches(&name) && narrow.matches(&name) {
                prop_assert!(wide.meets(&narrow), "{} and {} meet in {}", a, b, name);
            }
        }
    }
}
