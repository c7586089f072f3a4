//! DMS: one file a resource kind, each with what reads it and what changes it.

pub(crate) mod assessment;
pub(crate) mod certificate;
pub(crate) mod connection;
pub(crate) mod endpoint;
pub(crate) mod event_subscription;
pub(crate) mod instance;
pub(crate) mod replication_config;
mod settings;
pub(crate) mod subnet_group;
pub(crate) mod table_statistics;
pub(crate) mod tags;
pub(crate) mod task;

use std::future::Future;
use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_databasemigration::Client;
use pipewright_engine::{CallError, ErrorClass};

use crate::limiter::Limiter;

/// The most resources that a Describe call returns at once (DMS API reference, `MaxRecords`: 20 to 100).
const PAGE_SIZE: i32 = 100;

/// The DMS client, behind the rate limiter.
#[derive(Debug, Clone)]
pub(crate) struct Dms {
    client: Client,
    limiter: Option<Arc<Limiter>>,
}

impl Dms {
    pub(crate) fn new(config: &SdkConfig, limiter: Option<Arc<Limiter>>) -> Self {
        Self { client: Client::new(config), limiter }
    }

    /// The client, once the rate limiter lets a call through. Tries that the SDK itself repeats are not
    /// counted: they are rare, and back off by themselves.
    async fn client(&self) -> &Client {
        if let Some(limiter) = &self.limiter {
            limiter.acquire().await;
        }
        &self.client
    }
}

/// One page of a Describe call, and the marker of the next.
struct Page<T> {
    items: Option<Vec<T>>,
    marker: Option<String>,
}

/// Every item of every page. That nothing is there DMS says by an empty list or by
/// ResourceNotFoundFault; both are an empty list here.
async fn pages<T, F>(mut describe: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, CallError>
where
    F: Future<Output = Result<Page<T>, CallError>>,
{
    let mut all = Vec::new();
    let mut marker = None;
    loop {
        let page = match describe(marker).await {
            Ok(page) => page,
            Err(error) if error.class == ErrorClass::NotFound => return Ok(all),
            Err(error) => return Err(error),
        };
        all.extend(page.items.unwrap_or_default());
        marker = page.marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            return Ok(all);
        }
    }
}

/// A text of which AWS makes nothing and "" the same.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Name servers, which DMS tells in one text with commas.
fn name_servers(servers: Option<String>) -> Vec<String> {
    let servers = filled(servers).unwrap_or_default();
    servers.split(',').map(str::trim).filter(|server| !server.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::error::refused;

    type Answer<'a> = Result<(&'a [u8], Option<&'a str>), CallError>;

    /// Walks pages as `answers` gives them: what was found, and with which markers it was asked for.
    async fn walk(answers: Vec<Answer<'_>>) -> (Result<Vec<u8>, CallError>, Vec<Option<String>>) {
        let mut answers = VecDeque::from(answers);
        let mut markers = Vec::new();
        let all = pages(|marker| {
            markers.push(marker);
            let answer = answers.pop_front().unwrap().map(|(items, marker)| Page {
                items: Some(items.to_vec()),
                marker: marker.map(str::to_owned),
            });
            std::future::ready(answer)
        })
        .await;
        (all, markers)
    }

    #[tokio::test]
    async fn every_page_is_read() {
        let (all, markers) =
            walk(vec![Ok((&[1, 2], Some("a"))), Ok((&[], Some("b"))), Ok((&[3], Some("")))]).await;
        assert_eq!(all.unwrap(), [1, 2, 3]);
        assert_eq!(markers, [None, Some("a".to_owned()), Some("b".to_owned())]);
    }

    #[tokio::test]
    async fn not_found_is_an_empty_list_and_another_error_is_none() {
        let not_found = CallError {
            class: ErrorClass::NotFound,
            ..refused("dms:DescribeEndpoints", "ResourceNotFoundFault", "")
        };
        assert_eq!(walk(vec![Err(not_found)]).await.0, Ok(Vec::new()));
        let refused = refused("dms:DescribeEndpoints", "AccessDeniedFault", "");
        let answers = vec![Ok((&[1][..], Some("a"))), Err(refused.clone())];
        assert_eq!(walk(answers).await.0, Err(refused));
    }
}
