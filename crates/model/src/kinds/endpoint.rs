//! Endpoints: the databases and stores that tasks read from and write to.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::is_arn_of_role;
use crate::{Ref, Secret};

/// Which side of a migration an endpoint serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointType {
    /// Read from.
    Source,
    /// Written to.
    Target,
}

impl EndpointType {
    /// The word of the DMS API; Describe answers it in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

impl EndpointObserved {
    /// Whether its settings or extra connection attributes name the role of this name.
    pub fn names_role(&self, role: &str) -> bool {
        let attributes = self.extra_connection_attributes.iter().flat_map(|all| all.split(';'));
        let attributes = attributes.filter_map(|pair| pair.split_once('=')).map(|(_, value)| value.trim());
        let mut values = self.settings.values().filter_map(Value::as_str).chain(attributes);
        values.any(|value| is_arn_of_role(value, role))
    }
}

impl fmt::Display for EndpointType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An endpoint as the specs declare it. What is `None` is left to AWS, and is not compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointDeclared {
    /// Source or target.
    pub endpoint_type: EndpointType,
    /// The engine, as DMS names it, such as `aurora-postgresql`.
    pub engine: String,
    /// The host.
    pub server_name: Option<String>,
    /// The port.
    pub port: Option<i32>,
    /// The database.
    pub database_name: Option<String>,
    /// The user, where the password is given directly.
    pub username: Option<String>,
    /// The password, where it is given directly. AWS never returns it.
    pub password: Option<Secret>,
    /// `none`, `require`, `verify-ca` or `verify-full`.
    pub ssl_mode: Option<String>,
    /// The certificate that the server is checked with: declared, or an existing one's ARN.
    pub certificate: Option<Ref>,
    /// The KMS key (id, alias or ARN) that encrypts what DMS stores of the connection. Cannot be
    /// changed.
    pub kms_key_id: Option<String>,
    /// Extra connection attributes, `name=value` pairs separated by semicolons.
    pub extra_connection_attributes: Option<String>,
    /// The engine's own settings in the DMS API's member names, Secrets Manager references among them.
    pub settings: BTreeMap<String, Value>,
    /// The settings that hold the ARN of a declared role, in the DMS API's member names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Ref>,
    /// The engine's own settings that are secret, in the DMS API's member names.
    pub secret_settings: BTreeMap<String, Secret>,
}

impl EndpointDeclared {
    /// An endpoint of which nothing else is declared.
    pub fn new(endpoint_type: EndpointType, engine: impl Into<String>) -> Self {
        Self {
            endpoint_type,
            engine: engine.into(),
            server_name: None,
            port: None,
            database_name: None,
            username: None,
            password: None,
            ssl_mode: None,
            certificate: None,
            kms_key_id: None,
            extra_connection_attributes: None,
            settings: BTreeMap::new(),
            roles: BTreeMap::new(),
            secret_settings: BTreeMap::new(),
        }
    }

    /// The ARN or name of the secret of AWS Secrets Manager that DMS reads itself.
    pub fn secret_id(&self) -> Option<&str> {
        self.settings.get("SecretsManagerSecretId").and_then(Value::as_str)
    }

    /// The secrets that are sent to DMS, each with its field as plans call it.
    pub fn secrets(&self) -> impl Iterator<Item = (String, &Secret)> {
        let password = self.password.iter().map(|secret| ("password".to_owned(), secret));
        let settings = self.secret_settings.iter();
        password.chain(settings.map(|(name, secret)| (format!("secretSettings.{name}"), secret)))
    }
}

/// An endpoint as AWS describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointObserved {
    /// Source or target.
    pub endpoint_type: EndpointType,
    /// The engine.
    pub engine: String,
    /// The host.
    pub server_name: Option<String>,
    /// The port.
    pub port: Option<i32>,
    /// The database.
    pub database_name: Option<String>,
    /// The user.
    pub username: Option<String>,
    /// The SSL mode.
    pub ssl_mode: Option<String>,
    /// The certificate's ARN.
    pub certificate_arn: Option<String>,
    /// The KMS key's ARN.
    pub kms_key_id: Option<String>,
    /// Extra connection attributes, in AWS's order.
    pub extra_connection_attributes: Option<String>,
    /// The engine's own settings as AWS returns them, in the DMS API's member names.
    pub settings: BTreeMap<String, Value>,
    /// `active`, `modifying` or `deleting`.
    pub status: String,
}
