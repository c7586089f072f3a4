use std::time::Duration;

use serde_json::{Map, Value, json};

use super::*;
use crate::Config;
use crate::api::{Caller, Memory, Records};

const VPC_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole";

/// An account of IAM whose every answer is also rendered, so that members outside the model fail the test.
struct Account {
    records: Memory,
    config: Config,
    now: Duration,
}

impl Account {
    fn new() -> Self {
        Account {
            records: Memory::default(),
            config: Config::default(),
            now: Duration::from_secs(1_800_000_001),
        }
    }

    fn call(&mut self, operation: &str, input: Value) -> Result<Value, AwsError> {
        let Value::Object(input) = input else {
            panic!("an input is an object")
        };
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
            now: self.now,
            request_id: "id",
            config: &self.config,
            records: &mut self.records,
        };
        let output = handle(operation, &input, &mut cx)?;
        query::response_document(&IAM, operation, &output, "id");
        Ok(output)
    }

    fn ok(&mut self, operation: &str, input: Value) -> Value {
        self.call(operation, input)
            .unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn refused(&mut self, operation: &str, input: Value) -> (u16, &'static str, String) {
        let error = self.call(operation, input).expect_err(operation);
        (error.status, error.code, error.message)
    }

    fn create(&mut self, name: &str) -> Value {
        self.ok(
            "CreateRole",
            json!({"RoleName": name, "AssumeRolePolicyDocument": trust("dms.amazonaws.com")}),
        )["Role"]
            .take()
    }
}

fn trust(service: &str) -> String {
    json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})
    .to_string()
}

fn no_such_role(name: &str) -> (u16, &'static str, String) {
    (
        404,
        "NoSuchEntity",
        format!("The role with name {name} cannot be found."),
    )
}

#[test]
fn a_role_reads_back_as_it_was_created() {
    let mut account = Account::new();
    let document = trust("dms.amazonaws.com");
    let input = json!({"RoleName": "dms-vpc-role", "Path": "/team/", "AssumeRolePolicyDocument": document,
        "Description": "for DMS", "Tags": [{"Key": "pipewright:owner:prod", "Value": "orders billing"}]});
    let created = account.ok("CreateRole", input);
    let id = created["Role"]["RoleId"].as_str().unwrap();
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
    let role = account.ok("GetRole", json!({"RoleName": "dms-vpc-role"}))["Role"].take();
    assert_eq!(role["Arn"], "arn:aws:iam::123456789012:role/team/dms-vpc-role");
    assert_eq!(role["RoleId"], id);
    assert_eq!(role["MaxSessionDuration"], 3600);
    assert_eq!(role["RoleLastUsed"], json!({}));
    assert_eq!(
        role["Tags"],
        json!([{"Key": "pipewright:owner:prod", "Value": "orders billing"}])
    );
    assert_eq!(role["CreateDate"], 1_800_000_001);
    let encoded = role["AssumeRolePolicyDocument"].as_str().unwrap();
    assert!(
        encoded.starts_with("%7B%22") && !encoded.contains(['{', '"', ' ', ':']),
        "{encoded}"
    );
    let decoded = percent_encoding::percent_decode_str(encoded)
        .decode_utf8()
        .unwrap();
    assert_eq!(decoded, document);
}

