//! Subnet groups, instances and endpoints, of a pipeline or of their own documents.

use std::collections::BTreeMap;

use pipewright_model::kinds::{EndpointDeclared, EndpointType, InstanceDeclared, SubnetGroupDeclared};
use pipewright_model::{Body as ModelBody, Kind, Ref, ResourceId};
use serde_json::json;

use super::keep::given;
use super::{Compiler, Origin};
use crate::documents::{
    ApplyChanges, EndpointSpec, InstanceSpec, Line, NameOf, SecretRef, ServiceRoleSpec, SubnetGroupSpec,
};
use crate::read::{Located, Read, Reader};
use crate::roles;
use crate::sources::At;

impl Compiler<'_> {
    pub(super) fn subnet_group(&mut self, spec: &SubnetGroupSpec, origin: &Origin<'_>, at: At) -> ResourceId {
        let given = given(spec.identifier.as_ref(), spec.import.as_ref());
        let id = self.identifiers.make(Kind::SubnetGroup, origin.name, "", given, at);
        let description = match &spec.description {
            Some(text) => text.0.clone(),
            None => format!("Managed by Pipewright for {}", origin.spec),
        };
        let subnet_ids = spec.subnet_ids.iter().map(|id| id.0.clone()).collect();
        let body = ModelBody::SubnetGroup(SubnetGroupDeclared { description, subnet_ids });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        self.keep(&id, origin, spec.import.as_ref(), spec.protect);
        id
    }

    pub(super) fn instance(&mut self, spec: &InstanceSpec, origin: &Origin<'_>, at: At) -> ResourceId {
        let subnet_group = match (&spec.subnet_group, &spec.subnet_group_ref) {
            (Some(group), _) => Some(Ref::Managed(self.subnet_group(group, origin, at))),
            (None, Some(reference)) => self.reference(reference, Kind::SubnetGroup),
            (None, None) => None,
        };
        let given = given(spec.identifier.as_ref(), spec.import.as_ref());
        let id = self.identifiers.make(Kind::Instance, origin.name, "", given, at);
        let body = ModelBody::Instance(InstanceDeclared {
            class: spec.class.0.clone(),
            allocated_storage: spec.allocated_storage.map(|storage| storage.0),
            multi_az: spec.multi_az,
            engine_version: spec.engine_version.clone(),
            auto_minor_version_upgrade: spec.auto_minor_version_upgrade,
            publicly_accessible: spec.publicly_accessible,
            preferred_maintenance_window: spec
                .preferred_maintenance_window
                .as_ref()
                .map(|window| window.0.clone()),
            availability_zone: spec.availability_zone.as_ref().map(|zone| zone.0.clone()),
            kms_key_id: spec.kms_key_id.as_ref().map(|key| key.0.clone()),
            network_type: spec.network_type.map(|kind| kind.as_str().to_owned()),
            dns_name_servers: spec
                .dns_name_servers
                .as_ref()
                .map(|servers| servers.iter().map(|server| server.0.clone()).collect()),
            subnet_group,
            vpc_security_group_ids: spec
                .vpc_security_group_ids
                .as_ref()
                .map(|groups| groups.iter().map(|group| group.0.clone()).collect()),
            apply_immediately: spec.apply_changes != Some(ApplyChanges::InMaintenanceWindow),
        });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        self.keep(&id, origin, spec.import.as_ref(), spec.protect);
        id
    }

    pub(super) fn endpoint(
        &mut self,
        spec: &EndpointSpec,
        endpoint_type: EndpointType,
        suffix: &str,
        origin: &Origin<'_>,
        at: At,
    ) -> ResourceId {
        let given = given(spec.identifier.as_ref(), spec.import.as_ref());
        let id = self.identifiers.make(Kind::Endpoint, origin.name, suffix, given, at);
        let engine = spec.engine.value.0;
        let (mut settings, secrets) = match &spec.settings {
            Some(settings) => crate::engines::settings(engine, &settings.0),
            None => (BTreeMap::new(), Vec::new()),
        };
        let mut secret_settings = BTreeMap::new();
        self.sends_secrets |= !secrets.is_empty();
        for (name, node) in secrets {
            let mut reader = Reader::new(&self.tree.sources);
            if let Some(reference) = SecretRef::read(&node, &mut reader)
                && let Some(secret) = self.secret(&reference)
            {
                secret_settings.insert(name, secret);
            }
        }
        let mut password = None;
        if let Some(credentials) = &spec.credentials {
            if let Some(secret) = &credentials.secrets_manager {
                settings.insert("SecretsManagerSecretId".to_owned(), json!(secret.secret_id.0));
                if let Some(role) = &secret.access_role_arn {
                    settings.insert("SecretsManagerAccessRoleArn".to_owned(), json!(role.0));
                }
            }
            if let Some(iam) = &credentials.iam {
                settings.insert("AuthenticationMethod".to_owned(), json!("iam"));
                if let Some(role) = &iam.access_role_arn {
                    settings.insert("ServiceAccessRoleArn".to_owned(), json!(role.0));
                }
            }
            self.sends_secrets |= credentials.password_from.is_some();
            password = credentials.password_from.as_ref().and_then(|from| self.secret(&from.0));
        }
        let certificate = match (&spec.certificate_ref, &spec.certificate_arn) {
            (Some(name), _) => self.shared(name).map(Ref::Managed),
            (None, arn) => arn.as_ref().map(|arn| Ref::External(arn.0.clone())),
        };
        let line = |line: &Option<Located<Line>>| line.as_ref().map(|line| line.0.clone());
        // DMS takes host and port from the secret, and refuses them beside it (DMS API reference,
        // CreateEndpoint, SecretsManagerSecretId).
        let from_secret =
            spec.credentials.as_ref().is_some_and(|credentials| credentials.secrets_manager.is_some());
        let body = ModelBody::Endpoint(EndpointDeclared {
            endpoint_type,
            engine: engine.name.to_owned(),
            server_name: line(&spec.server_name).filter(|_| !from_secret),
            port: spec.port.as_ref().map(|port| port.0).filter(|_| !from_secret),
            database_name: line(&spec.database_name),
            username: spec.credentials.as_ref().and_then(|credentials| line(&credentials.username)),
            password,
            ssl_mode: spec.ssl_mode.as_ref().map(|mode| mode.word().to_owned()),
            certificate,
            kms_key_id: spec.kms_key_id.as_ref().map(|key| key.0.clone()),
            extra_connection_attributes: spec
                .extra_connection_attributes
                .as_ref()
                .map(|text| text.value.clone()),
            settings,
            roles: spec
                .role_refs()
                .filter_map(|(setting, name)| Some((setting.to_owned(), self.role(name)?)))
                .collect(),
            secret_settings,
        });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        self.keep(&id, origin, spec.import.as_ref(), spec.protect);
        id
    }

    /// The role that a ServiceRole document of the same account declares.
    fn role(&mut self, name: &NameOf<ServiceRoleSpec>) -> Option<Ref> {
        let role = roles::named(self.tree, name)?;
        if role.environment.account_id == self.environment.account_id {
            return Some(Ref::Managed(ResourceId::role(role.name)));
        }
        let message = format!(
            "ServiceRole `{}` is in the account {}, not in {}",
            name.name, role.environment.account_id, self.environment.account_id
        );
        self.error(name.at, message, "declare a ServiceRole in an environment of this account");
        None
    }
}
