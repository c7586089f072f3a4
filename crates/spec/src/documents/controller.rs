//! `Controller`: the scope, its accounts and regions, and what plans may do.

use pipewright_model::{Environment, Mode, Policy};

use super::account::AccountId;
use super::scalars::{IdentifierPrefix, Name, Region, RoleArn, Uid, Whole};
use super::{SecretRef, Target};
use crate::read::{Checks, Located, Reader, choice, record};
use crate::tree::Node;

record! {
    /// One per spec root. Its name is the scope: the identity under which this controller records
    /// ownership in AWS tags. Never change it while the controller owns something.
    pub(crate) struct ControllerSpec {
        /// A UUID that tells this spec root from another one whose Controller has the same name. Give it once,
        /// and never change it.
        uid: Option<Uid>,
        /// The accounts and regions that pipelines can be in.
        environments: Vec<EnvironmentSpec>,
        /// What plans may do. Without it, everything.
        policy: Option<PolicySpec>,
        /// How passwords and other secrets that changed are noticed. Without it, a changed password is sent only
        /// along with another change of its endpoint.
        rotation: Option<RotationSpec>,
        /// What AWS identifiers start with, before a hyphen; the controller's name unless given. Empty
        /// for no prefix.
        identifier_prefix: Option<IdentifierPrefix>,
    }
}

impl Checks for ControllerSpec {
    fn check(&self, node: &Node, reader: &mut Reader<'_>) {
        if self.environments.is_empty() {
            let at = node.get("environments").map_or(node.at, |list| list.at);
            reader.error_with_hint(
                at,
                "there is no environment",
                "name at least one account and region: {name, accountId, region}",
            );
        }
        let mut first = std::collections::BTreeMap::new();
        for environment in &self.environments {
            let name = &environment.name;
            if let Some(at) = first.insert(name.0.as_str(), name.at) {
                let place = reader.sources.place(name.at);
                let earlier = reader.sources.place(at);
                let message = format!("two environments are called `{}`", name.0);
                reader.found.push(crate::Diagnostic::new(place, message).also(earlier, "the other one"));
            }
        }
    }
}

record! {
    /// One account and region.
    pub(crate) struct EnvironmentSpec {
        /// The name by which documents say that they are in it.
        name: Located<Name>,
        /// The twelve digits of the account, best in quotes. Checked against AWS before anything is read
        /// or written.
        account_id: AccountId,
        /// The region, for example `us-east-1`.
        region: Located<Region>,
        /// The role to assume before reading or writing; without it, the caller's own credentials are
        /// used as they are.
        assume_role_arn: Option<RoleArn>,
    }
}

impl Checks for EnvironmentSpec {}

impl Target for EnvironmentSpec {
    const KIND: &'static str = "environment";
}

impl EnvironmentSpec {
    pub(crate) fn to_model(&self) -> Environment {
        Environment {
            name: self.name.0.clone(),
            account_id: self.account_id.0.clone(),
            region: self.region.0.clone(),
            assume_role_arn: self.assume_role_arn.as_ref().map(|arn| arn.0.clone()),
        }
    }
}

record! {
    /// What plans may do.
    pub(crate) struct PolicySpec {
        /// Which kinds of action are planned: `sync`, which is all, unless given.
        mode: Option<ModeWord>,
        /// The most deletes in one plan; a plan with more is refused. No limit unless given.
        max_deletes: Option<u32>,
        /// The most deletes in one plan, in percent of the resources that the scope owns. No limit unless
        /// given.
        max_delete_percent: Option<Whole<0, 100>>,
        /// Whether everything of an environment may be deleted when no document is left in it: false unless
        /// given.
        allow_empty: Option<bool>,
        /// Whether the deletion of what no document declares any more needs `--approve destroys` as well:
        /// false unless given.
        deletes_need_approval: Option<bool>,
    }
}

impl Checks for PolicySpec {}

impl PolicySpec {
    pub(crate) fn to_model(&self) -> Policy {
        Policy {
            mode: self.mode.map(Into::into).unwrap_or_default(),
            max_deletes: self.max_deletes,
            allow_empty: self.allow_empty.unwrap_or_default(),
            deletes_need_approval: self.deletes_need_approval.unwrap_or_default(),
            max_delete_percent: self.max_delete_percent.map(|percent| percent.0.unsigned_abs()),
        }
    }
}

record! {
    /// How passwords and other secrets that changed are noticed.
    pub(crate) struct RotationSpec {
        /// Where a key of at least sixteen random bytes is read, under which the tag `pipewright:secrets` of
        /// each endpoint remembers which secrets were sent.
        key_from: Option<SecretRef>,
        /// Where the key is read that was used before `keyFrom`. While it is given, another key sends no
        /// password anew.
        previous_key_from: Option<SecretRef>,
        /// Whether the versions of the secrets that DMS reads by itself (`credentials: {secretsManager}`) are
        /// looked at, and the connections tested when there is another one: false unless given.
        secret_versions: Option<bool>,
    }
}

impl Checks for RotationSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        if let Some(previous) = node.get("previousKeyFrom")
            && node.get("keyFrom").is_none()
        {
            reader.error_with_hint(
                previous.at,
                "`previousKeyFrom` is given without `keyFrom`",
                "the key that is used is `keyFrom`",
            );
        }
    }
}

choice! {
    /// Which kinds of action are planned.
    pub(crate) enum ModeWord {
        /// Creates, updates and deletes.
        Sync = "sync",
        /// Creates and updates; nothing is deleted and no shared role is left.
        UpsertOnly = "upsert-only",
        /// Creates only.
        CreateOnly = "create-only",
    }
}

impl From<ModeWord> for Mode {
    fn from(word: ModeWord) -> Self {
        match word {
            ModeWord::Sync => Self::Sync,
            ModeWord::UpsertOnly => Self::UpsertOnly,
            ModeWord::CreateOnly => Self::CreateOnly,
        }
    }
}
