//! Answers as XML, by the operation's output shape. A member that the model does not have is a bug and panics in
//! tests; in a release build it is left out.

use std::io::Write;

use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use serde_json::Value;

use super::shapes::{Kind, Service};
use crate::api::AwsError;

type Xml = Writer<Vec<u8>>;

/// The document of a successful answer.
pub(crate) fn response_document(
    service: &Service,
    operation: &str,
    output: &Value,
    request_id: &str,
) -> String {
    let mut xml = Writer::new(Vec::new());
    let root = format!("{operation}Response");
    element(&mut xml, &root, Some(&service.metadata.xml_namespace), |xml| {
        let described = service.operations.get(operation);
        let shapes = described
            .and_then(|operation| operation.output.as_deref().zip(operation.result_wrapper.as_deref()));
        if let Some((shape, wrapper)) = shapes {
            element(xml, wrapper, None, |xml| members(xml, service, shape, output));
        }
        element(xml, "ResponseMetadata", None, |xml| {
            leaf(xml, "RequestId", request_id);
        });
    });
    finish(xml)
}

/// The document of an error.
pub(crate) fn error_document(namespace: &str, error: &AwsError, request_id: &str) -> String {
    let mut xml = Writer::new(Vec::new());
    element(&mut xml, "ErrorResponse", Some(namespace), |xml| {
        element(xml, "Error", None, |xml| {
            leaf(xml, "Type", if error.status < 500 { "Sender" } else { "Receiver" });
            leaf(xml, "Code", error.code);
            leaf(xml, "Message", &error.message);
        });
        leaf(xml, "RequestId", request_id);
    });
    finish(xml)
}

fn members(xml: &mut Xml, service: &Service, shape: &str, output: &Value) {
    let shape = service.shape(shape);
    let empty = serde_json::Map::new();
    for (name, value) in output.as_object().unwrap_or(&empty) {
        match shape.members.get(name) {
            Some(member) if !value.is_null() => {
                element(xml, name, None, |xml| content(xml, service, &member.shape, value));
            }
            Some(_) => {}
            None => debug_assert!(false, "{name} is not a member of the answer's shape"),
        }
    }
    for name in &shape.required {
        debug_assert!(output.get(name).is_some(), "the answer lacks {name}");
    }
}

fn content(xml: &mut Xml, service: &Service, shape_name: &str, value: &Value) {
    let shape = service.shape(shape_name);
    match (shape.kind, value) {
        (Kind::Structure, value) => members(xml, service, shape_name, value),
        (Kind::List, Value::Array(items)) => {
            let Some(member) = shape.member.as_ref() else {
                return;
            };
            for item in items {
                element(xml, "member", None, |xml| {
                    content(xml, service, &member.shape, item);
                });
            }
        }
        (Kind::Timestamp, Value::Number(seconds)) => {
            text(xml, &timestamp(seconds.as_f64().unwrap_or_default()));
        }
        (_, Value::String(string)) => text(xml, string),
        (_, other) => text(xml, &other.to_string()),
    }
}

/// IAM and STS write whole seconds of UTC: `2016-01-11T20:36:14Z`.
#[allow(clippy::cast_possible_truncation)] // Seconds of the present era are far inside an i64.
fn timestamp(seconds: f64) -> String {
    Timestamp::from_second(seconds as i64).map(|time| time.to_string()).unwrap_or_default()
}

fn element(xml: &mut Xml, name: &str, namespace: Option<&str>, inside: impl FnOnce(&mut Xml)) {
    let mut start = BytesStart::new(name);
    if let Some(namespace) = namespace {
        start.push_attribute(("xmlns", namespace));
    }
    write(xml, Event::Start(start));
    inside(xml);
    write(xml, Event::End(BytesEnd::new(name)));
}

fn leaf(xml: &mut Xml, name: &str, value: &str) {
    element(xml, name, None, |xml| text(xml, value));
}

/// Messages echo what the client sent, so characters that XML 1.0 cannot carry are replaced.
fn text(xml: &mut Xml, value: &str) {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    let safe: String = value.chars().map(|c| if allowed(c) { c } else { '\u{FFFD}' }).collect();
    let mut pieces = safe.split('\r');
    if let Some(first) = pieces.next() {
        write(xml, Event::Text(BytesText::new(first)));
    }
    for piece in pieces {
        // A parser turns a bare carriage return into a line feed; a reference survives.
        let sink = xml.get_mut().write_all(b"&#13;");
        debug_assert!(sink.is_ok());
        write(xml, Event::Text(BytesText::new(piece)));
    }
}

fn write(xml: &mut Xml, event: Event<'_>) {
    let written = xml.write_event(event);
    debug_assert!(written.is_ok(), "a vector takes all bytes");
}

fn finish(xml: Xml) -> String {
    String::from_utf8_lossy(&xml.into_inner()).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shapes::IAM;
    use super::*;

    #[test]
    fn renders_by_shape() {
        let role = json!({"Path": "/", "RoleName": "r", "RoleId": "AROAAAAAAAAAAAAAAAAAA", "Arn": "arn:aws:iam::1:role/r",
            "CreateDate": 1_452_544_574.9, "Description": "a < b\r\nc", "Tags": [{"Key": "k", "Value": ""}],
            "MaxSessionDuration": 3600, "RoleLastUsed": {}});
        assert_eq!(
            response_document(&IAM, "GetRole", &json!({"Role": role}), "id-1"),
            "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>\
             <Arn>arn:aws:iam::1:role/r</Arn><CreateDate>2016-01-11T20:36:14Z</CreateDate>\
             <Description>a &lt; b&#13;\nc</Description><MaxSessionDuration>3600</MaxSessionDuration><Path>/</Path>\
             <RoleId>AROAAAAAAAAAAAAAAAAAA</RoleId><RoleLastUsed></RoleLastUsed><RoleName>r</RoleName>\
             <Tags><member><Key>k</Key><Value></Value></member></Tags></Role></GetRoleResult>\
             <ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetRoleResponse>"
        );
        assert_eq!(
            response_document(&IAM, "DeleteRole", &json!({}), "id-2"),
            "<DeleteRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>\
             <RequestId>id-2</RequestId></ResponseMetadata></DeleteRoleResponse>"
        );
    }

    #[test]
    fn errors_never_break_the_document() {
        let error = AwsError::new(404, "NoSuchEntity", "The role <\u{0}> & \u{7} cannot be found.");
        assert_eq!(
            error_document("ns", &error, "id-3"),
            "<ErrorResponse xmlns=\"ns\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>\
             <Message>The role &lt;\u{FFFD}&gt; &amp; \u{FFFD} cannot be found.</Message></Error>\
             <RequestId>id-3</RequestId></ErrorResponse>"
        );
    }
}
