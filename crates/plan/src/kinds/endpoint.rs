//! Endpoints.

use pipewright_model::kinds::{EndpointDeclared, EndpointObserved};
use pipewright_model::settings::{self, FieldType};
use pipewright_model::{Observed, ResourceId};
use serde_json::{Value, json};

use super::{Difference, arn_of, name_of, settle_unreturned};
use crate::diff::{Fields, Terms, attribute_pairs, document, same_attribute, same_kms_key};
use crate::{Mutation, Step, Wait};

/// Compares an endpoint. Passwords cannot be compared: AWS never returns them.
pub(crate) fn difference(
    id: &ResourceId,
    declared: &EndpointDeclared,
    live: &EndpointObserved,
    sent: bool,
    observed: &Observed,
) -> Difference {
    let EndpointDeclared {
        endpoint_type,
        engine,
        server_name,
        port,
        database_name,
        username,
        password: _,
        ssl_mode,
        certificate,
        kms_key_id,
        extra_connection_attributes,
        settings,
        roles,
        secret_settings: _,
    } = declared;

    let mut notes = Vec::new();
    let mut fields = Fields::default();
    fields.compare("endpointType", Some(endpoint_type), &live.endpoint_type);
    fields.compare("engine", Some(engine), &live.engine);
    fields.compare_optional("serverName", server_name.as_ref(), live.server_name.as_ref());
    fields.compare_optional("port", port.as_ref(), live.port.as_ref());
    fields.compare_optional("databaseName", database_name.as_ref(), live.database_name.as_ref());
    fields.compare_optional("username", username.as_ref(), live.username.as_ref());
    // AWS leaves the SSL mode out where the engine has none.
    let live_ssl_mode = live.ssl_mode.clone().unwrap_or_else(|| "none".to_owned());
    fields.compare("sslMode", ssl_mode.as_ref(), &live_ssl_mode);
    if let Some(certificate) = certificate
        && arn_of(certificate, observed) != live.certificate_arn.as_deref()
    {
        let before = live.certificate_arn.as_deref().map(|arn| name_of(arn, observed));
        fields.push("certificate", json!(before), json!(certificate.to_string()));
    }
    if let Some(attributes) = extra_connection_attributes {
        let have = live.extra_connection_attributes.as_deref().unwrap_or_default();
        let (declared, mut have_pairs) = (attribute_pairs(attributes), attribute_pairs(have));
        // AWS answers settings among the attributes too; those are compared as settings.
        have_pairs
            .retain(|name, _| declared.contains_key(name) || settings::of_attribute(engine, name).is_none());
        // AWS drops some of what it understood otherwise; what it kept must be the same.
        let dropped: Vec<&str> =
            declared.keys().filter(|name| !have_pairs.contains_key(*name)).map(String::as_str).collect();
        let kept_alike = have_pairs
            .iter()
            .all(|(name, value)| declared.get(name).is_some_and(|given| same_attribute(given, value)));
        if !kept_alike || (!sent && !dropped.is_empty()) {
            fields.push("extraConnectionAttributes", json!(have), json!(attributes));
        } else if !dropped.is_empty() {
            let dropped = dropped.join(", ");
            notes.push(format!("extraConnectionAttributes: {dropped} was sent, and AWS does not return it"));
        }
    }
    let compared = document(
        "settings",
        &Value::Object(settings.clone().into_iter().collect()),
        &Value::Object(live.settings.clone().into_iter().collect()),
        &EngineTerms(engine),
    );
    fields.0.extend(compared.fields);
    for (setting, role) in roles {
        let live = live.settings.get(setting).and_then(Value::as_str);
        if live.is_none() || arn_of(role, observed) != live {
            fields.push(&format!("settings.{setting}"), json!(live), json!(role.to_string()));
        }
    }

    // S3 and other endpoints that encrypt nothing come back without a key.
    if let (Some(key), Some(live_key)) = (kms_key_id, &live.kms_key_id)
        && !same_kms_key(key, live_key)
    {
        fields.push("kmsKeyId", json!(live_key), json!(key));
    }

    let modify = Mutation::ModifyEndpoint { id: id.clone(), declared: Box::new(declared.clone()) };
    let mut difference = Difference {
        fields: fields.0,
        notes,
        steps: vec![Step::Call(modify), Step::Wait(Wait::Settled(id.clone()))],
    };
    settle_unreturned(compared.unreturned, sent, &mut difference);
    difference
}

/// What is known of an engine's settings, whose paths begin with `settings.`.
struct EngineTerms<'a>(&'a str);

impl Terms for EngineTerms<'_> {
    fn is_word(&self, path: &str) -> bool {
        settings::member_of(self.0)
            .and_then(settings::structure)
            .and_then(|structure| structure.field(path.rsplit('.').next().unwrap_or(path)))
            .is_some_and(|field| matches!(field.ty, FieldType::Enum(_)))
    }
}

/// Whether an endpoint checks its server with the certificate of this ARN, or names it in its settings as
/// Kafka and Redis do (`SslCaCertificateArn`).
pub(crate) fn checks_with(endpoint: &EndpointObserved, certificate: &str) -> bool {
    endpoint.certificate_arn.as_deref() == Some(certificate)
        || endpoint.settings.values().any(|value| value.as_str() == Some(certificate))
}
