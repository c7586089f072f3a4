//! Connecting: where AWS is, who calls, and how patiently.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_databasemigration::config::{AppName, Region, SharedHttpClient, StalledStreamProtectionConfig};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use pipewright_model::Secret;

use crate::cloudwatch::CloudWatch;
use crate::dms::Dms;
use crate::iam::Iam;
use crate::limiter::Limiter;
use crate::read::AwsRead;
use crate::secrets_manager::SecretsManager;
use crate::sts::{Account, Sts};
use crate::write::AwsWrite;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a read is tried by the SDK itself. Writes are tried once: after a lost answer somebody
/// must look whether the call took effect.
const READ_ATTEMPTS: u32 = 3;

/// How to reach one account and region.
#[derive(Debug, Clone)]
pub struct Options {
    /// The region, for example `us-east-1`.
    pub region: String,
    /// Other regions of the same account, which are only looked into.
    pub other_regions: BTreeSet<String>,
    /// Where DMS, IAM, Secrets Manager and STS all are, instead of AWS's own endpoints: an emulator or a proxy.
    pub endpoint_url: Option<String>,
    /// Fixed credentials, for an emulator. Without them the SDK's default chain is asked: environment,
    /// profile, SSO, container and instance roles.
    pub credentials: Option<StaticCredentials>,
    /// The profile of the shared AWS configuration files that the default chain starts from.
    pub profile: Option<String>,
    /// A role to assume with those credentials.
    pub assume_role_arn: Option<String>,
    /// The client-side limit on DMS calls; none means no limit.
    pub rate_limit: Option<RateLimit>,
}

impl Options {
    /// AWS itself in this region, by the default credentials, within AWS's rate limit.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            other_regions: BTreeSet::new(),
            endpoint_url: None,
            credentials: None,
            profile: None,
            assume_role_arn: None,
            rate_limit: Some(RateLimit::DMS),
        }
    }
}

/// A fixed access key.
#[derive(Debug, Clone)]
pub struct StaticCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token, for temporary credentials.
    pub session_token: Option<Secret>,
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// How many calls can be made at once.
    pub burst: u32,
    /// How many calls a second can be made after that. Above zero.
    pub per_second: f64,
}

impl RateLimit {
    /// What DMS allows an account and region (DMS User Guide, "Quotas for AWS Database Migration
    /// Service": 200 requests, refilled at 8 a second).
    pub const DMS: Self = Self { burst: 200, per_second: 8.0 };
}

/// Options that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint URL is none.
    #[error("`{0}` is not an endpoint URL: write it like http://127.0.0.1:4566 or https://proxy.example.com")]
    EndpointUrl(String),
    /// The role to assume is no role's ARN.
    #[error("`{0}` is not the ARN of a role: write it like arn:aws:iam::111122223333:role/pipewright")]
    RoleArn(String),
    /// The region is no region's name.
    #[error("`{0}` is not the name of a region: write it like us-east-1")]
    Region(String),
}

/// One account and region of AWS, or of what stands in for it.
///
/// Cheap to clone; clones share connections, credentials and the rate limiter.
#[derive(Debug, Clone)]
pub struct Aws {
    reads: SdkConfig,
    writes: SdkConfig,
    limiter: Option<Arc<Limiter>>,
    account: Account,
    /// What reads other regions, each with its own rate limit, as AWS has it.
    others: BTreeMap<String, Dms>,
}

impl Aws {
    /// Prepares to call AWS. Nothing is called yet, except what finding the credentials takes.
    pub async fn connect(options: Options) -> Result<Self, ConnectError> {
        check(&options)?;
        let base = base_config(&options).await;
        let base = match &options.assume_role_arn {
            None => base,
            Some(role) => {
                let provider = AssumeRoleProvider::builder(role)
                    .session_name("pipewright")
                    .configure(&base)
                    .build()
                    .await;
                base.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
            }
        };
        let limiter =
            || options.rate_limit.map(|limit| Arc::new(Limiter::new(limit.burst, limit.per_second)));
        let others = options
            .other_regions
            .iter()
            .map(|region| {
                let config = base.clone().into_builder().region(Region::new(region.clone())).build();
                (region.clone(), Dms::new(&config, limiter()))
            })
            .collect();
        let writes = base.clone().into_builder().retry_config(RetryConfig::disabled()).build();
        Ok(Self { reads: base, writes, limiter: limiter(), account: Account::new(options.region), others })
    }

