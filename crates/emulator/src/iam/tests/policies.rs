use serde_json::{Value, json};

use super::{Account, VPC_POLICY, no_such_role, trust};

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
    assert_eq!(account.ok("GetPolicy", json!({"PolicyArn": VPC_POLICY}))["Policy"]["AttachmentCount"], 1);
    let version = account.ok("GetPolicyVersion", json!({"PolicyArn": VPC_POLICY, "VersionId": "v4"}));
    assert!(version["PolicyVersion"]["Document"].as_str().unwrap().contains("ec2%3ACreateNetworkInterface"));
    let missing = "arn:aws:iam::aws:policy/service-role/NoSuchPolicy";
    let message = format!("Policy {missing} does not exist or is not attachable.");
    assert_eq!(account.refused("AttachRolePolicy", attach(missing)), (404, "NoSuchEntity", message));
    // The name alone is not enough: this policy lives under /service-role/.
    let misplaced = "arn:aws:iam::aws:policy/AmazonDMSVPCManagementRole";
    assert_eq!(account.refused("AttachRolePolicy", attach(misplaced)).1, "NoSuchEntity");
    assert_eq!(
        account.refused("AttachRolePolicy", attach("not-an-arn-but-long-enough")),
        (400, "InvalidInput", "ARN not-an-arn-but-long-enough is not valid.".to_owned())
    );
    assert_eq!(
        account.refused("DetachRolePolicy", attach(missing)).2,
        format!("Policy {missing} was not found.")
    );
    assert_eq!(
        account.refused("AttachRolePolicy", json!({"RoleName": "x", "PolicyArn": VPC_POLICY})),
        no_such_role("x")
    );
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
        (format!(" {}", trust("dms.amazonaws.com")), "JSON strings must not have leading spaces".to_owned()),
        (r#"{"Version":"2012-10-17"}"#.to_owned(), "Missing required field Statement".to_owned()),
        (trust("tagging.amazonaws.com"), invalid("SERVICE", "tagging.amazonaws.com")),
        (
            statement(json!({"Principal": {"AWS": format!("{role}/missing")}})),
            invalid("AWS", &format!("{role}/missing")),
        ),
        (statement(json!({"Principal": "dms.amazonaws.com"})), "Invalid principal in policy.".to_owned()),
        (statement(json!({"Resource": "*"})), "Has prohibited field Resource".to_owned()),
        (statement(json!({"Colour": "red"})), "Unknown field Colour".to_owned()),
        (statement(json!({"Effect": "allow"})), "Invalid effect: allow".to_owned()),
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
        account.ok("UpdateAssumeRolePolicy", json!({"RoleName": "existing", "PolicyDocument": document}));
    }
    let long = statement(
        json!({"Condition": {"StringEquals": {"aws:SourceArn": vec!["arn:aws:dms:us-east-1:1:*"; 100]}}}),
    );
    let refused =
        account.refused("UpdateAssumeRolePolicy", json!({"RoleName": "existing", "PolicyDocument": long}));
    assert_eq!(refused, (409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048".to_owned()));
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
        (document(json!({"Effect": "Allow", "Resource": "*"})), "Policy statement must contain actions."),
        (document(json!({"Effect": "Allow", "Action": "s3:*"})), "Policy statement must contain resources."),
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
        assert_eq!(refused, (400, "MalformedPolicyDocument", message.to_owned()), "{document}");
    }
    let good =
        document(json!({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}));
    account.ok("PutRolePolicy", put(&good));
    assert_eq!(account.ok("ListRolePolicies", json!({"RoleName": "r"}))["PolicyNames"], json!(["p"]));
    let read = account.ok("GetRolePolicy", json!({"RoleName": "r", "PolicyName": "p"}));
    assert!(read["PolicyDocument"].as_str().unwrap().contains("s3%3AGetObject"));
    let absent = account.refused("GetRolePolicy", json!({"RoleName": "r", "PolicyName": "q"}));
    assert_eq!(absent, (404, "NoSuchEntity", "The role policy with name q cannot be found.".to_owned()));
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
    assert_eq!(account.refused("CreateServiceLinkedRole", create), (400, "InvalidInput", taken));
    let message = format!(
        "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    );
    for (operation, input) in [
        ("DeleteRole", json!({"RoleName": name})),
        ("AttachRolePolicy", json!({"RoleName": name, "PolicyArn": VPC_POLICY})),
        ("UpdateAssumeRolePolicy", json!({"RoleName": name, "PolicyDocument": trust("dms.amazonaws.com")})),
        ("UpdateRole", json!({"RoleName": name, "MaxSessionDuration": 7200})),
        ("DeleteRolePolicy", json!({"RoleName": name, "PolicyName": "p"})),
    ] {
        assert_eq!(
            account.refused(operation, input),
            (400, "UnmodifiableEntity", message.clone()),
            "{operation}"
        );
    }
    let unknown = account.refused("CreateServiceLinkedRole", json!({"AWSServiceName": "s3.amazonaws.com"}));
    assert_eq!(unknown.2, "Cannot find Service Linked Role template for s3.amazonaws.com");
    let other = "arn:aws:iam::aws:policy/aws-service-role/AWSDMSServerlessServiceRolePolicy";
    account.create("r");
    assert_eq!(
        account.refused("AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": other})).1,
        "PolicyNotAttachable"
    );
}

#[test]
fn service_linked_roles_are_deleted_by_a_task() {
    let mut account = Account::new();
    account.ok("CreateServiceLinkedRole", json!({"AWSServiceName": "dms.amazonaws.com"}));
    account.create("ordinary");
    assert_eq!(account.refused("DeleteServiceLinkedRole", json!({"RoleName": "ordinary"})).1, "NoSuchEntity");
    let name = json!({"RoleName": "AWSServiceRoleForDMSServerless"});
    let task = account.ok("DeleteServiceLinkedRole", name.clone())["DeletionTaskId"].take();
    let prefix = "task/aws-service-role/dms.amazonaws.com/AWSServiceRoleForDMSServerless/";
    assert!(task.as_str().unwrap().starts_with(prefix), "{task}");
    let status = account.ok("GetServiceLinkedRoleDeletionStatus", json!({"DeletionTaskId": task}));
    assert_eq!(status, json!({"Status": "SUCCEEDED"}));
    assert_eq!(
        account.refused("GetServiceLinkedRoleDeletionStatus", json!({"DeletionTaskId": "task/x"})).1,
        "NoSuchEntity"
    );
    assert_eq!(account.refused("GetRole", name).1, "NoSuchEntity");
}
