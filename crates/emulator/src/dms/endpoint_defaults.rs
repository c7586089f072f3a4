//! What AWS answers for an endpoint's settings though nobody gave it: the defaults that the API reference names
//! (<https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateEndpoint.html>), and the spellings that differ from
//! those of the request.

use serde_json::{Map, Value, json};

/// Fills in the settings member of an engine.
pub(super) fn fill(member: &str, settings: &mut Map<String, Value>) {
    let Some(Value::Object(defaults)) = defaults(member) else {
        return;
    };
    for (name, value) in defaults {
        settings.entry(name).or_insert(value);
    }
    for (name, spell) in spellings(member) {
        if let Some(Value::String(value)) = settings.get_mut(*name) {
            *value = spell(value);
        }
    }
}

/// Extra connection attributes come back in an order of their own.
pub(super) fn attributes(given: &str) -> String {
    let mut parts: Vec<&str> = given.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    let mut text = parts.join(";");
    if !text.is_empty() {
        text.push(';');
    }
    text
}

fn defaults(member: &str) -> Option<Value> {
    Some(match member {
        // As in the reference's example of an answer.
        "S3Settings" => json!({
            "CsvRowDelimiter": "\\n",
            "CsvDelimiter": ",",
            "CompressionType": "NONE",
            "EnableStatistics": true,
            "DatePartitionEnabled": false,
        }),
        "MongoDbSettings" => json!({
            "AuthType": "password",
            "AuthMechanism": "default",
            "AuthSource": "admin",
            "NestingLevel": "none",
            "ExtractDocId": "false",
            "DocsToInvestigate": "1000",
        }),
        "DocDbSettings" => json!({
            "NestingLevel": "none",
            "ExtractDocId": false,
            "DocsToInvestigate": 1000,
        }),
        "KinesisSettings" => json!({
            "MessageFormat": "json",
            "IncludeTransactionDetails": false,
            "IncludePartitionValue": false,
            "PartitionIncludeSchemaTable": false,
            "IncludeTableAlterOperations": false,
            "IncludeControlDetails": false,
            "IncludeNullAndEmpty": false,
            "NoHexPrefix": false,
        }),
        "KafkaSettings" => json!({
            "Topic": "kafka-default-topic",
            "MessageFormat": "json",
            "IncludeTransactionDetails": false,
            "IncludePartitionValue": false,
            "PartitionIncludeSchemaTable": false,
            "IncludeTableAlterOperations": false,
            "IncludeControlDetails": false,
            "IncludeNullAndEmpty": false,
            "MessageMaxBytes": 1_000_000,
            "NoHexPrefix": false,
        }),
        "ElasticsearchSettings" => json!({
            "FullLoadErrorPercentage": 10,
            "ErrorRetryDuration": 300,
        }),
        "NeptuneSettings" => json!({
            "ErrorRetryDuration": 250,
            "MaxFileSize": 1_048_576,
            "MaxRetryCount": 5,
            "IamAuthEnabled": false,
        }),
        "RedisSettings" => json!({
            "SslSecurityProtocol": "ssl-encryption",
            "AuthType": "none",
        }),
        _ => return None,
    })
}

type Spell = fn(&str) -> String;

fn spellings(member: &str) -> &'static [(&'static str, Spell)] {
    fn capitals(value: &str) -> String {
        value.to_ascii_uppercase().replace('-', "_")
    }
    fn hyphens(value: &str) -> String {
        value.to_ascii_lowercase().replace('_', "-")
    }
    match member {
        "S3Settings" => &[("CompressionType", capitals), ("EncryptionMode", capitals)],
        "MongoDbSettings" => &[("AuthMechanism", hyphens)],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::DMS;

    #[test]
    fn every_default_is_a_member_of_the_model() {
        for member in [
            "S3Settings",
            "MongoDbSettings",
            "DocDbSettings",
            "KinesisSettings",
            "KafkaSettings",
            "ElasticsearchSettings",
            "NeptuneSettings",
            "RedisSettings",
        ] {
            let mut settings = Map::new();
            fill(member, &mut settings);
            assert!(!settings.is_empty());
            for name in settings.keys() {
                assert!(DMS.shape(member).members.contains_key(name), "{member}.{name}");
            }
        }
    }

    #[test]
    fn spellings_differ_from_the_request() {
        let mut settings = Map::from_iter([("AuthMechanism".to_owned(), json!("mongodb_cr"))]);
        fill("MongoDbSettings", &mut settings);
        assert_eq!(settings["AuthMechanism"], "mongodb-cr");
        let mut settings = Map::from_iter([("EncryptionMode".to_owned(), json!("sse-kms"))]);
        fill("S3Settings", &mut settings);
        assert_eq!(settings["EncryptionMode"], "SSE_KMS");
        assert_eq!(attributes("b=2; a=1;;"), "a=1;b=2;");
    }
}