#[test]
fn list_roles_has_neither_tags_nor_last_use_and_takes_a_prefix() {
    let mut account = Account::new();
    account.create("one");
    let tagged = json!({"RoleName": "two", "Path": "/team/", "AssumeRolePolicyDocument": trust("dms.amazonaws.com"),
        "Tags": [{"Key": "a", "Value": "b"}]});
    account.ok("CreateRole", tagged);
    let listed = account.ok("ListRoles", json!({"PathPrefix": "/team/"}));
    let names: Vec<_> = listed["Roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| &role["RoleName"])
        .collect();
    assert_eq!(names, ["two"]);
    assert!(listed["Roles"][0].get("Tags").is_none() && listed["Roles"][0].get("RoleLastUsed").is_none());
    assert_eq!(listed["IsTruncated"], false);
}

#[test]
fn pages_walk_all_roles_once_and_refuse_a_foreign_marker() {
    let mut account = Account::new();
    for number in 0..250 {
        account.create(&format!("role-{number:03}"));
    }
    let (mut names, mut marker, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let mut input = Map::from_iter([("MaxItems".to_owned(), json!(40))]);
        input.extend(marker.take().map(|marker| ("Marker".to_owned(), json!(marker))));
        let page = account.ok("ListRoles", Value::Object(input));
        names.extend(
            page["Roles"]
                .as_array()
                .unwrap()
                .iter()
                .map(|role| role["RoleName"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        marker = page
            .get("Marker")
            .map(|marker| marker.as_str().unwrap().to_owned());
        assert_eq!(page["IsTruncated"], marker.is_some());
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(pages, 7);
    assert_eq!(
        names,
        (0..250)
            .map(|number| format!("role-{number:03}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        account.ok("ListRoles", json!({}))["Roles"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
    let refused = account.refused("ListRoles", json!({"Marker": "!"}));
    assert_eq!(refused, (400, "ValidationError", "Invalid Marker.".to_owned()));
}

#[test]
fn names_are_unique_without_case_and_a_new_role_is_another_one() {
    let mut account = Account::new();
    let first = account.create("dms-vpc-role");
    let again = json!({"RoleName": "DMS-vpc-role", "AssumeRolePolicyDocument": trust("dms.amazonaws.com")});
    assert_eq!(
        account.refused("CreateRole", again),
        (
            409,
            "EntityAlreadyExists",
            "Role with name DMS-vpc-role already exists.".to_owned()
        )
    );
    account.ok("DeleteRole", json!({"RoleName": "dms-vpc-role"}));
    assert_eq!(
        account.refused("GetRole", json!({"RoleName": "dms-vpc-role"})),
        no_such_role("dms-vpc-role")
    );
    let second = account.create("dms-vpc-role");
    assert_ne!(first["RoleId"], second["RoleId"]);
}

#[test]
fn a_role_with_policies_cannot_be_deleted() {
    let mut account = Account::new();
    account.create("r");
    account.ok(
        "AttachRolePolicy",
        json!({"RoleName": "r", "PolicyArn": VPC_POLICY}),
    );
    let inline =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    account.ok(
        "PutRolePolicy",
        json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": inline.to_string()}),
    );
    let conflict = |message: &str| (409, "DeleteConflict", message.to_owned());
    let delete = json!({"RoleName": "r"});
    let refused = account.refused("DeleteRole", delete.clone());
    assert_eq!(
        refused,
        conflict("Cannot delete entity, must detach all policies first.")
    );
    account.ok(
        "DetachRolePolicy",
        json!({"RoleName": "r", "PolicyArn": VPC_POLICY}),
    );
    let refused = account.refused("DeleteRole", delete.clone());
    assert_eq!(
        refused,
        conflict("Cannot delete entity, must delete policies first.")
    );
    account.ok("DeleteRolePolicy", json!({"RoleName": "r", "PolicyName": "p"}));
    account.ok("DeleteRole", delete);
}

#[test]
fn a_role_in_an_instance_profile_cannot_be_deleted() {
    let mut account = Account::new();
    account.create("r");
    account.create("s");
    let profile = json!({"InstanceProfileName": "p"});
    let of = |role: &str| json!({"InstanceProfileName": "p", "RoleName": role});
    account.ok(
        "CreateInstanceProfile",
        json!({"InstanceProfileName": "p", "Tags": [{"Key": "k", "Value": "v"}]}),
    );
    let again = account.refused("CreateInstanceProfile", profile.clone());
    assert_eq!(
        again,
        (
            409,
            "EntityAlreadyExists",
            "Instance Profile p already exists.".to_owned()
        )
    );
    account.ok("AddRoleToInstanceProfile", of("r"));
    let second = account.refused("AddRoleToInstanceProfile", of("s"));
    assert_eq!(
        second.2,
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    );
    let listed = account.ok("ListInstanceProfilesForRole", json!({"RoleName": "r"}));
    assert_eq!(listed["InstanceProfiles"][0]["InstanceProfileName"], "p");
    assert_eq!(
        account.ok("ListInstanceProfiles", json!({}))["InstanceProfiles"][0]["Roles"][0]["RoleName"],
        "r"
    );
    let details = account.ok("GetAccountAuthorizationDetails", json!({"Filter": ["Role"]}));
    assert_eq!(
        details["RoleDetailList"][0]["InstanceProfileList"][0]["InstanceProfileName"],
        "p"
    );
    let message = "Cannot delete entity, must remove roles from instance profile first.".to_owned();
    assert_eq!(
        account.refused("DeleteRole", json!({"RoleName": "r"})),
        (409, "DeleteConflict", message.clone())
    );
    assert_eq!(
        account.refused("DeleteInstanceProfile", profile.clone()),
        (409, "DeleteConflict", message)
    );
    assert_eq!(
        account.refused("RemoveRoleFromInstanceProfile", of("s")).1,
        "NoSuchEntity"
    );
    account.ok("RemoveRoleFromInstanceProfile", of("r"));
    account.ok("DeleteRole", json!({"RoleName": "r"}));
    account.ok("DeleteInstanceProfile", profile.clone());
    let gone = account.refused("GetInstanceProfile", profile);
    assert_eq!(
        gone,
        (
            404,
            "NoSuchEntity",
            "Instance Profile p cannot be found.".to_owned()
        )
    );
}

#[test]
fn service_linked_roles_are_deleted_by_a_task() {
    let mut account = Account::new();
    account.ok(
        "CreateServiceLinkedRole",
        json!({"AWSServiceName": "dms.amazonaws.com"}),
    );
    account.create("ordinary");
    assert_eq!(
        account
            .refused("DeleteServiceLinkedRole", json!({"RoleName": "ordinary"}))
            .1,
        "NoSuchEntity"
    );
    let name = json!({"RoleName": "AWSServiceRoleForDMSServerless"});
    let task = account.ok("DeleteServiceLinkedRole", name.clone())["DeletionTaskId"].take();
    let prefix = "task/aws-service-role/dms.amazonaws.com/AWSServiceRoleForDMSServerless/";
    assert!(task.as_str().unwrap().starts_with(prefix), "{task}");
    let status = account.ok(
        "GetServiceLinkedRoleDeletionStatus",
        json!({"DeletionTaskId": task}),
    );
    assert_eq!(status, json!({"Status": "SUCCEEDED"}));
    assert_eq!(
        account
            .refused(
                "GetServiceLinkedRoleDeletionStatus",
                json!({"DeletionTaskId": "task/x"})
            )
            .1,
        "NoSuchEntity"
    );
    assert_eq!(account.refused("GetRole", name).1, "NoSuchEntity");
}

#[test]
fn attachments() {
    let mut account = Account::new();
    account.create("r");
    let attach = |arn: &str| json!({"RoleName": "r", "PolicyArn": arn});
    account.ok("AttachRolePolicy", attach(VPC_POLICY));
    account.ok("AttachRolePolicy", attach(VPC_POLICY));
    let listed = account.ok("ListAttachedRolePolicies", json!({"RoleName": "r"}));
    let expected = json!([{"PolicyName": "AmazonDMSVPCManagementRole", "PolicyArn": VPC_POLICY}]);
    assert_eq!(listed["AttachedPolicies"], expected);
    assert_eq!(
        account.ok("GetPolicy", json!({"PolicyArn": VPC_POLICY}))["Policy"]["AttachmentCount"],
        1
    );
    let version = account.ok(
        "GetPolicyVersion",
        json!({"PolicyArn": VPC_POLICY, "VersionId": "v4"}),
    );
    assert!(
        version["PolicyVersion"]["Document"]
            .as_str()
            .unwrap()
            .contains("ec2%3ACreateNetworkInterface")
    );
    let missing = "arn:aws:iam::aws:policy/service-role/NoSuchPolicy";
    let message = format!("Policy {missing} does not exist or is not attachable.");
    assert_eq!(
        account.refused("AttachRolePolicy", attach(missing)),
        (404, "NoSuchEntity", message)
    );
    // The name alone is not enough: this policy lives under /service-role/.
    let misplaced = "arn:aws:iam::aws:policy/AmazonDMSVPCManagementRole";
    assert_eq!(
        account.refused("AttachRolePolicy", attach(misplaced)).1,
        "NoSuchEntity"
    );
    assert_eq!(
        account.refused("AttachRolePolicy", attach("not-an-arn-but-long-enough")),
        (
            400,
            "InvalidInput",
            "ARN not-an-arn-but-long-enough is not valid.".to_owned()
        )
    );
    assert_eq!(
        account.refused("DetachRolePolicy", attach(missing)).2,
        format!("Policy {missing} was not found.")
    );
    assert_eq!(
        account.refused(
            "AttachRolePolicy",
            json!({"RoleName": "x", "PolicyArn": VPC_POLICY})
        ),
        no_such_role("x")
    );
}

#[test]
fn tags_compare_without_case_and_keep_the_newest_spelling() {
    let mut account = Account::new();
    account.create("r");
    let tag = |key: &str, value: &str| json!({"RoleName": "r", "Tags": [{"Key": key, "Value": value}]});
    account.ok("TagRole", tag("Owner", "a"));
    account.ok("TagRole", tag("pipewright:drain", "prod AROA 1"));
    account.ok("TagRole", tag("OWNER", "b"));
    let tags = account.ok("ListRoleTags", json!({"RoleName": "r"}))["Tags"].take();
    assert_eq!(
        tags,
        json!([{"Key": "OWNER", "Value": "b"}, {"Key": "pipewright:drain", "Value": "prod AROA 1"}])
    );
    account.ok(
        "UntagRole",
        json!({"RoleName": "r", "TagKeys": ["owner", "absent"]}),
    );
    let role = account.ok("GetRole", json!({"RoleName": "r"}));
    assert_eq!(
        role["Role"]["Tags"],
        json!([{"Key": "pipewright:drain", "Value": "prod AROA 1"}])
    );
    let twice = json!({"RoleName": "r", "Tags": [{"Key": "k", "Value": ""}, {"Key": "K", "Value": ""}]});
    let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    assert_eq!(
        account.refused("TagRole", twice),
        (400, "InvalidInput", message.to_owned())
    );
    assert_eq!(
        account
            .refused("TagRole", tag("aws:cloudformation:stack-name", "s"))
            .1,
        "InvalidInput"
    );
    assert_eq!(account.refused("TagRole", tag("a,b", "")).1, "ValidationError");
    assert_eq!(
        account.refused("TagRole", tag("k", &"v".repeat(257))).1,
        "ValidationError"
    );
}

#[test]
fn a_role_has_fifty_tags_and_one_bad_tag_fails_the_whole_call() {
    let mut account = Account::new();
    account.create("r");
    let tags: Vec<_> = (0..50)
        .map(|number| json!({"Key": format!("k{number}"), "Value": ""}))
        .collect();
    account.ok("TagRole", json!({"RoleName": "r", "Tags": tags}));
    let more = json!({"RoleName": "r", "Tags": [{"Key": "k0", "Value": "new"}, {"Key": "k50", "Value": ""}]});
    let message = "The number of tags has reached the maximum limit.";
    assert_eq!(
        account.refused("TagRole", more),
        (409, "LimitExceeded", message.to_owned())
    );
    let tags = account.ok("ListRoleTags", json!({"RoleName": "r"}))["Tags"].take();
    assert_eq!(tags.as_array().unwrap().len(), 50);
    assert_eq!(tags[0], json!({"Key": "k0", "Value": ""}));
}

#[test]
fn trust_documents() {
    let mut account = Account::new();
    account.create("existing");
    let statement = |patch: Value| {
        let mut statement = json!({"Effect": "Allow", "Principal": {"Service": "dms.amazonaws.com"}, "Action": "sts:AssumeRole"});
        for (key, value) in patch.as_object().unwrap() {
            statement[key] = value.clone();
        }
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let role = "arn:aws:iam::123456789012:role";
    let invalid = |kind: &str, name: &str| format!("Invalid principal in policy: \"{kind}\":\"{name}\"");
    let cases = [
        ("{".to_owned(), "This policy contains invalid Json".to_owned()),
        (
            format!(" {}", trust("dms.amazonaws.com")),
            "JSON strings must not have leading spaces".to_owned(),
        ),
        (
            r#"{"Version":"2012-10-17"}"#.to_owned(),
            "Missing required field Statement".to_owned(),
        ),
        (
            trust("tagging.amazonaws.com"),
            invalid("SERVICE", "tagging.amazonaws.com"),
        ),
        (
            statement(json!({"Principal": {"AWS": format!("{role}/missing")}})),
            invalid("AWS", &format!("{role}/missing")),
        ),
        (
            statement(json!({"Principal": "dms.amazonaws.com"})),
            "Invalid principal in policy.".to_owned(),
        ),
        (
            statement(json!({"Resource": "*"})),
            "Has prohibited field Resource".to_owned(),
        ),
        (
            statement(json!({"Colour": "red"})),
            "Unknown field Colour".to_owned(),
        ),
        (
            statement(json!({"Effect": "allow"})),
            "Invalid effect: allow".to_owned(),
        ),
        (
            statement(json!({"Action": "s3:GetObject"})),
            "AssumeRole policy may only specify STS AssumeRole actions.".to_owned(),
        ),
        (
            statement(json!({"Condition": {"Like": {"a:b": "c"}}})),
            "Invalid Condition type : Like.".to_owned(),
        ),
    ];
    for (document, message) in cases {
        let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": document});
        assert_eq!(
            account.refused("CreateRole", input),
            (400, "MalformedPolicyDocument", message),
            "{document}"
        );
    }
    for principal in [
        json!({"Service": ["dms.amazonaws.com", "redshift.amazonaws.com"]}),
        json!({"Service": "dms.eu-central-1.amazonaws.com"}),
        json!({"AWS": ["210987654321", "arn:aws:iam::210987654321:root", "arn:aws:iam::210987654321:role/any"]}),
        json!({"AWS": format!("{role}/existing")}),
        json!("*"),
    ] {
        let condition = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}});
        let document = statement(json!({"Principal": principal, "Condition": condition}));
        account.ok(
            "UpdateAssumeRolePolicy",
            json!({"RoleName": "existing", "PolicyDocument": document}),
        );
    }
    let long = statement(
        json!({"Condition": {"StringEquals": {"aws:SourceArn": vec!["arn:aws:dms:us-east-1:1:*"; 100]}}}),
    );
    let refused = account.refused(
        "UpdateAssumeRolePolicy",
        json!({"RoleName": "existing", "PolicyDocument": long}),
    );
    assert_eq!(
        refused,
        (
            409,
            "LimitExceeded",
            "Cannot exceed quota for ACLSizePerRole: 2048".to_owned()
        )
    );
}

#[test]
fn inline_policies() {
    let mut account = Account::new();
    account.create("r");
    let put = |document: &Value| json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": document.to_string()});
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]});
    let cases = [
        (json!([]), "Syntax errors in policy."),
        (
            document(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Colour": 1})),
            "Syntax errors in policy.",
        ),
        (
            json!({"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}),
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (
            document(json!({"Effect": "Allow", "Resource": "*"})),
            "Policy statement must contain actions.",
        ),
        (
            document(json!({"Effect": "Allow", "Action": "s3:*"})),
            "Policy statement must contain resources.",
        ),
        (
            document(json!({"Effect": "Allow", "Action": "ListBucket", "Resource": "*"})),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            document(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"})),
            "Resource bucket must be in ARN format or \"*\".",
        ),
        (
            document(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"})),
            "Policy document should not specify a principal.",
        ),
    ];
    for (document, message) in cases {
        let refused = account.refused("PutRolePolicy", put(&document));
        assert_eq!(
            refused,
            (400, "MalformedPolicyDocument", message.to_owned()),
            "{document}"
        );
    }
    let good =
        document(json!({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}));
    account.ok("PutRolePolicy", put(&good));
    assert_eq!(
        account.ok("ListRolePolicies", json!({"RoleName": "r"}))["PolicyNames"],
        json!(["p"])
    );
    let read = account.ok("GetRolePolicy", json!({"RoleName": "r", "PolicyName": "p"}));
    assert!(
        read["PolicyDocument"]
            .as_str()
            .unwrap()
            .contains("s3%3AGetObject")
    );
    let absent = account.refused("GetRolePolicy", json!({"RoleName": "r", "PolicyName": "q"}));
    assert_eq!(
        absent,
        (
            404,
            "NoSuchEntity",
            "The role policy with name q cannot be found.".to_owned()
        )
    );
    let resources = vec!["arn:aws:s3:::a-bucket-with-a-long-name/*"; 300];
    let large = document(json!({"Effect": "Allow", "Action": "s3:*", "Resource": resources}));
    let refused = account.refused("PutRolePolicy", put(&large));
    let message = "Maximum policy size of 10240 bytes exceeded for role r".to_owned();
    assert_eq!(refused, (409, "LimitExceeded", message));
}

#[test]
fn service_linked_roles_cannot_be_edited() {
    let mut account = Account::new();
    let create = json!({"AWSServiceName": "dms.amazonaws.com"});
    let role = account.ok("CreateServiceLinkedRole", create.clone())["Role"].take();
    let name = "AWSServiceRoleForDMSServerless";
    assert_eq!(
        role["Arn"],
        format!("arn:aws:iam::123456789012:role/aws-service-role/dms.amazonaws.com/{name}")
    );
    let taken =
        format!("Service role name {name} has been taken in this account, please try a different suffix.");
    assert_eq!(
        account.refused("CreateServiceLinkedRole", create),
        (400, "InvalidInput", taken)
    );
    let message = format!(
        "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    );
    for (operation, input) in [
        ("DeleteRole", json!({"RoleName": name})),
        (
            "AttachRolePolicy",
            json!({"RoleName": name, "PolicyArn": VPC_POLICY}),
        ),
        (
            "UpdateAssumeRolePolicy",
            json!({"RoleName": name, "PolicyDocument": trust("dms.amazonaws.com")}),
        ),
        (
            "UpdateRole",
            json!({"RoleName": name, "MaxSessionDuration": 7200}),
        ),
        ("DeleteRolePolicy", json!({"RoleName": name, "PolicyName": "p"})),
    ] {
        assert_eq!(
            account.refused(operation, input),
            (400, "UnmodifiableEntity", message.clone()),
            "{operation}"
        );
    }
    let unknown = account.refused(
        "CreateServiceLinkedRole",
        json!({"AWSServiceName": "s3.amazonaws.com"}),
    );
    assert_eq!(
        unknown.2,
        "Cannot find Service Linked Role template for s3.amazonaws.com"
    );
    let other = "arn:aws:iam::aws:policy/aws-service-role/AWSDMSServerlessServiceRolePolicy";
    account.create("r");
    assert_eq!(
        account
            .refused("AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": other}))
            .1,
        "PolicyNotAttachable"
    );
}

#[test]
fn authorization_details_hold_everything_of_a_role() {
    let mut account = Account::new();
    account.create("r");
    account.ok(
        "AttachRolePolicy",
        json!({"RoleName": "r", "PolicyArn": VPC_POLICY}),
    );
    account.ok(
        "TagRole",
        json!({"RoleName": "r", "Tags": [{"Key": "k", "Value": "v"}]}),
    );
    let details = account.ok("GetAccountAuthorizationDetails", json!({"Filter": ["Role"]}));
    let role = &details["RoleDetailList"][0];
    assert_eq!(role["Tags"], json!([{"Key": "k", "Value": "v"}]));
    assert_eq!(role["AttachedManagedPolicies"][0]["PolicyArn"], VPC_POLICY);
    assert_eq!(details["Policies"], json!([]));
    let all = account.ok("GetAccountAuthorizationDetails", json!({}));
    assert_eq!(all["Policies"][0]["PolicyName"], "AmazonDMSVPCManagementRole");
    let first = account.ok("GetAccountAuthorizationDetails", json!({"MaxItems": 1}));
    assert_eq!(
        (&first["IsTruncated"], &first["Policies"]),
        (&json!(true), &json!([]))
    );
    let rest = account.ok(
        "GetAccountAuthorizationDetails",
        json!({"MaxItems": 1, "Marker": first["Marker"]}),
    );
    assert_eq!(
        (
            &rest["RoleDetailList"],
            rest["Policies"].as_array().unwrap().len()
        ),
        (&json!([]), 1)
    );
}

#[test]
fn reads_lag_behind_writes_by_the_propagation_time() {
    let mut account = Account::new();
    account.config.iam_propagation = Duration::from_secs(10);
    let get = json!({"RoleName": "r"});
    let owner = |account: &mut Account| {
        account
            .ok("GetRole", get.clone())
            .pointer("/Role/Tags/0/Value")
            .cloned()
    };
    account.create("r");
    // Writes see the newest state, reads do not.
    assert_eq!(account.refused("GetRole", get.clone()), no_such_role("r"));
    assert_eq!(account.ok("ListRoles", json!({}))["Roles"], json!([]));
    account.now += Duration::from_secs(4);
    account.ok(
        "TagRole",
        json!({"RoleName": "r", "Tags": [{"Key": "owner", "Value": "a"}]}),
    );
    account.now += Duration::from_secs(6);
    assert_eq!(owner(&mut account), None);
    account.ok(
        "TagRole",
        json!({"RoleName": "r", "Tags": [{"Key": "owner", "Value": "b"}]}),
    );
    account.now += Duration::from_secs(4);
    assert_eq!(owner(&mut account), Some(json!("a")));
    account.now += Duration::from_secs(6);
    assert_eq!(owner(&mut account), Some(json!("b")));
    account.ok("DeleteRole", json!({"RoleName": "r"}));
    assert_eq!(
        account.refused("TagRole", json!({"RoleName": "r", "Tags": []})),
        no_such_role("r")
    );
    assert_eq!(owner(&mut account), Some(json!("b")));
    account.create("r");
    account.now += Duration::from_secs(10);
    assert_eq!(owner(&mut account), None);
}

#[test]
fn without_propagation_no_history_is_kept() {
    let mut account = Account::new();
    account.create("r");
    for value in ["a", "b", "c"] {
        account.ok(
            "TagRole",
            json!({"RoleName": "r", "Tags": [{"Key": "k", "Value": value}]}),
        );
    }
    let stored = account.records.get("role", "r").unwrap();
    assert_eq!(stored["versions"].as_array().unwrap().len(), 1);
    account.ok("DeleteRole", json!({"RoleName": "r"}));
    assert_eq!(account.records.get("role", "r"), None);
}

#[test]
fn other_services_see_trust_and_attachments_as_late_as_readers() {
    let mut account = Account::new();
    account.config.iam_propagation = Duration::from_secs(10);
    account.create("dms-vpc-role");
    account.now += Duration::from_secs(5);
    account.ok(
        "AttachRolePolicy",
        json!({"RoleName": "dms-vpc-role", "PolicyArn": VPC_POLICY}),
    );
    let usable = |account: &Account| {
        is_usable(
            &account.records,
            "dms-vpc-role",
            "dms.amazonaws.com",
            VPC_POLICY,
            account.now,
            account.config.iam_propagation,
        )
    };
    assert!(!usable(&account));
    account.now += Duration::from_secs(5);
    assert!(!usable(&account), "the role is visible, its policy is not");
    account.now += Duration::from_secs(5);
    assert!(usable(&account));
    account.ok(
        "UpdateAssumeRolePolicy",
        json!({"RoleName": "dms-vpc-role", "PolicyDocument": trust("ec2.amazonaws.com")}),
    );
    account.now += Duration::from_secs(10);
    assert!(!usable(&account));
}

#[test]
fn limits_and_unknown_operations() {
    let mut account = Account::new();
    assert_eq!(
        account.refused("CreateUser", json!({})),
        (
            400,
            "InvalidAction",
            "Could not find operation CreateUser for version 2010-05-08".to_owned()
        )
    );
    account.create("r");
    account.ok(
        "UpdateRole",
        json!({"RoleName": "r", "Description": "new", "MaxSessionDuration": 7200}),
    );
    let role = account.ok("GetRole", json!({"RoleName": "r"}))["Role"].take();
    assert_eq!(
        (&role["Description"], &role["MaxSessionDuration"]),
        (&json!("new"), &json!(7200))
    );
    let boundary = json!({"RoleName": "b", "AssumeRolePolicyDocument": trust("dms.amazonaws.com"),
        "PermissionsBoundary": "arn:aws:iam::aws:policy/NoSuchPolicy"});
    assert_eq!(account.refused("CreateRole", boundary).1, "NoSuchEntity");
    assert_eq!(
        account.ok("ListInstanceProfilesForRole", json!({"RoleName": "r"}))["InstanceProfiles"],
        json!([])
    );
}
