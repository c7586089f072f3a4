//! Whatever a client sends, the answer is a well-formed document with an error of AWS's form, never a panic.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::api::{Caller, Context, Memory};
use crate::sigv4::{SignedRequest, identify};
use crate::{Config, StaticCredentials, iam, sts};

/// The whole way of a request, without HTTP.
fn answer(service: &Service, operation: &str, body: &[u8], records: &mut Memory) -> String {
    let config = Config::default();
    let mut cx = Context {
        account: "123456789012",
        region: "us-east-1",
        partition: "aws",
        caller: Caller {
            arn: "arn:aws:iam::123456789012:user/sandbox".to_owned(),
            user_id: "AIDASANDBOX".to_owned(),
            access_key_id: String::new(),
            signed_at: None,
        },
        now: Duration::from_secs(1_800_000_001),
        request_id: "id",
        config: &config,
        records,
    };
    let result =
        parameters(body).and_then(|parameters| parse(service, operation, &parameters)).and_then(|input| {
            if std::ptr::eq(service, std::ptr::from_ref(&*STS)) {
                sts::handle(operation, &input, &mut cx)
            } else {
                iam::handle(operation, &input, &mut cx)
            }
        });
    match result {
        Ok(output) => response_document(service, operation, &output, "id"),
        Err(error) => {
            assert!(
                (400..600).contains(&error.status) && !error.code.is_empty() && !error.message.is_empty()
            );
            error_document(&service.metadata.xml_namespace, &error, "id")
        }
    }
}

fn well_formed(document: &str) -> bool {
    let mut reader = Reader::from_str(document);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// Names and values that come near what handlers expect.
fn parameter() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("RoleName".to_owned()),
        Just("AssumeRolePolicyDocument".to_owned()),
        Just("PolicyDocument".to_owned()),
        Just("PolicyName".to_owned()),
        Just("PolicyArn".to_owned()),
        Just("RoleArn".to_owned()),
        Just("RoleSessionName".to_owned()),
        Just("MaxItems".to_owned()),
        Just("Marker".to_owned()),
        "Tags\\.member\\.[0-9]{1,11}\\.(Key|Value)",
        "TagKeys\\.member\\.[0-9]",
        "[A-Za-z.0-9%]{0,20}",
    ];
    let value = prop_oneof![
        Just("dms-vpc-role".to_owned()),
        Just(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"dms.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#.to_owned()),
        Just(r#"{"Statement":[{"Principal":[1,{"AWS":{}}],"Condition":{"Bool":[]}}]}"#.to_owned()),
        Just("arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole".to_owned()),
        Just("arn:aws:iam::123456789012:role/dms-vpc-role".to_owned()),
        "-?[0-9]{0,25}",
        any::<String>(),
    ];
    (name, value).prop_map(|(name, value)| {
        let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
        format!("{name}={encoded}")
    })
}

proptest! {
    #[test]
    fn forms_near_the_model_are_answered(bodies in prop::collection::vec(
        (any::<prop::sample::Index>(), any::<bool>(), prop::collection::vec(parameter(), 0..6)), 1..8))
    {
        let mut records = Memory::default();
        for (operation, sts, pairs) in bodies {
            let service: &Service = if sts { &STS } else { &IAM };
            let names: Vec<&String> = service.operations.keys().collect();
            let document = answer(service, operation.get(names.as_slice()).as_str(), pairs.join("&").as_bytes(), &mut records);
            prop_assert!(well_formed(&document), "{document}");
        }
    }

    #[test]
    fn bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(well_formed(&answer(&IAM, "CreateRole", &body, &mut Memory::default())));
    }

    #[test]
    fn authorization_headers_are_read_or_refused(
        header in prop_oneof![
            any::<String>(),
            "AWS4-HMAC-SHA256 Credential=[a-z/0-9]{0,40}, ?SignedHeaders=[a-z;-]{0,20}, ?Signature=[0-9a-fé]{0,64}",
        ],
        date in prop_oneof![any::<String>(), "[0-9]{8}T[0-9]{6}Z"],
        token in prop::option::of(any::<String>()),
        path in any::<String>(),
        verified in any::<bool>(),
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", Some(header)), ("x-amz-date", Some(date)), ("x-amz-security-token", token)] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
                headers.insert(name, value);
            }
        }
        let credentials =
            StaticCredentials { access_key_id: "a".to_owned(), secret_access_key: "s".to_owned() };
        let config = Config { credentials: verified.then_some(credentials), ..Config::default() };
        let request = SignedRequest { method: "POST", path: &path, query: &path, headers: &headers, body: b"" };
        let identity = identify(&request, &config, Duration::from_secs(1_800_000_001));
        prop_assert!(!verified || identity.is_err(), "a random signature was accepted");
    }
}
