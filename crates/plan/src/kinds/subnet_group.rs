//! Replication subnet groups.

use pipewright_model::ResourceId;
use pipewright_model::kinds::{SubnetGroupDeclared, SubnetGroupObserved};

use super::Difference;
use crate::diff::Fields;
use crate::{Mutation, Step};

/// Compares a subnet group; the order of subnets means nothing.
pub(crate) fn difference(
    id: &ResourceId,
    declared: &SubnetGroupDeclared,
    live: &SubnetGroupObserved,
) -> Difference {
    let SubnetGroupDeclared { description, subnet_ids } = declared;
    let mut fields = Fields::default();
    fields.compare("description", Some(description), &live.description);
    fields.compare("subnetIds", Some(subnet_ids), &live.subnet_ids);
    let modify = Mutation::ModifySubnetGroup { id: id.clone(), declared: declared.clone() };
    Difference { fields: fields.0, steps: vec![Step::Call(modify)], ..Difference::default() }
}
