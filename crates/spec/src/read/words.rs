//! Names and words: how they are spelled, and which one was meant.

use super::Reader;
use crate::tree::Node;

/// Names in backquotes, with commas.
pub(super) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A hint that lists what is possible.
pub(crate) fn one_of<'a>(lead: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    format!("{lead} {}", quoted(names))
}

/// A hint that names the candidate nearest to what was written, if one is near.
pub(crate) fn did_you_mean<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(written, candidates).map(|name| format!("did you mean `{name}`?"))
}

/// The candidate nearest to what was written, if one is near.
pub(super) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Quadratic time in the length: nobody mistypes a field by hundreds of characters.
    if written.len() > 100 {
        return None;
    }
    let lower = written.to_lowercase();
    candidates
        .into_iter()
        .map(|name| {
            let candidate = name.to_lowercase();
            let nearness = strsim::normalized_damerau_levenshtein(&lower, &candidate);
            let is_start = lower.len() >= 3 && candidate.starts_with(&lower);
            (if is_start { nearness.max(0.7 + nearness / 10.0) } else { nearness }, name)
        })
        .filter(|(nearness, _)| *nearness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// `allocatedStorage` for `allocated_storage`, as serde and schemars spell it.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.trim_start_matches("r#").chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            camel.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            camel.push(c);
        }
    }
    camel
}

/// Records the error of a word that is none of those possible.
pub(crate) fn unknown_word(word: &str, words: &[&str], node: &Node, reader: &mut Reader<'_>) {
    let hint = did_you_mean(word, words.iter().copied())
        .unwrap_or_else(|| one_of("use one of", words.iter().copied()));
    let shown: String = word.chars().take(60).collect();
    reader.error_with_hint(node.at, format!("`{shown}` is not possible here"), hint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_schemars_spells_them() {
        assert_eq!(camel_case("vpc_security_group_ids"), "vpcSecurityGroupIds");
        assert_eq!(camel_case("r#type"), "type");
        assert_eq!(camel_case("class"), "class");
    }

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["allocatedStorage", "class"];
        assert_eq!(
            did_you_mean("allocatedstorge", names).as_deref(),
            Some("did you mean `allocatedStorage`?")
        );
        assert_eq!(did_you_mean("zzz", names), None);
    }
}
