//! What changing each field of a spec does, as `x-pipewright-change` beside it in the JSON Schema.
//!
//! It is that of the table by which plans decide; here is only which field of a resource a field of a
//! spec becomes. A field without the mark does what the field does that it is in.

use pipewright_model::{FieldChange, Kind, change_of};
use serde_json::{Map, Value, json};

/// The key in the schema.
pub(super) const MARK: &str = "x-pipewright-change";

/// The mark of what has no meaning but its fields'.
pub(super) const BY_FIELD: &str = "by-field";

/// Marks the fields of all records.
pub(super) fn mark(definitions: &mut Map<String, Value>) {
    for (record, definition) in definitions {
        let Some(properties) = definition.get_mut("properties").and_then(Value::as_object_mut) else {
            continue;
        };
        for (name, property) in properties {
            if let Some(change) = of(record, name) {
                property[MARK] = json!(change.as_str());
            }
        }
    }
}

/// Marks the task settings below a path such as `settings.TargetMetadata`.
pub(super) fn mark_task_settings(schema: &mut Value, path: &str) {
    if let Some(items) = schema.get_mut("items") {
        mark_task_settings(items, path);
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, setting) in properties {
        let path = format!("{path}.{name}");
        if let Some(change) = change_of(Kind::Task, &path) {
            setting[MARK] = json!(change.as_str());
        }
        mark_task_settings(setting, &path);
    }
}

/// What changing an endpoint's setting does.
pub(super) fn of_setting(secret: bool) -> Option<FieldChange> {
    change_of(Kind::Endpoint, if secret { "secretSettings" } else { "settings" })
}

/// What changing a field of a record does; `None` if that is what the field does that the record is in.
fn of(record: &str, field: &str) -> Option<FieldChange> {
    of_resource(record, field).or_else(|| of_document(record, field))
}

/// Of what becomes a field of an AWS resource.
fn of_resource(record: &str, field: &str) -> Option<FieldChange> {
    let field = match field {
        "certificateArn" | "certificateRef" => "certificate",
        "sourceRef" => "source",
        "targetRef" => "target",
        "subnetGroupRef" => "subnetGroup",
        field => field,
    };
    match record {
        "InstanceSpec" | "ReplicationInstanceSpec" => change_of(Kind::Instance, field),
        "SubnetGroupSpec" | "ReplicationSubnetGroupSpec" => change_of(Kind::SubnetGroup, field),
        "EndpointDocumentSpec" if field == "type" => change_of(Kind::Endpoint, "endpointType"),
        "EndpointSpec" | "EndpointDocumentSpec" if field == "accessRoleRef" => {
            change_of(Kind::Endpoint, "settings")
        }
        "EndpointSpec" | "EndpointDocumentSpec" => change_of(Kind::Endpoint, field),
        "EventSubscriptionSpec" => change_of(Kind::EventSubscription, field),
        "ServerlessSpec" => change_of(Kind::ReplicationConfig, &format!("compute.{field}"))
            .or_else(|| change_of(Kind::ReplicationConfig, field)),
        "PipelineSpec" => change_of(Kind::Task, field),
        "CdcSpec" => change_of(Kind::Task, &format!("cdc.{field}")),
        "RunSpec" if field == "desired" => change_of(Kind::Task, "run"),
        "MigrationSpec" => match field {
            "type" => change_of(Kind::Task, "migrationType"),
            "tables" | "mappings" | "mappingsFile" => change_of(Kind::Task, "tableMappings"),
            field => change_of(Kind::Task, field),
        },
        "ComputeSpec" if field.starts_with("instance") => change_of(Kind::Task, "instance"),
        "CredentialsSpec" => match field {
            "iam" | "secretsManager" => change_of(Kind::Endpoint, "settings"),
            "passwordFrom" => change_of(Kind::Endpoint, "password"),
            field => change_of(Kind::Endpoint, field),
        },
        _ => None,
    }
}

/// Of what tells which resources there are, who owns them, and what Pipewright does about them.
fn of_document(record: &str, field: &str) -> Option<FieldChange> {
    Some(match (record, field) {
        // They name another resource of the field that they are in.
        ("OutsideSpec", _) => return None,
        // The other environment is looked at; what is in this one is left as it is.
        ("EnvironmentSpec", "accountId" | "assumeRoleArn" | "name" | "region")
        | ("ControllerSpec", "environments" | "policy" | "rotation")
        // They allow and forbid.
        | ("InstanceSpec" | "ReplicationInstanceSpec", "applyChanges")
        | ("MigrationSpec", "allowUnknownSettings")
        | ("PolicySpec" | "RotationSpec", _)
        | ("RecoverySpec" | "TablesInErrorSpec", _)
        | ("RunSpec", "onChange" | "recovery" | "tablesInError")
        | (_, "approvals")
        | ("ServiceRoleSpec" | "ServiceRolesSpec", "adopt")
        // It is written when the role is made, and not looked at again.
        | ("ServiceRoleSpec", "description")
        | ("PipelineSpec", "run" | "suspend")
        | ("ImportSpec", "from")
        // They are tags.
        | (_, "deletionPolicy" | "labels" | "protect" | "tags") => FieldChange::Free,
        ("RunSpec", "startAfter") | ("AssessmentSpec" | "PipelineUntilSpec" | "StartGatesSpec", _) => FieldChange::AtFirstStart,
        ("ControllerSpec", "identifierPrefix")
        | ("Metadata", "name")
        | ("ServiceRoleSpec", "roleName")
        | (_, "environment" | "identifier" | "import") => FieldChange::Destroys,
        // The controller is another one then, to which what is there is somebody else's.
        ("ControllerSpec", "uid")
        // A boundary is set only when the role is made.
        | ("ServiceRoleSpec", "permissionsBoundary")
        // Nothing carries the position over from one kind of compute to the other.
        | ("ComputeSpec", "serverless") => FieldChange::HeldBack,
        // Another content is another certificate; endpoints go over to it.
        ("CertificateSpec", "pem" | "wallet")
        | ("EndpointSpec" | "EndpointDocumentSpec", "credentials") => FieldChange::StopsUsers,
        ("PipelineSpec", "migration") | ("MigrationSpec", "cdc") => FieldChange::StopsTask,
        ("PipelineSpec", "compute") => FieldChange::MovesTask,
        (_, "serviceRoles")
        | ("ServiceRoleSpec", "inlinePolicies" | "limitTrust" | "managedPolicies" | "trust")
        | ("ServiceRolesSpec", "manage") => FieldChange::InPlace,
        _ => return None,
    })
}
