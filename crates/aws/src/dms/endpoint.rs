//! Endpoints.

use std::collections::BTreeMap;

use aws_sdk_databasemigration::types::{DmsSslModeValue, Endpoint, ReplicationEndpointTypeValue};
use pipewright_engine::CallError;
use pipewright_model::kinds::{EndpointDeclared, EndpointObserved, EndpointType};
use pipewright_model::tags::Tags;
use pipewright_model::{Kind, Live, LiveBody, ResourceId, Secret};

use super::{Dms, PAGE_SIZE, Page, filled, pages, settings, tags};
use crate::error::{Named, absent_is_fine, redacted, refused};

const CREATE: &str = "dms:CreateEndpoint";
const MODIFY: &str = "dms:ModifyEndpoint";

/// Every endpoint.
pub(crate) async fn list(dms: &Dms) -> Result<BTreeMap<ResourceId, Live>, CallError> {
    let endpoints = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_endpoints()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeEndpoints")?;
        Ok(Page { items: answer.endpoints, marker: answer.marker })
    })
    .await?;
    Ok(endpoints
        .into_iter()
        .map(|endpoint| {
            let name = endpoint.endpoint_identifier().unwrap_or_default();
            let id = ResourceId::new(Kind::Endpoint, name);
            let live = Live {
                arn: endpoint.endpoint_arn().unwrap_or_default().to_owned(),
                tags: Tags::new(),
                body: LiveBody::Endpoint(observed(endpoint)),
            };
            (id, live)
        })
        .collect())
}

fn observed(endpoint: Endpoint) -> EndpointObserved {
    let settings = settings::found(&endpoint);
    EndpointObserved {
        endpoint_type: endpoint_type(endpoint.endpoint_type.as_ref()),
        engine: endpoint.engine_name.unwrap_or_default(),
        server_name: filled(endpoint.server_name),
        port: endpoint.port,
        database_name: filled(endpoint.database_name),
        username: filled(endpoint.username),
        ssl_mode: endpoint.ssl_mode.map(|mode| mode.as_str().to_owned()),
        certificate_arn: filled(endpoint.certificate_arn),
        kms_key_id: filled(endpoint.kms_key_id),
        extra_connection_attributes: filled(endpoint.extra_connection_attributes),
        settings,
        status: endpoint.status.unwrap_or_default(),
    }
}

/// Describe answers `SOURCE` and `TARGET` where Create takes `source` and `target`.
fn endpoint_type(found: Option<&ReplicationEndpointTypeValue>) -> EndpointType {
    match found {
        Some(word) if word.as_str().eq_ignore_ascii_case("target") => EndpointType::Target,
        _ => EndpointType::Source,
    }
}

/// Makes an endpoint that checks its server with the certificate of this ARN, if one is given; its ARN.
pub(crate) async fn create(
    dms: &Dms,
    id: &ResourceId,
    declared: &EndpointDeclared,
    certificate: Option<&str>,
    tags: &Tags,
) -> Result<Option<String>, CallError> {
    let call = dms
        .client()
        .await
        .create_endpoint()
        .endpoint_identifier(&id.name)
        .endpoint_type(ReplicationEndpointTypeValue::from(declared.endpoint_type.as_str()))
        .engine_name(&declared.engine)
        .set_server_name(declared.server_name.clone())
        .set_port(declared.port)
        .set_database_name(declared.database_name.clone())
        .set_username(declared.username.clone())
        .set_password(declared.password.as_ref().map(|secret| secret.expose().to_owned()))
        .set_ssl_mode(declared.ssl_mode.as_deref().map(DmsSslModeValue::from))
        .set_certificate_arn(certificate.map(str::to_owned))
        .set_kms_key_id(declared.kms_key_id.clone())
        .set_extra_connection_attributes(declared.extra_connection_attributes.clone())
        .set_tags(tags::of(tags));
    let call = settings::create(call, declared)
        .map_err(|error| refused(CREATE, "InvalidSettings", error.to_string()))?;
    // The call is large, with room for the settings of every engine.
    let answer =
        Box::pin(call.send()).await.named(CREATE).map_err(|error| redacted(error, secrets(declared)))?;
    Ok(answer.endpoint.and_then(|endpoint| endpoint.endpoint_arn))
}

/// Changes an endpoint; settings that are not declared stay as they are.
pub(crate) async fn modify(
    dms: &Dms,
    arn: &str,
    declared: &EndpointDeclared,
    certificate: Option<&str>,
) -> Result<(), CallError> {
    let call = dms
        .client()
        .await
        .modify_endpoint()
        .endpoint_arn(arn)
        .endpoint_type(ReplicationEndpointTypeValue::from(declared.endpoint_type.as_str()))
        .engine_name(&declared.engine)
        .set_server_name(declared.server_name.clone())
        .set_port(declared.port)
        .set_database_name(declared.database_name.clone())
        .set_username(declared.username.clone())
        .set_password(declared.password.as_ref().map(|secret| secret.expose().to_owned()))
        .set_ssl_mode(declared.ssl_mode.as_deref().map(DmsSslModeValue::from))
        .set_certificate_arn(certificate.map(str::to_owned))
        .set_extra_connection_attributes(declared.extra_connection_attributes.clone())
        .exact_settings(false);
    let call = settings::modify(call, declared)
        .map_err(|error| refused(MODIFY, "InvalidSettings", error.to_string()))?;
    Box::pin(call.send()).await.named(MODIFY).map_err(|error| redacted(error, secrets(declared)))?;
    Ok(())
}

fn secrets(declared: &EndpointDeclared) -> impl Iterator<Item = &Secret> {
    declared.secrets().map(|(_, secret)| secret)
}

/// Deletes an endpoint. That it is gone is as good.
pub(crate) async fn delete(dms: &Dms, arn: &str) -> Result<(), CallError> {
    let done =
        dms.client().await.delete_endpoint().endpoint_arn(arn).send().await.named("dms:DeleteEndpoint");
    absent_is_fine(done.map(drop))
}
