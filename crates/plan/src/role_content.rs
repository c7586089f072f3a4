//! What is on a shared role: what its owner lacks there, what it put there and no longer needs, and what is in
//! the way.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_model::kinds::{FixedRole, RoleDeclared, RoleObserved};
use pipewright_model::policy::{self, TrustNeed, inline_name, inline_owner};
use pipewright_model::tags::{self, Owners, Tags};
use pipewright_model::{Live, Scope};
use serde_json::Value;

use crate::shared_role::describe_owners;

/// What a role lacks of what its owner needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lacks {
    /// Who cannot assume it.
    pub trust: BTreeSet<TrustNeed>,
    /// Managed policies that are not attached.
    pub policies: BTreeSet<String>,
    /// Inline policies to write, by their names in AWS. A policy of the same meaning serves if it is the
    /// scope's own or nobody's: what another scope wrote goes when that leaves.
    pub inline: BTreeMap<String, Value>,
}

impl Lacks {
    /// What `role` lacks of `needed`.
    pub fn of(needed: &RoleDeclared, role: &RoleObserved, scope: &Scope) -> Self {
        let unmet = |need: &TrustNeed| !need.is_met_by(&role.trust);
        let serves = |own: &str, document: &Value| match role.inline_policies.get(own) {
            // One of the own name that says something else would go on granting that.
            Some(live) => policy::same(live, document),
            None => role
                .inline_policies
                .iter()
                .any(|(name, live)| inline_owner(name).is_none() && policy::same(live, document)),
        };
        Self {
            trust: needed.trust_needs().into_iter().filter(unmet).collect(),
            policies: needed.managed_policies.difference(&role.managed_policies).cloned().collect(),
            inline: inline_of(needed, scope)
                .into_iter()
                .filter(|(own, document)| !serves(own, document))
                .collect(),
        }
    }

    /// Whether it lacks nothing.
    pub fn is_empty(&self) -> bool {
        let Self { trust, policies, inline } = self;
        trust.is_empty() && policies.is_empty() && inline.is_empty()
    }

    /// What is missing, by name.
    pub(crate) fn names(&self) -> Vec<&str> {
        let Self { trust, policies, inline } = self;
        let trust = trust.iter().map(|need| need.principal.as_str());
        trust.chain(policies.iter().chain(inline.keys()).map(String::as_str)).collect()
    }

    pub(crate) fn describe(&self) -> String {
        let mut parts = Vec::new();
        if !self.trust.is_empty() {
            let strangers: Vec<&str> = self.trust.iter().map(|need| need.principal.as_str()).collect();
            parts.push(format!("its trust policy does not let {} assume it", strangers.join(", ")));
        }
        if !self.policies.is_empty() {
            let policies = self.policies.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            parts.push(format!("{policies} is not attached"));
        }
        if !self.inline.is_empty() {
            let policies = self.inline.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            parts.push(format!("it has no inline policy like {policies}"));
        }
        parts.join(", and ")
    }
}

/// What a scope put on a role and no longer needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excess {
    /// Its own inline policies, by their names in AWS.
    pub inline: BTreeSet<String>,
    /// Managed policies that Pipewright attached; only where nobody else owns the role and Pipewright made
    /// it.
    pub policies: BTreeSet<String>,
    /// The keys of the own records of these, and of what is attached no longer: a pass may have ended after it
    /// detached one.
    pub records: BTreeSet<String>,
}

impl Excess {
    /// What `scope` may take off `role` again.
    pub(crate) fn of(needed: &RoleDeclared, live: &Live, role: &RoleObserved, scope: &Scope) -> Self {
        let meant = inline_of(needed, scope);
        let alone = is_created(live) && is_alone(live, scope);
        let recorded = |arn: &&String| tags::is_attached_by_a_scope(&live.tags, arn);
        let attached = role.managed_policies.difference(&needed.managed_policies);
        let policies: BTreeSet<String> = attached.filter(|_| alone).filter(recorded).cloned().collect();
        let staying = role.managed_policies.difference(&policies).chain(&needed.managed_policies);
        let staying: BTreeSet<String> = staying.map(|arn| tags::attached_key(arn, scope)).collect();
        let records = live.tags.keys().filter(|key| tags::is_attached_key_of(key, scope));
        Self {
            inline: own_inline(role, scope).filter(|name| !meant.contains_key(*name)).cloned().collect(),
            records: records.filter(|key| alone && !staying.contains(*key)).cloned().collect(),
            policies,
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        let Self { inline, policies, records } = self;
        inline.is_empty() && policies.is_empty() && records.is_empty()
    }
}

/// The inline policies that the specs of a scope declare, by their names in AWS.
pub(crate) fn inline_of(declared: &RoleDeclared, scope: &Scope) -> BTreeMap<String, Value> {
    let all = declared.inline_policies.iter();
    all.map(|(name, document)| (inline_name(scope, name), document.clone())).collect()
}

/// The names in AWS of the inline policies that a scope wrote on a role.
pub(crate) fn own_inline<'a>(role: &'a RoleObserved, scope: &Scope) -> impl Iterator<Item = &'a String> {
    role.inline_policies.keys().filter(move |name| inline_owner(name) == Some(scope.as_str()))
}

