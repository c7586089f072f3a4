//! What stands beside a pipeline in a template, and how its settings are written.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use pipewright_import::{Import, ImportError, Options, PhysicalIds, cloudformation};
use serde_json::{Value as Json, json};

const RESOURCES: &str = r#"{"StackResources": [
    {"LogicalResourceId": "Alarms", "PhysicalResourceId": "alarms-1a2b",
     "StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/Net/1"},
    {"LogicalResourceId": "OldCa", "PhysicalResourceId": "arn:aws:dms:us-east-1:111122223333:cert:OLDCA"},
    {"LogicalResourceId": "Topic", "PhysicalResourceId": "arn:aws:sns:us-east-1:111122223333:alarms"},
    {"LogicalResourceId": "Task", "PhysicalResourceId": "arn:aws:dms:us-east-1:111122223333:task:TTTT"}
]}"#;

/// A template of one pipeline, with the further properties of its source and further resources.
fn template(source: &Json, further: &Json) -> String {
    let endpoint = |side: &str, engine: &str| {
        json!({"EndpointIdentifier": format!("its-{side}"), "EndpointType": side, "EngineName": engine,
            "ServerName": "db.example.com", "Port": 1521, "DatabaseName": "orcl", "Username": "dms",
            "Password": {"Ref": "Password"}})
    };
    let mut from = endpoint("source", "oracle");
    from.as_object_mut().unwrap().extend(source.as_object().unwrap().clone());
    let mut resources = json!({
        "Instance": {"Type": "AWS::DMS::ReplicationInstance", "Properties": {
            "ReplicationInstanceIdentifier": "its-instance", "ReplicationInstanceClass": "dms.t3.medium"}},
        "Source": {"Type": "AWS::DMS::Endpoint", "Properties": from},
        "Target": {"Type": "AWS::DMS::Endpoint", "Properties": endpoint("target", "postgres")},
        "OrdersTask": {"Type": "AWS::DMS::ReplicationTask", "Properties": {
            "ReplicationTaskIdentifier": "its-task", "MigrationType": "cdc",
            "ReplicationInstanceArn": {"Ref": "Instance"},
            "SourceEndpointArn": {"Ref": "Source"}, "TargetEndpointArn": {"Ref": "Target"},
            "TableMappings": json!({"rules": [{"rule-type": "selection", "rule-id": "1", "rule-name": "1",
                "object-locator": {"schema-name": "SHOP", "table-name": "%"}, "rule-action": "include"}]})
                .to_string()}},
    });
    resources.as_object_mut().unwrap().extend(further.as_object().unwrap().clone());
    json!({"Parameters": {"Password": {"Type": "String", "NoEcho": true}}, "Resources": resources})
        .to_string()
}

fn import(template: &str) -> Import {
    let mut physical_ids = PhysicalIds::default();
    physical_ids.add(RESOURCES).unwrap();
    match cloudformation(template, &Options { physical_ids, ..Options::default() }) {
        Ok(import) => import,
        Err(ImportError::Invalid(found)) => panic!("{}", found.render(false)),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn attributes_that_are_settings_become_settings_in_their_types() {
    let attributes = "useLogMinerReader=N;useBfile=Y;archivedLogDestId=1;asm_user=dms;password=hunter2;custom=a=b; \
                      charLengthSemantics=CHAR;parallelASMReadThreads=4";
    let source = json!({
        "ExtraConnectionAttributes": attributes, "OracleSettings": {"ParallelAsmReadThreads": 6},
    });
    let import = import(&template(&source, &json!({})));
    assert_eq!(import.missing, []);
    let text = &import.files["orders.yaml"];
    let source = &text[text.find("  source:").unwrap()..text.find("  target:").unwrap()];
    insta::assert_snapshot!(source);
    insta::assert_snapshot!(import.notes.join("\n"));
    assert!(!format!("{import:?}").contains("hunter2"));
}

#[test]
fn certificates_and_event_subscriptions_become_documents() {
    let source = json!({"SslMode": "verify-ca", "CertificateArn": {"Ref": "CaCertificate"}});
    let import = import(&template(
        &source,
        &json!({
            "CaCertificate": {"Type": "AWS::DMS::Certificate",
                "Properties": {"CertificateIdentifier": "its-ca", "CertificatePem": "-----BEGIN hunter2"}},
            "Alarms": {"Type": "AWS::DMS::EventSubscription", "Properties": {
                "SnsTopicArn": {"Ref": "Topic"}, "SourceType": "replication-task",
                "SourceIds": [{"Ref": "OrdersTask"}, "another-task"], "EventCategories": ["failure"],
                "Enabled": "true", "Tags": [{"Key": "team", "Value": "x"}]}},
            "InstanceEventSubscription": {"Type": "AWS::DMS::EventSubscription", "Properties": {
                "SubscriptionName": "of-instances", "SnsTopicArn": {"Ref": "Topic"},
                "SourceType": "replication-instance", "SourceIds": [{"Ref": "Instance"}]}},
            "Everything": {"Type": "AWS::DMS::EventSubscription", "Properties": {
                "SubscriptionName": "all", "SnsTopicArn": {"Ref": "Topic"}}},
        }),
    ));
    assert_eq!(import.missing, []);
    insta::assert_snapshot!(import.files["shared.yaml"]);
    assert!(import.files["orders.yaml"].contains("certificateRef: ca\n"), "{}", import.files["orders.yaml"]);
    insta::assert_debug_snapshot!((&import.secrets, &import.notes));
    assert!(!format!("{import:?}").contains("hunter2"));
}

#[test]
fn a_certificate_without_content_stays_with_the_stack() {
    let source = json!({"SslMode": "verify-ca", "CertificateArn": {"Ref": "OldCa"}});
    let further = json!({"OldCa": {"Type": "AWS::DMS::Certificate", "Properties": {}}});
    let import = import(&template(&source, &further));
    let wanted = "certificateArn: arn:aws:dms:us-east-1:111122223333:cert:OLDCA\n";
    assert!(import.files["orders.yaml"].contains(wanted), "{}", import.files["orders.yaml"]);
    assert_eq!(import.notes, ["OldCa: it is left out: the template does not have its content"]);
}