    /// What reads this account and region, and cannot change it.
    pub fn reader(&self) -> AwsRead {
        AwsRead {
            dms: Dms::new(&self.reads, self.limiter.clone()),
            iam: Iam::new(&self.reads),
            sts: Sts::new(&self.reads, self.account.clone()),
            secrets_manager: SecretsManager::new(&self.reads),
            cloudwatch: CloudWatch::new(&self.reads),
            others: self.others.clone(),
        }
    }

    /// What changes this account and region.
    pub fn writer(&self) -> AwsWrite {
        AwsWrite {
            dms: Dms::new(&self.writes, self.limiter.clone()),
            iam: Iam::new(&self.writes),
            // Asking who we are changes nothing, and may be asked again.
            sts: Sts::new(&self.reads, self.account.clone()),
        }
    }
}

fn check(options: &Options) -> Result<(), ConnectError> {
    if let Some(url) = &options.endpoint_url {
        let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        if host.is_none_or(|host| {
            host.is_empty() || host.starts_with(['/', ':']) || host.contains(char::is_whitespace)
        }) {
            return Err(ConnectError::EndpointUrl(url.clone()));
        }
    }
    if let Some(arn) = &options.assume_role_arn
        && !(arn.starts_with("arn:") && arn.contains(":iam::") && arn.contains(":role/"))
    {
        return Err(ConnectError::RoleArn(arn.clone()));
    }
    let in_charset = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match options
        .other_regions
        .iter()
        .chain([&options.region])
        .find(|region| region.is_empty() || !region.chars().all(in_charset))
    {
        Some(region) => Err(ConnectError::Region(region.clone())),
        None => Ok(()),
    }
}

async fn base_config(options: &Options) -> SdkConfig {
    let plain_http = options.endpoint_url.as_ref().is_some_and(|url| url.starts_with("http://"));
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(options.region.clone()))
        .retry_config(RetryConfig::standard().with_max_attempts(READ_ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        )
        // The default chain may have to reach SSO or STS over TLS even where AWS itself is stood in for.
        .http_client(http_client(plain_http && options.credentials.is_some()));
    if let Ok(name) = AppName::new("pipewright") {
        loader = loader.app_name(name);
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if plain_http {
        loader = loader.stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    }
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(fixed) = &options.credentials {
        loader = loader.credentials_provider(Credentials::new(
            &fixed.access_key_id,
            fixed.secret_access_key.expose(),
            fixed.session_token.as_ref().map(|token| token.expose().to_owned()),
            None,
            "pipewright",
        ));
    }
    loader.load().await
}

/// The HTTP client. Without TLS no certificate store is loaded, which takes longer than a call to an
/// emulator.
fn http_client(plain: bool) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    if plain {
        builder.build_http()
    } else {
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options::new("us-east-1")
    }

    #[test]
    fn options_are_checked_before_anything_is_called() {
        assert!(check(&options()).is_ok());
        for url in ["http://127.0.0.1:4566", "https://proxy.example.com/dms", "http://[::1]:1"] {
            let options = Options { endpoint_url: Some(url.to_owned()), ..options() };
            assert!(check(&options).is_ok(), "{url}");
        }
        for url in ["", "127.0.0.1:4566", "ftp://a", "http://", "http:///x", "http://a b"] {
            let options = Options { endpoint_url: Some(url.to_owned()), ..options() };
            assert!(matches!(check(&options), Err(ConnectError::EndpointUrl(_))), "{url}");
        }
        let role = Options { assume_role_arn: Some("pipewright".to_owned()), ..options() };
        assert!(matches!(check(&role), Err(ConnectError::RoleArn(_))));
        assert!(matches!(check(&Options::new("US East")), Err(ConnectError::Region(_))));
    }

    #[test]
    fn options_do_not_show_their_secrets() {
        let options = Options {
            credentials: Some(StaticCredentials {
                access_key_id: "AKIAEXAMPLE".to_owned(),
                secret_access_key: Secret::new("hunter2"),
                session_token: Some(Secret::new("hunter3")),
            }),
            ..options()
        };
        assert!(!format!("{options:?}").contains("hunter"));
    }
}
