//! Changes of owner that somebody asks for by name: adopt, release, transfer. They write tags and nothing
//! else.
//!
//! One file for each verb. Each decides anew from what was observed and plans only what is still to be done,
//! so that a run that was killed is finished by running it again.

mod adopt;
mod release;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::tags::{self, SPEC, Tags};
use pipewright_model::{Body, Declared, Desired, FormerOwner, Kind, Live, Observed, ResourceId, Scope};

use super::{Draft, PlanOptions};
use crate::{Ownership, Plan};

/// A change of owner, and the resources that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// What is asked for.
    pub verb: HandoverVerb,
    /// The resources; connections, which carry no tags, are left out.
    pub resources: BTreeSet<ResourceId>,
}

/// Which change of owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandoverVerb {
    /// Become the owner of what the specs declare and nobody owns.
    Adopt {
        /// Whose it may be by its marks; without it, only what nobody marked is taken.
        from: Option<FormerOwner>,
    },
    /// Take this scope's marks off; the resources stay.
    Release,
    /// Give what this scope owns to another one.
    Transfer {
        /// That scope, with the uid of its `Controller` if it has one.
        to: Scope,
    },
}

impl Handover {
    /// What these names stand for, and the names that stand for nothing.
    ///
    /// A name is that of a document, as the spec tag records it (`orders`, `Endpoint/warehouse`), or a
    /// resource (`instance/orders`). To release or transfer, documents that are gone count too: the tags of
    /// what they declared name them.
    pub fn named<'n>(
        verb: HandoverVerb,
        names: impl IntoIterator<Item = &'n String>,
        desired: &Desired,
        observed: &Observed,
    ) -> (Self, BTreeSet<String>) {
        let mut handover = Self { verb, resources: BTreeSet::new() };
        let mut unknown = BTreeSet::new();
        for name in names {
            let found = handover.stands_for(name, desired, observed);
            if found.is_empty() {
                unknown.insert(name.clone());
            }
            handover.resources.extend(found);
        }
        (handover, unknown)
    }

    /// The same about everything that the specs declare.
    pub fn of_everything(verb: HandoverVerb, desired: &Desired) -> Self {
        let all = desired.resources.keys().filter(|id| id.kind != Kind::Connection);
        Self { verb, resources: all.cloned().collect() }
    }

    fn stands_for(&self, name: &str, desired: &Desired, observed: &Observed) -> BTreeSet<ResourceId> {
        if let Some(id) = resource(name) {
            let is_known = desired.resources.contains_key(&id) || observed.resources.contains_key(&id);
            return is_known.then_some(id).into_iter().collect();
        }
        let is_meant = |declared: &Declared| match &declared.body {
            Body::Connection(_) => false,
            // A role is left to whoever else needs it, unless it is named itself.
            Body::ServiceRole(role) => {
                matches!(self.verb, HandoverVerb::Adopt { .. }) && role.needed_by.contains(name)
            }
            _ => declared.spec == name,
        };
        let declared = desired.resources.iter().filter(|(_, declared)| is_meant(declared)).map(|(id, _)| id);
        let declared_once = observed.resources.iter().filter(|(id, live)| {
            id.kind != Kind::ServiceRole
                && live.tags.get(SPEC).is_some_and(|spec| spec == name)
                && self.may_be_about(&live.tags, &desired.scope)
        });
        declared.chain(declared_once.map(|(id, _)| id)).cloned().collect()
    }

    /// Whether something that no spec declares is a matter of this verb, by its tags.
    fn may_be_about(&self, tags: &Tags, scope: &Scope) -> bool {
        let is_of = |scope| Ownership::is_own(tags, scope);
        match &self.verb {
            HandoverVerb::Adopt { .. } => false,
            HandoverVerb::Release => is_of(scope),
            HandoverVerb::Transfer { to } => is_of(scope) || is_of(to),
        }
    }
}

/// Plans a change of owner. Its findings are about the resources that were named, and it compares nothing
/// else.
pub fn hand_over(
    desired: &Desired,
    observed: &Observed,
    options: &PlanOptions,
    Handover { verb, resources }: &Handover,
) -> Plan {
    let mut draft = Draft::new(desired, observed, options);
    match verb {
        HandoverVerb::Adopt { from } => adopt::plan(&mut draft, resources, from.as_ref()),
        HandoverVerb::Release => release::plan(&mut draft, resources),
        HandoverVerb::Transfer { to } => transfer::plan(&mut draft, resources, to),
    }
    Plan { unchanged: BTreeSet::new(), ..draft.finish() }
}

/// The resource that `kind/identifier` names.
fn resource(name: &str) -> Option<ResourceId> {
    let (word, identifier) = name.split_once('/')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == word && *kind != Kind::Connection)?;
    Some(ResourceId::new(kind, identifier))
}

/// The live resource of this identity, or a finding that says why nothing can be done about it.
fn live<'a>(draft: &mut Draft<'a>, id: &ResourceId, otherwise: &str) -> Option<&'a Live> {
    if let Some(reason) = draft.unread(id.kind) {
        draft.unreadable(id, reason);
        return None;
    }
    let live = draft.live(id);
    if live.is_none() {
        draft.waiting(id, otherwise.to_owned());
    }
    live
}

/// The one owner of a regional resource by its tags, with its document.
fn owner_of(tags: &Tags) -> BTreeMap<String, String> {
    let spec = || tags.get(SPEC).cloned().unwrap_or_default();
    let scope = tags.get(tags::SCOPE).map(|scope| (scope.clone(), spec()));
    scope.or_else(|| Some((tags::foreign_mark(tags)?, String::new()))).into_iter().collect()
}
