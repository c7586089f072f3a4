use axum::http::{HeaderName, HeaderValue};

use super::*;
use crate::StaticCredentials;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const KEY: &str = "AKIDEXAMPLE";

/// 2015-08-30T12:36:00Z, the time of AWS's Signature Version 4 test suite.
const SUITE_TIME: Duration = Duration::from_mins(24_015_636);

fn verified() -> Config {
    let credentials =
        StaticCredentials { access_key_id: KEY.to_owned(), secret_access_key: SECRET.to_owned() };
    Config { credentials: Some(credentials), ..Config::default() }
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn get<'a>(headers: &'a HeaderMap, query: &'a str) -> SignedRequest<'a> {
    SignedRequest { method: "GET", path: "/", query, headers, body: b"" }
}

fn authorization(signed: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/service/aws4_request, SignedHeaders={signed}, Signature={signature}"
    )
}

/// `get-vanilla` of AWS's test suite, to be spoilt by the tests.
fn vanilla() -> Vec<(&'static str, String)> {
    let signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    vec![
        ("host", "example.amazonaws.com".to_owned()),
        ("x-amz-date", "20150830T123600Z".to_owned()),
        ("authorization", authorization("host;x-amz-date", signature)),
    ]
}

fn identify_vanilla(
    change: impl FnOnce(&mut Vec<(&'static str, String)>),
    at: Duration,
) -> Result<Identity, AuthError> {
    let mut pairs = vanilla();
    change(&mut pairs);
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    identify(&get(&headers(&pairs), ""), &verified(), at)
}

/// AWS's published test suite, as in awslabs/aws-c-auth, `tests/aws-signing-test-suite/v4` (Apache-2.0).
#[test]
fn aws_test_suite() {
    let identity = identify_vanilla(|_| {}, SUITE_TIME).unwrap();
    assert_eq!((identity.account.as_str(), identity.region.as_str()), ("123456789012", "us-east-1"));
    assert_eq!(identity.service, "service");

    let trimmed = headers(&[
        ("host", "example.amazonaws.com"),
        ("my-header1", " value1"),
        ("my-header2", " \"a   b   c\""),
        ("x-amz-date", "20150830T123600Z"),
        (
            "authorization",
            &authorization(
                "host;my-header1;my-header2;x-amz-date",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            ),
        ),
    ]);
    identify(&get(&trimmed, ""), &verified(), SUITE_TIME).unwrap();

    let form = headers(&[
        ("content-type", "application/x-www-form-urlencoded"),
        ("host", "example.amazonaws.com"),
        ("content-length", "13"),
        ("x-amz-date", "20150830T123600Z"),
        ("x-amz-content-sha256", "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"),
        (
            "authorization",
            &authorization(
                "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
                "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
            ),
        ),
    ]);
    let request =
        |body: &'static [u8]| SignedRequest { method: "POST", path: "/", query: "", headers: &form, body };
    identify(&request(b"Param1=value1"), &verified(), SUITE_TIME).unwrap();
    let tampered = identify(&request(b"Param1=value2"), &verified(), SUITE_TIME).unwrap_err();
    assert_eq!(tampered.into_query_error().code, "SignatureDoesNotMatch");
}

/// The worked example of the AWS General Reference: IAM ListUsers in the query string.
#[test]
fn iam_list_users_example() {
    let pairs = headers(&[
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("host", "iam.amazonaws.com"),
        ("x-amz-date", "20150830T123600Z"),
        (
            "authorization",
            &authorization(
                "content-type;host;x-amz-date",
                "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            )
            .replace("/service/", "/iam/"),
        ),
    ]);
    let request = get(&pairs, "Version=2010-05-08&Action=ListUsers");
    let identity = identify(&request, &verified(), SUITE_TIME).unwrap();
    assert_eq!(identity.service, "iam");
}

#[test]
fn the_clock_may_be_five_minutes_off() {
    let off = |minutes: i64| Duration::from_secs(SUITE_TIME.as_secs().saturating_add_signed(60 * minutes));
    identify_vanilla(|_| {}, off(5)).unwrap();
    identify_vanilla(|_| {}, off(-5)).unwrap();
    let late = identify_vanilla(|_| {}, off(16)).unwrap_err();
    assert_eq!(
        late,
        AuthError::Mismatch(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T124700Z (20150830T125200Z - 5 min.)".to_owned()
        )
    );
    let early = identify_vanilla(|_| {}, off(-16)).unwrap_err();
    assert_eq!(
        early,
        AuthError::Mismatch(
            "Signature not yet current: 20150830T123600Z is still later than 20150830T122500Z (20150830T122000Z + 5 min.)"
                .to_owned()
        )
    );
}

#[test]
fn refusals_have_the_code_of_their_protocol() {
    let changed = |name: &'static str, value: &'static str| {
        identify_vanilla(
            |pairs| {
                pairs.retain(|pair| pair.0 != name);
                if !value.is_empty() {
                    pairs.push((name, value.to_owned()));
                }
            },
            SUITE_TIME,
        )
        .unwrap_err()
    };
    let cases = [
        (
            changed("authorization", ""),
            403,
            "MissingAuthenticationToken",
            400,
            "MissingAuthenticationTokenException",
        ),
        (
            changed("authorization", "Basic abc"),
            400,
            "IncompleteSignature",
            400,
            "IncompleteSignatureException",
        ),
        (changed("x-amz-date", ""), 400, "IncompleteSignature", 400, "IncompleteSignatureException"),
        (changed("x-amz-date", "yesterday"), 400, "IncompleteSignature", 400, "IncompleteSignatureException"),
        (
            changed("x-amz-date", "20150831T123600Z"),
            403,
            "SignatureDoesNotMatch",
            400,
            "InvalidSignatureException",
        ),
        (
            changed("host", "other.example.com"),
            403,
            "SignatureDoesNotMatch",
            400,
            "InvalidSignatureException",
        ),
        (
            changed(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=OTHER/20150830/us-east-1/service/aws4_request, SignedHeaders=host, Signature=00",
            ),
            403,
            "InvalidClientTokenId",
            400,
            "UnrecognizedClientException",
        ),
        (
            changed("x-amz-security-token", "forged"),
            403,
            "InvalidClientTokenId",
            400,
            "UnrecognizedClientException",
        ),
        (
            changed(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/us-east-1, SignedHeaders=host, Signature=zz",
            ),
            400,
            "IncompleteSignature",
            400,
            "IncompleteSignatureException",
        ),
    ];
    for (error, query_status, query_code, json_status, json_code) in cases {
        let (query, json) = (error.clone().into_query_error(), error.into_json_error());
        assert_eq!(
            (query.status, query.code, json.status, json.code),
            (query_status, query_code, json_status, json_code)
        );
    }
    let incomplete = changed("authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request");
    let message = "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.";
    assert_eq!(incomplete, AuthError::Incomplete(message.to_owned()));
}

#[test]
fn without_credentials_nothing_is_verified_but_the_scope_is_read() {
    let config = Config::default();
    let anonymous = identify(&get(&HeaderMap::new(), ""), &config, SUITE_TIME).unwrap();
    assert_eq!(anonymous.caller.arn, "arn:aws:iam::123456789012:user/sandbox");
    let scoped = |key: &str| {
        let pairs = headers(&[
            ("x-amz-date", "20150830T123600Z"),
            (
                "authorization",
                &format!(
                    "AWS4-HMAC-SHA256 Credential={key}/20150830/eu-west-1/dms/aws4_request, SignedHeaders=host, Signature=0"
                ),
            ),
        ]);
        identify(&get(&pairs, ""), &config, Duration::ZERO).unwrap()
    };
    assert_eq!(
        (scoped("any").account.as_str(), scoped("any").region.as_str()),
        ("123456789012", "eu-west-1")
    );
    assert_eq!(scoped("210987654321").account, "210987654321");
}

#[test]
fn temporary_credentials_act_in_the_account_of_their_role_until_they_expire() {
    let config = verified();
    let session = Session {
        account: "210987654321".to_owned(),
        partition: "aws".to_owned(),
        role_name: "deploy".to_owned(),
        role_id: "AROAEXAMPLE".to_owned(),
        name: "ci".to_owned(),
        expires: SUITE_TIME.as_secs() + 900,
        nonce: String::new(),
    };
    let credentials = session.credentials(&config);
    let call = |token: &str, at: Duration| {
        let date = basic(at);
        let mut pairs = vec![("host", "localhost"), ("x-amz-date", &date), ("x-amz-security-token", token)];
        let unsigned = headers(&pairs);
        let signed = ["host", "x-amz-date", "x-amz-security-token"];
        let canonical = hex(&Sha256::digest(canonical_request(&get(&unsigned, ""), &signed)));
        let scope = format!("{}/us-east-1/sts/aws4_request", &date[..8]);
        let mut key = format!("AWS4{}", credentials.secret_access_key).into_bytes();
        for part in scope.split('/') {
            key = hmac(&key, part).finalize().into_bytes().to_vec();
        }
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}");
        let signature = hex(&hmac(&key, &to_sign).finalize().into_bytes());
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            credentials.access_key_id,
            signed.join(";")
        );
        pairs.push(("authorization", &authorization));
        identify(&get(&headers(&pairs), ""), &config, at)
    };
    let identity = call(&credentials.session_token, SUITE_TIME).unwrap();
    assert_eq!(identity.account, "210987654321");
    assert_eq!(identity.caller.arn, "arn:aws:sts::210987654321:assumed-role/deploy/ci");
    assert_eq!(identity.caller.user_id, "AROAEXAMPLE:ci");
    assert_eq!(identity.caller.signed_at, Some(SUITE_TIME));
    let late = call(&credentials.session_token, SUITE_TIME + Duration::from_mins(15)).unwrap_err();
    assert_eq!(late.into_query_error().code, "ExpiredToken");
    let other = Session { nonce: "x".to_owned(), ..session.clone() }.credentials(&config);
    assert_eq!(call(&other.session_token, SUITE_TIME), Err(AuthError::UnknownKey));
}
