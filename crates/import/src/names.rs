//! Names of documents and of environment variables, made of logical ids.

use std::collections::BTreeSet;

/// The most characters that a document's name has.
const MAX_NAME: usize = 63;

/// The name of a document for a resource of this logical id, without the words that only say what kind it
/// is, and with a number if it is taken.
pub(crate) fn document_name(logical: &str, kind_words: &[&str], taken: &mut BTreeSet<String>) -> String {
    let mut name = kebab(without_hash(logical));
    for word in kind_words {
        if let Some(shorter) = name.strip_suffix(word).and_then(|rest| rest.strip_suffix('-')) {
            name = shorter.to_owned();
            break;
        }
    }
    let mut unique = name.clone();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{name}-{number}");
        number += 1;
    }
    unique
}

/// The name of an environment variable for a secret, such as `ORDERS_SOURCE_PASSWORD`.
pub(crate) fn variable(parts: &[&str]) -> String {
    parts.iter().map(|part| kebab(part)).collect::<Vec<_>>().join("_").replace('-', "_").to_ascii_uppercase()
}

/// A logical id without the eight hexadecimal digits that the CDK puts at its end.
fn without_hash(logical: &str) -> &str {
    let split = logical.len().checked_sub(8).filter(|&at| at > 0 && logical.is_char_boundary(at));
    match split.map(|at| logical.split_at(at)) {
        Some((name, hash)) if hash.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)) => name,
        _ => logical,
    }
}

/// Lower-case words with hyphens, starting with a letter: what documents are named.
pub(crate) fn kebab(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut name = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            continue;
        }
        let before = at.checked_sub(1).map(|before| chars[before]);
        let starts_word = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase()
                        && chars.get(at + 1).is_some_and(char::is_ascii_lowercase))
            });
        if starts_word && !name.ends_with('-') {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.insert_str(0, "x-");
    }
    // Room for a number that makes it unique.
    name.truncate(MAX_NAME - 4);
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_what_people_wrote() {
        let mut taken = BTreeSet::new();
        let words = ["replication-task", "task"];
        for (logical, name) in [
            ("OrdersReplicationTask31462313", "orders"),
            ("OrdersTask", "orders-2"),
            ("LedgerB7379752", "ledger"),
            ("Task", "task"),
            ("MySQLToS3Task", "my-sql-to-s3"),
            ("DMSTask", "dms"),
            ("12345678", "x-12345678"),
            ("DEADBEEF", "deadbeef"),
        ] {
            assert_eq!(document_name(logical, &words, &mut taken), name);
        }
        assert_eq!(variable(&["my-orders", "source", "SaslPassword"]), "MY_ORDERS_SOURCE_SASL_PASSWORD");
        assert!(kebab(&"Ab".repeat(100)).len() < MAX_NAME);
    }
}
