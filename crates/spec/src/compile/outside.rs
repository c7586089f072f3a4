//! References: to what other documents declare, and to AWS resources outside.

use pipewright_model::kinds::partition_of;
use pipewright_model::{Environment, Kind, Ref, ResourceId};

use super::Compiler;
use crate::documents::{OutsideSpec, RefTo, Target};
use crate::sources::At;

impl Compiler<'_> {
    /// What a reference stands for. Nothing if that was reported as an error.
    pub(super) fn reference<K: Target>(&mut self, reference: &RefTo<K>, kind: Kind) -> Option<Ref> {
        match reference {
            RefTo::Name(name) => self.shared(name).map(Ref::Managed),
            RefTo::Outside(OutsideSpec { arn: Some(arn), .. }) => {
                if let Some((message, hint)) = unfit(&arn.0, kind, self.environment) {
                    self.error(arn.at, message, &hint);
                    return None;
                }
                self.outside.push((Ref::External(arn.0.clone()), arn.at));
                Some(Ref::External(arn.0.clone()))
            }
            RefTo::Outside(OutsideSpec { identifier, .. }) => {
                let identifier = identifier.as_ref()?;
                let reference = Ref::ExternalId(ResourceId::new(kind, identifier.0.clone()));
                self.outside.push((reference.clone(), identifier.at));
                Some(reference)
            }
        }
    }

    /// What these specs declare is not outside.
    pub(super) fn outside_is_outside(&mut self) {
        let declared: Vec<(At, String, String)> = self
            .outside
            .iter()
            .filter_map(|(reference, at)| {
                let Ref::ExternalId(id) = reference else { return None };
                let declared = self.resources.get(id)?;
                Some((*at, id.to_string(), declared.spec.clone()))
            })
            .collect();
        for (at, id, spec) in declared {
            let message = format!("{id} is declared by these specs, and is not outside");
            self.error(at, message, &format!("refer to `{spec}` by its name"));
        }
    }
}

/// Why an ARN cannot stand for a resource of this kind in this environment, and what to do.
fn unfit(arn: &str, kind: Kind, environment: &Environment) -> Option<(String, String)> {
    // DMS User Guide, "Constructing an Amazon Resource Name (ARN) for AWS DMS".
    let (word, name) = match kind {
        Kind::SubnetGroup => ("subgrp", "a replication subnet group"),
        Kind::Instance => ("rep", "a replication instance"),
        Kind::Endpoint => ("endpoint", "an endpoint"),
        Kind::Task => ("task", "a replication task"),
        // Nothing refers to the others by ARN.
        _ => return None,
    };
    let Environment { account_id, region, .. } = environment;
    let partition = partition_of(region);
    let example = format!("write it as arn:{partition}:dms:{region}:{account_id}:{word}:…");
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let [scheme, in_partition, service, in_region, in_account, of_word, rest] = parts.as_slice() else {
        return Some((format!("`{}` is not the ARN of {name}", short(arn)), example));
    };
    if *scheme != "arn" || *service != "dms" || of_word != &word || rest.is_empty() {
        return Some((format!("`{}` is not the ARN of {name}", short(arn)), example));
    }
    let here = format!("this document is in account {account_id}, {region}");
    if in_partition != &partition || in_region != region {
        let message = format!("the ARN is of the region {}, and {here}", short(in_region));
        return Some((message, "DMS connects resources of one region only".to_owned()));
    }
    if in_account != account_id {
        let message = format!("the ARN is of account {}, and {here}", short(in_account));
        return Some((message, "DMS connects resources of one account only".to_owned()));
    }
    None
}

/// A text cut to what an error can show.
fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
