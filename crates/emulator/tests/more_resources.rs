//! Certificates, event subscriptions, events, maintenance, reloading and assessment runs.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use serde_json::{Value, json};
use support::{Sandbox, filter, string};

const RSA: &str = include_str!("fixtures/rsa.pem");
const EC: &str = include_str!("fixtures/ec.pem");

#[test]
fn certificates_are_read() {
    let sandbox = Sandbox::new();
    for (name, pem, algorithm, bits) in
        [("rsa", RSA, "SHA256withRSA", 2048), ("ec", EC, "SHA256withECDSA", 256)]
    {
        let made =
            sandbox.ok("ImportCertificate", json!({"CertificateIdentifier": name, "CertificatePem": pem}));
        let made = &made["Certificate"];
        assert_eq!(made["SigningAlgorithm"], algorithm);
        assert_eq!(made["KeyLength"], bits);
        let days =
            (made["ValidToDate"].as_f64().unwrap() - made["ValidFromDate"].as_f64().unwrap()) / 86400.0;
        assert!((days - 3650.0).abs() < 0.01, "{days}");
        assert_eq!(made["CertificatePem"], pem);
    }
    sandbox.ok("ImportCertificate", json!({"CertificateIdentifier": "wallet", "CertificateWallet": "AAEC"}));
    for bad in [
        json!({"CertificatePem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}),
        json!({"CertificatePem": "x"}),
    ] {
        let mut input = json!({"CertificateIdentifier": "bad"});
        input.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        assert_eq!(sandbox.refused("ImportCertificate", input).code, "InvalidCertificateFault");
    }
    let listed = sandbox.ok("DescribeCertificates", filter("certificate-id", "rsa"));
    let arn = &listed["Certificates"][0]["CertificateArn"];
    let endpoint = sandbox.ok(
        "CreateEndpoint",
        json!({"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql", "ServerName": "h",
            "SslMode": "verify-ca", "CertificateArn": arn}),
    );
    assert_eq!(endpoint["Endpoint"]["CertificateArn"], *arn);
    let delete = json!({"CertificateArn": arn});
    let used = sandbox.refused("DeleteCertificate", delete.clone());
    assert_eq!(used.code, "InvalidResourceStateFault");
    sandbox.ok("DeleteEndpoint", json!({"EndpointArn": endpoint["Endpoint"]["EndpointArn"]}));
    sandbox.advance(10);
    sandbox.ok("DeleteCertificate", delete);
    let strange = sandbox.refused(
        "CreateEndpoint",
        json!({"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql", "ServerName": "h",
            "CertificateArn": arn}),
    );
    assert_eq!(strange.code, "ResourceNotFoundFault");
}

#[test]
fn an_endpoint_has_the_ssl_modes_of_its_engine() {
    let sandbox = Sandbox::new();
    let create = |engine: &str, mode: &str| {
        json!({"EndpointIdentifier": "e", "EndpointType": "target", "EngineName": engine, "ServerName": "h",
            "SslMode": mode})
    };
    for (engine, mode) in [
        ("mysql", "require"),
        ("mariadb", "require"),
        ("sqlserver", "verify-ca"),
        ("redshift", "require"),
        ("db2", "verify-full"),
        ("sybase", "require"),
        // With the mode, and without a certificate.
        ("postgres", "verify-full"),
    ] {
        let refused = sandbox.refused("CreateEndpoint", create(engine, mode));
        assert_eq!(refused.code, "InvalidParameterCombinationException", "{engine} {mode}");
    }
    sandbox.ok("CreateEndpoint", create("postgres", "require"));
}

#[test]
fn event_subscriptions_come_and_go() {
    let sandbox = Sandbox::new();
    sandbox.instance("ri");
    let topic = "arn:aws:sns:us-east-1:123456789012:topic";
    let input = json!({"SubscriptionName": "sub", "SnsTopicArn": topic, "SourceType": "replication-instance",
        "SourceIds": ["ri"], "EventCategories": ["failure", "creation"]});
    let made = sandbox.ok("CreateEventSubscription", input.clone());
    let made = &made["EventSubscription"];
    assert_eq!(made["Status"], "creating");
    assert_eq!(made["CustSubscriptionId"], "sub");
    assert_eq!(made["EventCategoriesList"], json!(["failure", "creation"]));
    assert_eq!(made["SourceIdsList"], json!(["ri"]));
    assert_eq!(sandbox.refused("CreateEventSubscription", input).code, "ResourceAlreadyExistsFault");
    let disable = json!({"SubscriptionName": "sub", "Enabled": false});
    assert_eq!(sandbox.refused("ModifyEventSubscription", disable.clone()).code, "InvalidResourceStateFault");
    sandbox.advance(10);
    sandbox.ok("ModifyEventSubscription", disable);
    sandbox.advance(10);
    let arn = "arn:aws:dms:us-east-1:123456789012:es:sub";
    let listed = sandbox.ok("DescribeEventSubscriptions", filter("event-subscription-arn", arn));
    assert_eq!(listed["EventSubscriptionsList"][0]["Enabled"], false);
    assert_eq!(listed["EventSubscriptionsList"][0]["Status"], "active");
    sandbox.ok("AddTagsToResource", json!({"ResourceArn": arn, "Tags": [{"Key": "k", "Value": "v"}]}));
    sandbox.ok("DeleteEventSubscription", json!({"SubscriptionName": "sub"}));
    sandbox.advance(10);
    let gone = sandbox.refused("DescribeEventSubscriptions", json!({"SubscriptionName": "sub"}));
    assert_eq!(gone.code, "ResourceNotFoundFault");
    for (change, code) in [
        (json!({"SnsTopicArn": "topic"}), "SNSInvalidTopicFault"),
        (json!({"SourceIds": ["other"]}), "ResourceNotFoundFault"),
        (json!({"EventCategories": ["state change"]}), "InvalidParameterValueException"),
        (json!({"SourceType": "database"}), "InvalidParameterValueException"),
    ] {
        let mut input =
            json!({"SubscriptionName": "s", "SnsTopicArn": topic, "SourceType": "replication-instance"});
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(sandbox.refused("CreateEventSubscription", input).code, code, "{change}");
    }
}

#[test]
fn events_tell_what_happened() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    sandbox.ok(
        "StartReplicationTask",
        json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "start-replication"}),
    );
    sandbox.advance(60);
    sandbox.ok("StopReplicationTask", json!({"ReplicationTaskArn": task.arn}));
    sandbox.advance(60);
    let events = sandbox.ok("DescribeEvents", json!({}));
    let messages: Vec<String> =
        events["Events"].as_array().unwrap().iter().map(|event| string(&event["Message"])).collect();
    assert_eq!(
        messages,
        [
            "Replication instance is being created",
            "Replication instance has been created",
            "Replication task has been created",
            "Replication task has started",
            "Replication task has stopped",
        ]
    );
    let of_instance = json!({"SourceType": "replication-instance", "SourceIdentifier": "ri"});
    assert_eq!(sandbox.ok("DescribeEvents", of_instance)["Events"].as_array().unwrap().len(), 2);
    sandbox.advance(3600);
    assert_eq!(sandbox.ok("DescribeEvents", json!({}))["Events"], json!([]));
    let categories = sandbox.ok("DescribeEventCategories", json!({"SourceType": "replication-task"}));
    assert_eq!(categories["EventCategoryGroupList"].as_array().unwrap().len(), 1);
}

