//! Whatever the files hold, they give specs or errors, never a panic.

use pipewright_spec::{Diagnostics, Source, SpecTree, load_sources};
use proptest::prelude::*;

use crate::common::{CONTROLLER, PIPELINE, Secrets};

const EVERYTHING: &str = include_str!("../../src/schema/everything.yaml");
const EXAMPLES: [&str; 5] = [
    include_str!("../../../../specs/mysql-to-aurora-postgresql.yaml"),
    include_str!("../../../../specs/mysql-to-s3.yaml"),
    include_str!("../../../../specs/oracle-to-redshift.yaml"),
    include_str!("../../../../specs/shared-instance.yaml"),
    EVERYTHING,
];

/// Pieces of text that mean something to YAML or to the format.
const PIECES: [&str; 32] = [
    "---\n",
    "...\n",
    "\n",
    "\t",
    "  ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!str ",
    "!x ",
    "|\n",
    ">-\n",
    "\"",
    "'",
    "#",
    "%YAML 1.2\n",
    "null",
    "~",
    "1e999",
    "-0",
    "0x7f",
    "\u{feff}",
    "é",
    "spec:",
    "? ",
    ",",
];

fn load(files: &[(&str, Vec<u8>)]) -> Result<SpecTree, Diagnostics> {
    let source = |(name, bytes): &(&str, Vec<u8>)| Source { name: (*name).to_owned(), bytes: bytes.clone() };
    load_sources(files.iter().map(source).collect())
}

/// Every error must be shown, and must be where it says it is.
fn check(result: Result<SpecTree, Diagnostics>) {
    let errors = match result {
        Ok(tree) => {
            for environment in tree.environments() {
                let _ = tree.desired(&environment.name, &Secrets);
            }
            return;
        }
        Err(errors) => errors,
    };
    assert!(!errors.0.is_empty());
    for error in &errors.0 {
        let place = &error.place;
        assert!(!error.message.is_empty());
        assert!(place.text.get(place.range.clone()).is_some(), "{place}");
        assert_eq!(place.line == 0, place.column == 0, "{place}");
    }
    assert!(errors.render(false).ends_with(if errors.0.len() == 1 { "1 error\n" } else { " errors\n" }));
    assert!(errors.render(true).len() >= errors.render(false).len());
    assert_eq!(errors.to_json().as_array().unwrap().len(), errors.0.len());
}

/// A text with pieces put in, taken out and doubled.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let mutation = (any::<prop::sample::Index>(), 0..4_u8, 0..PIECES.len(), 0..40_usize);
    prop::collection::vec(mutation, 1..6).prop_map(move |mutations| {
        let mut chars: Vec<char> = text.chars().collect();
        for (index, how, piece, length) in mutations {
            let at = index.index(chars.len() + 1);
            let end = (at + length).min(chars.len());
            match how {
                0 => {
                    chars.splice(at..at, PIECES[piece].chars());
                }
                1 => {
                    chars.drain(at..end);
                }
                2 => {
                    let copy = chars[at..end].to_vec();
                    chars.splice(end..end, copy);
                }
                _ => {
                    chars.splice(at..end, PIECES[piece].chars());
                }
            }
        }
        chars.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(load(&[("specs/controller.yaml", CONTROLLER.into()), ("specs/a.yaml", bytes)]));
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        check(load(&[("specs/controller.yaml", CONTROLLER.into()), ("specs/a.yaml", text.into())]));
    }

    #[test]
    fn any_mutation_of_a_valid_pipeline(text in mutated(PIPELINE)) {
        check(load(&[("specs/controller.yaml", CONTROLLER.into()), ("specs/a.yaml", text.into())]));
    }

    #[test]
    fn any_mutation_of_a_valid_controller(text in mutated(CONTROLLER)) {
        check(load(&[("specs/controller.yaml", text.into()), ("specs/a.yaml", PIPELINE.into())]));
    }

    #[test]
    fn any_mutation_of_an_example(
        text in (0..EXAMPLES.len()).prop_flat_map(|example| mutated(EXAMPLES[example]))
    ) {
        check(load(&[("specs/controller.yaml", CONTROLLER.into()), ("specs/a.yaml", text.into())]));
    }
}
