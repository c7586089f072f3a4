//! A small IAM: what each call does to one role, and how a role ages.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use pipewright_model::kinds::{FixedRole, RoleObserved, SubnetGroupObserved};
use pipewright_model::tags::{self, DrainMark, Tags};
use pipewright_model::{Live, LiveBody, Timestamp};
use pipewright_plan::Mutation;
use pipewright_testkit::live_role;
use serde_json::json;

/// It is always this time: what is older is older by its own date. States that differ only in when they
/// come about are then the same.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

/// One tick of the model's time. Within a tick a read may answer what was before the last change; a
/// change is seen by every read of the next tick.
pub(crate) const TICK: Duration = Duration::from_mins(1);

/// Why a call failed. What the caller does is the same for each: it looks at the account again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    AlreadyExists,
    NoSuchEntity,
    DeleteConflict,
}

/// The role after a call.
pub(crate) fn after(role: Option<&Live>, mutation: &Mutation, next_id: u8) -> Result<Option<Live>, Refused> {
    if let Mutation::CreateRole { trust, tags, .. } = mutation {
        if role.is_some() {
            return Err(Refused::AlreadyExists);
        }
        let body = RoleObserved {
            role_id: format!("AROA{next_id}"),
            path: "/".to_owned(),
            trust: trust.clone(),
            managed_policies: BTreeSet::new(),
            inline_policies: BTreeMap::new(),
            permissions_boundary: None,
        };
        return Ok(Some(Live {
            arn: "arn:aws:iam::111122223333:role/dms-vpc-role".to_owned(),
            tags: tags.clone(),
            body: LiveBody::ServiceRole(body),
        }));
    }
    let mut live = role.ok_or(Refused::NoSuchEntity)?.clone();
    let LiveBody::ServiceRole(body) = &mut live.body else {
        panic!("not a role: {live:?}");
    };
    match mutation {
        Mutation::UpdateTrust { trust, .. } => body.trust = trust.clone(),
        Mutation::AttachRolePolicy { policy_arn, .. } => {
            body.managed_policies.insert(policy_arn.clone());
        }
        Mutation::DetachRolePolicy { policy_arn, .. } => {
            if !body.managed_policies.remove(policy_arn) {
                return Err(Refused::NoSuchEntity);
            }
        }
        Mutation::PutRolePolicy { policy, document, .. } => {
            body.inline_policies.insert(policy.clone(), document.clone());
        }
        Mutation::DeleteRolePolicy { policy, .. } => {
            body.inline_policies.remove(policy).ok_or(Refused::NoSuchEntity)?;
        }
        Mutation::TagRole { tags, .. } => live.tags.extend(tags.clone()),
        Mutation::MarkDrain { scope, role_id, since, pass, .. } => {
            let (scope, role_id) = (scope.clone(), role_id.clone());
            let mark = DrainMark { scope, role_id, since: since.unwrap_or_else(now), pass: *pass };
            live.tags.insert(tags::DRAIN.to_owned(), mark.to_string());
        }
        Mutation::UntagRole { keys, .. } => live.tags.retain(|key, _| !keys.contains(key)),
        Mutation::DeleteRole { .. }
            if !body.managed_policies.is_empty() || !body.inline_policies.is_empty() =>
        {
            return Err(Refused::DeleteConflict);
        }
        Mutation::DeleteRole { .. } => return Ok(None),
        other => panic!("not a call of roles: {other:?}"),
    }
    Ok(Some(live))
}

/// The role one tick later: its drain mark is older, up to `oldest` ticks.
pub(crate) fn aged(live: &Live, oldest: u32) -> Live {
    let mut live = live.clone();
    if let Some(mut mark) = mark(&live.tags) {
        let age = now().since(mark.since);
        if age < TICK * oldest {
            mark.since = Timestamp::from_millis(mark.since.as_millis() - millis(TICK));
            live.tags.insert(tags::DRAIN.to_owned(), mark.to_string());
        }
    }
    live
}

/// How many ticks ago this very role was marked as draining.
pub(crate) fn drained_for(live: &Live) -> Option<u32> {
    let mark = mark(&live.tags)?;
    let LiveBody::ServiceRole(body) = &live.body else { return None };
    (mark.role_id == body.role_id)
        .then(|| u32::try_from(now().since(mark.since).as_secs() / TICK.as_secs()).expect("few ticks"))
}

pub(crate) fn mark(tags: &Tags) -> Option<DrainMark> {
    DrainMark::of(tags).map(|mark| mark.expect("only the protocol writes marks"))
}

/// A subnet group of somebody who never heard of Pipewright; DMS needs the role for it.
pub(crate) fn subnet_group_of_a_stranger() -> Live {
    Live {
        arn: "arn:aws:dms:us-east-1:111122223333:subgrp:strangers".to_owned(),
        tags: Tags::new(),
        body: LiveBody::SubnetGroup(SubnetGroupObserved {
            description: "of a stranger".to_owned(),
            subnet_ids: BTreeSet::from(["subnet-0a1b2c3d".to_owned()]),
            status: "Complete".to_owned(),
        }),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("minutes")
}

/// Before every grace time.
pub(crate) fn long_ago() -> Timestamp {
    Timestamp::from_millis(now().as_millis() - millis(TICK) * 100)
}

/// The id of a role that Pipewright did not make.
pub(crate) const FOUND: &str = "AROAFOUND";

/// A role that somebody made by hand, and that serves.
pub(crate) fn found_role() -> Live {
    let declared = FixedRole::VPC.declared("aws", BTreeSet::new(), true);
    let mut live = live_role(&declared, Tags::new());
    if let LiveBody::ServiceRole(body) = &mut live.body {
        FOUND.clone_into(&mut body.role_id);
    }
    live
}

/// What the `Sid` of a stranger's statement is.
pub(crate) const STRANGERS_SID: &str = "Operators";

/// The role after somebody who never heard of Pipewright let another account in.
pub(crate) fn with_statement_of_a_stranger(live: &Live) -> Live {
    let mut live = live.clone();
    let LiveBody::ServiceRole(body) = &mut live.body else {
        panic!("not a role: {live:?}");
    };
    let statement = json!({"Sid": STRANGERS_SID, "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "444455556666"}});
    body.trust["Statement"].as_array_mut().expect("a list of statements").push(statement);
    live
}

/// Hides that statement.
pub(crate) fn without_statement_of_a_stranger(live: &mut Live) {
    let LiveBody::ServiceRole(body) = &mut live.body else {
        panic!("not a role: {live:?}");
    };
    let statements = body.trust["Statement"].as_array_mut().expect("a list of statements");
    statements.retain(|statement| statement["Sid"] != STRANGERS_SID);
}