#[test]
fn an_instance_reboots_and_is_upgraded() {
    let sandbox = Sandbox::new();
    let made = sandbox.ok(
        "CreateReplicationInstance",
        json!({"ReplicationInstanceIdentifier": "ri", "ReplicationInstanceClass": "dms.t3.micro", "EngineVersion": "3.5.2"}),
    );
    sandbox.advance(600);
    let arn = string(&made["ReplicationInstance"]["ReplicationInstanceArn"]);
    let call = json!({"ReplicationInstanceArn": arn});
    let status = || {
        let listed = sandbox.ok("DescribeReplicationInstances", json!({}));
        string(&listed["ReplicationInstances"][0]["ReplicationInstanceStatus"])
    };
    sandbox.ok("RebootReplicationInstance", call.clone());
    assert_eq!(status(), "rebooting");
    assert_eq!(sandbox.refused("RebootReplicationInstance", call.clone()).code, "InvalidResourceStateFault");
    sandbox.advance(120);
    assert_eq!(status(), "available");
    let failover = json!({"ReplicationInstanceArn": arn, "ForceFailover": true});
    assert_eq!(
        sandbox.refused("RebootReplicationInstance", failover).code,
        "InvalidParameterCombinationException"
    );

    let pending = sandbox.ok("DescribePendingMaintenanceActions", call.clone());
    let details = &pending["PendingMaintenanceActions"][0]["PendingMaintenanceActionDetails"];
    assert_eq!(details[0]["Action"], "version-upgrade");
    let apply =
        json!({"ReplicationInstanceArn": arn, "ApplyAction": "version-upgrade", "OptInType": "immediate"});
    let applied = sandbox.ok("ApplyPendingMaintenanceAction", apply.clone());
    let details = &applied["ResourcePendingMaintenanceActions"]["PendingMaintenanceActionDetails"];
    assert_eq!(details[0]["OptInStatus"], "immediate");
    assert_eq!(status(), "upgrading");
    sandbox.advance(300);
    let listed = sandbox.ok("DescribeReplicationInstances", json!({}));
    assert_eq!(listed["ReplicationInstances"][0]["EngineVersion"], "3.5.4");
    let pending = sandbox.ok("DescribePendingMaintenanceActions", call);
    assert_eq!(pending["PendingMaintenanceActions"], json!([]));
    assert_eq!(sandbox.refused("ApplyPendingMaintenanceAction", apply).code, "ResourceNotFoundFault");
    let versions = sandbox.ok("DescribeEngineVersions", json!({}));
    assert!(
        versions["EngineVersions"].as_array().unwrap().iter().any(|version| version["Version"] == "3.5.4")
    );
}

