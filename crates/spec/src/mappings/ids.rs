//! The ids and names of rules, made from each rule's own content.
//!
//! A rule that is added or removed changes no other rule's id, since no rule's id depends on how many there
//! are or in which order. Two contents that come to one id are told apart by their digests.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

/// One more than the largest id. Those that the console makes have nine digits as well.
const LIMIT: u32 = 1_000_000_000;

/// The id of each content, in the order of the contents.
pub(super) fn ids(contents: &[String]) -> Vec<u32> {
    below(LIMIT, contents)
}

fn below(limit: u32, contents: &[String]) -> Vec<u32> {
    let mut numbered: Vec<(usize, [u8; 32])> =
        contents.iter().map(|content| Sha256::digest(content).into()).enumerate().collect();
    // In the order of the digests, not of the document: moving a rule changes no id.
    numbered.sort_by_key(|(index, digest)| (*digest, *index));
    let mut ids = vec![0; contents.len()];
    let mut taken = BTreeSet::new();
    for (index, digest) in numbered {
        let mut id = digest.iter().take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)) % limit;
        while id == 0 || !taken.insert(id) {
            id += 1;
        }
        ids[index] = id;
    }
    ids
}

/// The name of a rule: what it does in words, and its id, so that it is unique.
pub(super) fn name(words: &[&str], id: u32) -> String {
    let words = words.join(" ").replace('%', " all ");
    let readable: Vec<String> = words
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let mut name = readable.join("-");
    name.truncate(80);
    format!("{name}-{id}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_made_of_words_and_the_id() {
        assert_eq!(name(&["include", "shop", "%"], 7), "include-shop-all-7");
        assert_eq!(name(&["é", ""], 7), "-7");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// With so few ids that many contents want the same one.
        #[test]
        fn ids_are_unique_and_do_not_depend_on_the_order(
            contents in prop::collection::btree_set("[a-z]{1,4}", 1..20), seed in any::<prop::sample::Index>()
        ) {
            let contents: Vec<String> = contents.into_iter().collect();
            let ids = below(16, &contents);
            prop_assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), contents.len());
            prop_assert!(!ids.contains(&0));
            let by = seed.index(contents.len());
            let mut rotated = contents.clone();
            rotated.rotate_left(by);
            let mut rotated_ids = below(16, &rotated);
            rotated_ids.rotate_right(by);
            prop_assert_eq!(rotated_ids, ids);
        }

        #[test]
        fn a_content_that_goes_changes_no_other_id(
            contents in prop::collection::btree_set("[a-z]{1,8}", 1..20), gone in any::<prop::sample::Index>()
        ) {
            let mut contents: Vec<String> = contents.into_iter().collect();
            let mut before = ids(&contents);
            let gone = gone.index(contents.len());
            contents.remove(gone);
            before.remove(gone);
            prop_assert_eq!(ids(&contents), before);
        }
    }
}
