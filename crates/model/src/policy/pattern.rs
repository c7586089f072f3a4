//! Patterns of IAM conditions: `*` for any characters, `?` for one (IAM User Guide, "IAM JSON policy
//! elements: Condition operators").

/// Whether everything that `narrow` stands for is among what `wide` stands for. Both can hold wildcards.
/// An answer of `true` is certain, one of `false` may be doubt.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    let (wide, narrow): (Vec<char>, Vec<char>) = (wide.chars().collect(), narrow.chars().collect());
    // Whether the rest of `wide` from each place covers what of `narrow` was read so far.
    let mut reached = vec![false; wide.len() + 1];
    reached[0] = true;
    skip_stars(&wide, &mut reached);
    for &c in &narrow {
        let mut next = vec![false; wide.len() + 1];
        for (at, &pattern) in wide.iter().enumerate() {
            if !reached[at] {
                continue;
            }
            match pattern {
                '*' => next[at] = true,
                // One character is not enough for what a star stands for.
                '?' if c != '*' => next[at + 1] = true,
                literal if literal == c && c != '?' => next[at + 1] = true,
                _ => {}
            }
        }
        skip_stars(&wide, &mut next);
        reached = next;
    }
    reached[wide.len()]
}

/// A star also stands for nothing.
fn skip_stars(wide: &[char], reached: &mut [bool]) {
    for (at, &pattern) in wide.iter().enumerate() {
        if reached[at] && pattern == '*' {
            reached[at + 1] = true;
        }
    }
}

/// The same for ARNs, of which each of the six parts is compared by itself: a wildcard does not reach
/// over a colon of the first five.
pub(super) fn covers_arn(wide: &str, narrow: &str) -> bool {
    let (wide, narrow): (Vec<&str>, Vec<&str>) =
        (wide.splitn(6, ':').collect(), narrow.splitn(6, ':').collect());
    wide.len() == 6
        && narrow.len() == 6
        && wide.iter().zip(&narrow).all(|(wide, narrow)| covers(wide, narrow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wider_pattern_covers_a_narrower_one() {
        for (wide, narrow) in [
            ("*", "anything"),
            ("*", "a*b"),
            ("a*", "a"),
            ("a*c", "abbbc"),
            ("a?c", "abc"),
            ("a*", "a*:*"),
            ("sts:assume*", "sts:assumerole"),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [("a", "*"), ("a?c", "a*c"), ("a*c", "a*"), ("a*", "b"), ("", "a"), ("a?", "a")]
        {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn the_parts_of_an_arn_are_compared_one_by_one() {
        let here = "arn:aws:dms:us-east-1:111122223333:*:*";
        assert!(covers_arn("arn:aws:dms:*:111122223333:*", here));
        assert!(covers_arn("arn:aws:dms:us-*:*:*:*", here));
        assert!(!covers_arn("arn:aws:dms:eu-west-1:111122223333:*", here));
        assert!(!covers_arn("arn:aws:dms:us-east-1:111122223333:rep:*", here));
        assert!(!covers_arn("arn:aws:dms:*", here), "a star does not stand for several parts");
    }
}