#[test]
fn the_engine_version_moves_by_itself_where_that_is_wanted() {
    let sandbox = Sandbox::new();
    for (name, auto) in [("auto", true), ("fixed", false)] {
        sandbox.ok(
            "CreateReplicationInstance",
            json!({"ReplicationInstanceIdentifier": name, "ReplicationInstanceClass": "dms.t3.micro",
                "EngineVersion": "3.5.2", "AutoMinorVersionUpgrade": auto}),
        );
    }
    sandbox.advance(600);
    let arn = |name: &str| {
        let listed = sandbox.ok("DescribeReplicationInstances", filter("replication-instance-id", name));
        let instance = &listed["ReplicationInstances"][0];
        assert_eq!(instance["ReplicationInstanceStatus"], "available");
        (string(&instance["ReplicationInstanceArn"]), string(&instance["EngineVersion"]))
    };
    // A change of something else lets the upgrade wait for its window.
    let (auto, _) = arn("auto");
    sandbox.ok(
        "ModifyReplicationInstance",
        json!({"ReplicationInstanceArn": auto, "AllocatedStorage": 60, "ApplyImmediately": true}),
    );
    sandbox.advance(300);
    assert_eq!(arn("auto").1, "3.5.2");
    sandbox.advance(7 * 24 * 3600 + 300);
    assert_eq!(arn("auto").1, "3.5.4");
    assert_eq!(arn("fixed").1, "3.5.2");
}

#[test]
fn tables_are_loaded_again_while_a_task_runs() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load-and-cdc");
    let table = json!([{"SchemaName": "shop", "TableName": "table_1"}]);
    let reload = json!({"ReplicationTaskArn": task.arn, "TablesToReload": table});
    assert_eq!(sandbox.refused("ReloadTables", reload.clone()).code, "InvalidResourceStateFault");
    sandbox.ok(
        "StartReplicationTask",
        json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "start-replication"}),
    );
    sandbox.advance(60 + 120);
    sandbox.ok("ReloadTables", reload);
    let state = || {
        let tables = sandbox.ok("DescribeTableStatistics", json!({"ReplicationTaskArn": task.arn}));
        tables["TableStatistics"][0].clone()
    };
    assert_eq!(state()["TableState"], "Table is being reloaded");
    sandbox.advance(20);
    assert_eq!(state()["TableState"], "Table completed");
    assert_eq!(state()["FullLoadReloaded"], true);
    let strange =
        json!({"ReplicationTaskArn": task.arn, "TablesToReload": [{"SchemaName": "x", "TableName": "y"}]});
    assert_eq!(sandbox.refused("ReloadTables", strange).code, "InvalidParameterValueException");
}

