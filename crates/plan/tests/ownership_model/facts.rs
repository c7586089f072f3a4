//! What the properties ask of a version of the role, and of what became of it.

use std::collections::BTreeSet;

use pipewright_model::policy::inline_owner;
use pipewright_model::tags::Owners;
use pipewright_model::{Live, LiveBody};

use crate::account::{self, STRANGERS_SID};
use crate::decisions::{GRACE, SCOPES};
use crate::specs::{is_served, scope_named, specs_named};
use crate::state::{Authors, STRANGER, Scopes};

/// What the model wants to know of a version of the role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// The owners by their tags, as bits.
    pub(crate) owners: u8,
    /// Whether the drain of this very role has lasted for the grace time.
    pub(crate) past_grace: bool,
    pub(crate) made_by_pipewright: bool,
    /// For each scope the specs, as bits, that it serves.
    pub(crate) serves: [u8; 3],
    pub(crate) strangers_statement: bool,
}

impl Facts {
    pub(crate) fn of(live: &Live, scopes: Scopes) -> Self {
        let LiveBody::ServiceRole(body) = &live.body else { panic!("not a role: {live:?}") };
        let serves = |scope| {
            (0..4).filter(|specs| is_served(body, scope, *specs, scopes)).map(|specs| 1 << specs).sum()
        };
        Self {
            owners: (0..3).filter(|n| owned_by(live, *n, scopes).is_some()).map(|n| 1 << n).sum(),
            past_grace: account::drained_for(live).is_some_and(|ticks| ticks >= GRACE),
            made_by_pipewright: body.role_id != account::FOUND,
            serves: [0, 1, 2].map(serves),
            strangers_statement: !statements(live, STRANGER).is_empty(),
        }
    }
}

/// Each author's bit.
fn authors() -> impl Iterator<Item = Authors> {
    (0..4).map(|n| 1 << n)
}

/// The scope with this bit.
fn scope_of(author: Authors) -> Option<usize> {
    (author != STRANGER).then_some(author.trailing_zeros() as usize)
}

/// The statements of the trust policy that this one wrote.
fn statements(live: &Live, author: Authors) -> BTreeSet<String> {
    let LiveBody::ServiceRole(body) = &live.body else { panic!("not a role: {live:?}") };
    let all = body.trust["Statement"].as_array().into_iter().flatten();
    let prefix = scope_of(author).map(|scope| format!("PipewrightOf{}N", SCOPES[scope]));
    let begins = prefix.as_deref().unwrap_or(STRANGERS_SID);
    all.filter(|statement| statement["Sid"].as_str().is_some_and(|sid| sid.starts_with(begins)))
        .map(ToString::to_string)
        .collect()
}

/// The inline policies that this one wrote.
fn inline(live: &Live, author: Authors) -> Vec<(String, String)> {
    let LiveBody::ServiceRole(body) = &live.body else { panic!("not a role: {live:?}") };
    let name = scope_of(author).map(|scope| SCOPES[scope]);
    let all = body.inline_policies.iter().filter(|(policy, _)| inline_owner(policy) == name);
    all.map(|(policy, document)| (policy.clone(), document.to_string())).collect()
}

/// The specs that this one recorded on the role, if it is a scope that owns it.
fn recorded(live: &Live, author: Authors, scopes: Scopes) -> Option<(usize, u8)> {
    let scope = scope_of(author)?;
    Some((scope, specs_named(&owned_by(live, scope, scopes)?)))
}

/// The specs that the owner tag of a scope lists, if it has one.
fn owned_by(live: &Live, scope: usize, scopes: Scopes) -> Option<String> {
    Owners::of(&live.tags, &scope_named(scope, scopes)).own
}

/// Those of whom `seen` does not show what they have in `live`.
pub(crate) fn unseen(seen: Option<&Live>, live: Option<&Live>, scopes: Scopes) -> Authors {
    let (Some(seen), Some(live)) = (seen, live) else { return authors().sum() };
    let part =
        |live, author| (recorded(live, author, scopes), statements(live, author), inline(live, author));
    authors().filter(|author| part(seen, *author) != part(live, *author)).sum()
}

/// Those who lose by a call: a statement or a policy that they wrote, or an owner what the specs that it
/// recorded need.
pub(crate) fn lost(before: &Live, after: &Live, scopes: Scopes) -> Authors {
    let lost_statement =
        |author: &Authors| !statements(before, *author).is_subset(&statements(after, *author));
    let serves =
        |live: &Live, (scope, specs): (usize, u8)| Facts::of(live, scopes).serves[scope] & 1 << specs != 0;
    let lost_need = |author: &Authors| {
        recorded(before, *author, scopes).is_some_and(|owner| serves(before, owner) && !serves(after, owner))
    };
    let lost_policy = |author: &Authors| {
        let after = inline(after, *author);
        recorded(before, *author, scopes).is_some()
            && inline(before, *author).iter().any(|policy| !after.contains(policy))
    };
    authors().filter(|author| lost_statement(author) || lost_policy(author) || lost_need(author)).sum()
}