/// The tags that record that these managed policies are attached by Pipewright. Of the policy that a fixed
/// role always has, none is needed.
pub(crate) fn attached_records(role: &str, policies: &BTreeSet<String>, scope: &Scope) -> Tags {
    let recorded = policies.iter().filter(|arn| !is_of_fixed(role, arn));
    recorded.map(|arn| (tags::attached_key(arn, scope), "true".to_owned())).collect()
}

/// What is on a role that Pipewright did not put there, which is a reason to keep it.
pub(crate) fn unknown_content(role: &str, live: &Live, body: &RoleObserved) -> Option<String> {
    let services = FixedRole::named(role).map_or(&[][..], |fixed| fixed.trusted_services);
    if let Some(statement) = policy::foreign_statement(&body.trust, services) {
        return Some(format!("somebody else wrote {statement} in its trust policy"));
    }
    let known = |arn: &String| is_of_fixed(role, arn) || tags::is_attached_by_a_scope(&live.tags, arn);
    if let Some(arn) = body.managed_policies.iter().find(|arn| !known(arn)) {
        return Some(format!("somebody else attached {arn}"));
    }
    let name = foreign_inline(body)?;
    Some(format!("somebody else added the inline policy {name}"))
}

/// An inline policy that no scope wrote.
fn foreign_inline(body: &RoleObserved) -> Option<&str> {
    body.inline_policies.keys().map(String::as_str).find(|name| inline_owner(name).is_none())
}

/// Whether a scope is the only owner of a role.
pub(crate) fn is_alone(live: &Live, scope: &Scope) -> bool {
    let owners = Owners::of(&live.tags, scope);
    owners.own.is_some() && owners.others.is_empty()
}

/// Whether Pipewright made a role.
pub(crate) fn is_created(live: &Live) -> bool {
    live.tags.get(tags::ORIGIN).is_some_and(|origin| origin == tags::CREATED)
}

fn is_of_fixed(role: &str, policy_arn: &str) -> bool {
    FixedRole::named(role).is_some_and(|fixed| policy_arn.rsplit('/').next() == Some(fixed.managed_policy))
}

/// A denial in the way of what the specs need, with what to do about it. No statement that Pipewright could
/// add would help, and what others denied is not taken out.
pub(crate) fn contradiction(
    declared: &RoleDeclared,
    live: &Live,
    body: &RoleObserved,
    scope: &Scope,
) -> Option<(String, String)> {
    let mut owners = tags::owners(&live.tags);
    owners.insert(scope.to_string(), tags::listed(scope, &declared.needed_by));
    let statement = |sid: String| {
        if sid.is_empty() { "a statement".to_owned() } else { format!("the statement {sid}") }
    };
    let denied = declared
        .trust_needs()
        .into_iter()
        .find_map(|need| policy::denial(&body.trust, &need).map(|sid| (need, sid)));
    if let Some((need, sid)) = denied {
        let message = format!(
            "has {} in its trust policy that denies it to {}, against the needs of {}",
            statement(sid),
            need.principal.as_str(),
            describe_owners(&owners)
        );
        let hint =
            "take the denial out of the trust policy, or limit it by `aws:SourceAccount` to other accounts";
        return Some((message, hint.to_owned()));
    }
    let of_others =
        body.inline_policies.iter().filter(|(name, _)| inline_owner(name) != Some(scope.as_str()));
    let (theirs, ours, sid) = of_others
        .flat_map(|theirs| declared.inline_policies.iter().map(move |ours| (theirs, ours)))
        .find_map(|(theirs, ours)| {
            policy::denial_of_allowed(theirs.1, ours.1).map(|sid| (theirs.0, ours.0, sid))
        })?;
    let whose = inline_owner(theirs).map_or_else(
        || "somebody else".to_owned(),
        |other| match owners.get(other) {
            Some(specs) => format!("{other} ({specs})"),
            None => other.to_owned(),
        },
    );
    let own = &owners[scope.as_str()];
    let message = format!(
        "has {} in the inline policy {theirs} of {whose} that denies what the inline policy {ours} of {scope} \
         ({own}) allows",
        statement(sid)
    );
    let hint = "take the denial or the permission out, or let one of them have a role of its own";
    Some((message, hint.to_owned()))
}