#[test]
fn an_assessment_ends_otherwise_where_it_is_told_to() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load");
    let ends_as = |status: Value| {
        let disturbance = json!({"kind": "assessmentsEnd", "task": task.arn, "status": status});
        let script = json!({"disturbances": [disturbance]});
        sandbox.emulator.play(serde_json::from_value(script).unwrap())
    };
    assert!(ends_as(json!("skipped")).is_err());
    for (nth, (status, count)) in
        [("failed", "Failed"), ("warning", "Warning"), ("error-executing", "Error")].into_iter().enumerate()
    {
        ends_as(json!(status)).unwrap();
        let input = json!({"ReplicationTaskArn": task.arn, "AssessmentRunName": nth.to_string(),
            "ServiceAccessRoleArn": "arn:aws:iam::123456789012:role/r", "ResultLocationBucket": "b"});
        let made = sandbox.ok("StartReplicationTaskAssessmentRun", input);
        let arn = string(&made["ReplicationTaskAssessmentRun"]["ReplicationTaskAssessmentRunArn"]);
        sandbox.advance(600);
        let listed = sandbox
            .ok("DescribeReplicationTaskAssessmentRuns", filter("replication-task-assessment-run-arn", &arn));
        let run = &listed["ReplicationTaskAssessmentRuns"][0];
        assert_eq!((&run["Status"], &run["ResultStatistic"][count]), (&json!(status), &json!(1)));
        assert_eq!(sandbox.described(&task)["Status"], "ready");
    }
}

#[test]
fn an_assessment_runs() {
    let sandbox = Sandbox::new();
    let task = sandbox.task("full-load");
    let names =
        sandbox.ok("DescribeApplicableIndividualAssessments", json!({"ReplicationTaskArn": task.arn}));
    let count = names["IndividualAssessmentNames"].as_array().unwrap().len();
    let input = |name: &str| {
        json!({"ReplicationTaskArn": task.arn, "ServiceAccessRoleArn": "arn:aws:iam::123456789012:role/r",
            "ResultLocationBucket": "b", "AssessmentRunName": name})
    };
    let made = sandbox.ok("StartReplicationTaskAssessmentRun", input("first"));
    let arn = string(&made["ReplicationTaskAssessmentRun"]["ReplicationTaskAssessmentRunArn"]);
    assert_eq!(sandbox.described(&task)["Status"], "testing");
    let start = json!({"ReplicationTaskArn": task.arn, "StartReplicationTaskType": "start-replication"});
    assert_eq!(sandbox.refused("StartReplicationTask", start).code, "InvalidResourceStateFault");
    sandbox.advance(60 + 20);
    let individual = sandbox.ok("DescribeReplicationTaskIndividualAssessments", json!({}));
    let statuses: Vec<&Value> = individual["ReplicationTaskIndividualAssessments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|assessment| &assessment["Status"])
        .collect();
    assert_eq!(statuses.len(), count);
    assert_eq!(statuses[..2], ["passed", "running"]);
    sandbox.advance(20 * u64::try_from(count).unwrap());
    let listed =
        sandbox.ok("DescribeReplicationTaskAssessmentRuns", filter("replication-task-arn", &task.arn));
    assert_eq!(listed["ReplicationTaskAssessmentRuns"][0]["Status"], "passed");
    assert_eq!(sandbox.described(&task)["Status"], "ready");

    let second = sandbox.ok("StartReplicationTaskAssessmentRun", input("second"));
    let second = json!({"ReplicationTaskAssessmentRunArn":
        second["ReplicationTaskAssessmentRun"]["ReplicationTaskAssessmentRunArn"]});
    assert_eq!(
        sandbox.refused("DeleteReplicationTaskAssessmentRun", second.clone()).code,
        "InvalidResourceStateFault"
    );
    sandbox.ok("CancelReplicationTaskAssessmentRun", second);
    sandbox.advance(20);
    assert_eq!(sandbox.described(&task)["Status"], "ready");
    sandbox.ok("DeleteReplicationTaskAssessmentRun", json!({"ReplicationTaskAssessmentRunArn": arn}));
}
