//! Owner tags of shared roles: whose they are, and which specs they list.
//!
//! The key holds the scope. The value is the specs' names, one space between them, behind the first digits of
//! the uid where the `Controller` has one: `uid=1f0c9a52 billing orders`. No spec can have a name with an
//! equals sign.

use std::collections::{BTreeMap, BTreeSet};

use super::{MAX_VALUE, Tags};
use crate::Scope;

/// `pipewright:owner:<scope>`: on a shared role, one for each scope that needs it.
pub const OWNER_PREFIX: &str = "pipewright:owner:";

/// What comes before the digits of a uid.
const UID_MARK: &str = "uid=";

/// The key of a scope's owner tag.
pub fn owner_key(scope: &Scope) -> String {
    format!("{OWNER_PREFIX}{scope}")
}

/// The value of a scope's owner tag.
pub fn owner_value(scope: &Scope, specs: &BTreeSet<String>) -> String {
    format!("{}{}", uid_mark(scope), listed(scope, specs))
}

/// Specs as the owner tag of this scope lists them, cut to what a tag holds: `a b c … +12` is written
/// `a b c +12`.
pub fn listed(scope: &Scope, specs: &BTreeSet<String>) -> String {
    let room = MAX_VALUE - uid_mark(scope).len();
    let whole = specs.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    if whole.chars().count() <= room {
        return whole;
    }
    // Room for ` +` and as many digits as a count can have here.
    let budget = room - " +99999".len();
    let mut kept: Vec<&str> = Vec::new();
    let mut used = 0;
    for spec in specs {
        let more = spec.chars().count() + usize::from(used > 0);
        if used + more > budget {
            break;
        }
        used += more;
        kept.push(spec);
    }
    format!("{} +{}", kept.join(" "), specs.len() - kept.len())
}

fn uid_mark(scope: &Scope) -> String {
    scope.uid_digits().map(|digits| format!("{UID_MARK}{digits} ")).unwrap_or_default()
}

/// The owners that a role's tags record: scope and the specs as listed, in order of scope.
pub fn owners(tags: &Tags) -> BTreeMap<String, String> {
    entries(tags).map(|(scope, _, specs)| (scope.to_owned(), specs.to_owned())).collect()
}

/// The owners that a role's tags record, as one scope sees them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owners {
    /// The specs that this scope's own tag lists, if it has one.
    pub own: Option<String>,
    /// The specs of the others, by scope. Another spec root whose Controller has this scope's name is called
    /// as [`Scope::root_name`] calls it.
    pub others: BTreeMap<String, String>,
    /// The first digits of that other root's uid. Its tag is in the place of this scope's own.
    pub other_root: Option<String>,
}

impl Owners {
    /// Reads them. A tag of this scope without a uid is its own: it was written before the Controller had one.
    pub fn of(tags: &Tags, scope: &Scope) -> Self {
        let mut found = Self::default();
        for (name, digits, specs) in entries(tags) {
            let specs = specs.to_owned();
            match digits {
                Some(digits) if name == scope.as_str() && scope.uid_digits() != Some(digits) => {
                    found.others.insert(format!("{name}/{digits}"), specs);
                    found.other_root = Some(digits.to_owned());
                }
                _ if name == scope.as_str() => found.own = Some(specs),
                _ => {
                    found.others.insert(name.to_owned(), specs);
                }
            }
        }
        found
    }

    /// All of them, by name.
    pub fn all(&self, scope: &Scope) -> BTreeMap<String, String> {
        let Self { own, others, other_root: _ } = self;
        let own = own.iter().map(|specs| (scope.to_string(), specs.clone()));
        others.clone().into_iter().chain(own).collect()
    }
}

/// The scope, the digits of its uid and the specs of every owner tag.
fn entries(tags: &Tags) -> impl Iterator<Item = (&str, Option<&str>, &str)> {
    tags.iter().filter_map(|(key, value)| {
        let scope = key.strip_prefix(OWNER_PREFIX)?;
        Some(match value.strip_prefix(UID_MARK) {
            Some(rest) => {
                let (digits, specs) = rest.split_once(' ').unwrap_or((rest, ""));
                (scope, Some(digits), specs)
            }
            None => (scope, None, value.as_str()),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(uid: Option<&str>) -> Scope {
        let scope = Scope::new("a").unwrap();
        uid.into_iter().fold(scope, Scope::with_uid)
    }

    fn specs(names: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        names.into_iter().collect()
    }

    const OURS: Option<&str> = Some("1f0c9a52-7d3e-4b61-9c58-0a6b1d2e3f40");
    const THEIRS: Option<&str> = Some("a2b4c6d8-0000-4000-8000-0123456789ab");

    #[test]
    fn owner_values_are_cut_to_what_a_tag_holds() {
        let few = specs(["orders".into(), "billing".into()]);
        assert_eq!(owner_value(&scope(None), &few), "billing orders");
        assert_eq!(owner_value(&scope(OURS), &few), "uid=1f0c9a52 billing orders");
        let many = specs((0..100).map(|n| format!("pipeline-{n:03}")));
        for (scope, before) in [(scope(None), 0), (scope(OURS), 1)] {
            let value = owner_value(&scope, &many);
            assert!(value.len() <= MAX_VALUE, "{}", value.len());
            let kept = value.split(' ').count() - 1 - before;
            assert!(value.ends_with(&format!(" +{}", 100 - kept)), "{value}");
        }
    }

    #[test]
    fn an_owner_tag_is_its_scopes_unless_another_uid_is_in_it() {
        let few = specs(["orders".into()]);
        let own_as_seen = |writer: Option<&str>, reader: Option<&str>| {
            let writer = scope(writer);
            let tags = Tags::from([(owner_key(&writer), owner_value(&writer, &few))]);
            Owners::of(&tags, &scope(reader)).own
        };
        let orders = Some("orders".to_owned());
        assert_eq!(own_as_seen(None, None), orders);
        assert_eq!(own_as_seen(OURS, OURS), orders);
        assert_eq!(own_as_seen(None, OURS), orders);
        assert_eq!(own_as_seen(THEIRS, OURS), None);
        assert_eq!(own_as_seen(THEIRS, None), None);
    }

    #[test]
    fn owners_are_named_without_their_uids_but_for_another_root_of_the_own_name() {
        let tags = Tags::from([
            ("pipewright:owner:a".to_owned(), "uid=a2b4c6d8 orders".to_owned()),
            ("pipewright:owner:b".to_owned(), "uid=00000000 billing users".to_owned()),
        ]);
        let all = |pairs: [(&str, &str); 2]| {
            pairs.into_iter().map(|(scope, specs)| (scope.to_owned(), specs.to_owned())).collect()
        };
        assert_eq!(owners(&tags), all([("a", "orders"), ("b", "billing users")]));
        let ours = Owners::of(&tags, &scope(OURS));
        assert_eq!(ours.other_root.as_deref(), Some("a2b4c6d8"));
        assert_eq!(ours.all(&scope(OURS)), all([("a/a2b4c6d8", "orders"), ("b", "billing users")]));
        let theirs = Owners::of(&tags, &scope(THEIRS));
        assert_eq!(theirs.all(&scope(THEIRS)), all([("a", "orders"), ("b", "billing users")]));
    }
}
