use serde_json::{Map, Value, json};

use super::{Account, VPC_POLICY, no_such_role, trust};

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
    assert_eq!(role["Tags"], json!([{"Key": "pipewright:owner:prod", "Value": "orders billing"}]));
    assert_eq!(role["CreateDate"], 1_800_000_001);
    let encoded = role["AssumeRolePolicyDocument"].as_str().unwrap();
    assert!(encoded.starts_with("%7B%22") && !encoded.contains(['{', '"', ' ', ':']), "{encoded}");
    let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap();
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
    let names: Vec<_> = listed["Roles"].as_array().unwrap().iter().map(|role| &role["RoleName"]).collect();
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
        marker = page.get("Marker").map(|marker| marker.as_str().unwrap().to_owned());
        assert_eq!(page["IsTruncated"], marker.is_some());
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(pages, 7);
    assert_eq!(names, (0..250).map(|number| format!("role-{number:03}")).collect::<Vec<_>>());
    assert_eq!(account.ok("ListRoles", json!({}))["Roles"].as_array().unwrap().len(), 100);
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
        (409, "EntityAlreadyExists", "Role with name DMS-vpc-role already exists.".to_owned())
    );
    account.ok("DeleteRole", json!({"RoleName": "dms-vpc-role"}));
    assert_eq!(account.refused("GetRole", json!({"RoleName": "dms-vpc-role"})), no_such_role("dms-vpc-role"));
    let second = account.create("dms-vpc-role");
    assert_ne!(first["RoleId"], second["RoleId"]);
}

#[test]
fn a_role_with_policies_cannot_be_deleted() {
    let mut account = Account::new();
    account.create("r");
    account.ok("AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": VPC_POLICY}));
    let inline =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
    account.ok(
        "PutRolePolicy",
        json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": inline.to_string()}),
    );
    let conflict = |message: &str| (409, "DeleteConflict", message.to_owned());
    let delete = json!({"RoleName": "r"});
    let refused = account.refused("DeleteRole", delete.clone());
    assert_eq!(refused, conflict("Cannot delete entity, must detach all policies first."));
    account.ok("DetachRolePolicy", json!({"RoleName": "r", "PolicyArn": VPC_POLICY}));
    let refused = account.refused("DeleteRole", delete.clone());
    assert_eq!(refused, conflict("Cannot delete entity, must delete policies first."));
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
    assert_eq!(again, (409, "EntityAlreadyExists", "Instance Profile p already exists.".to_owned()));
    account.ok("AddRoleToInstanceProfile", of("r"));
    let second = account.refused("AddRoleToInstanceProfile", of("s"));
    assert_eq!(second.2, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
    let listed = account.ok("ListInstanceProfilesForRole", json!({"RoleName": "r"}));
    assert_eq!(listed["InstanceProfiles"][0]["InstanceProfileName"], "p");
    assert_eq!(
        account.ok("ListInstanceProfiles", json!({}))["InstanceProfiles"][0]["Roles"][0]["RoleName"],
        "r"
    );
    let details = account.ok("GetAccountAuthorizationDetails", json!({"Filter": ["Role"]}));
    assert_eq!(details["RoleDetailList"][0]["InstanceProfileList"][0]["InstanceProfileName"], "p");
    let message = "Cannot delete entity, must remove roles from instance profile first.".to_owned();
    assert_eq!(
        account.refused("DeleteRole", json!({"RoleName": "r"})),
        (409, "DeleteConflict", message.clone())
    );
    assert_eq!(account.refused("DeleteInstanceProfile", profile.clone()), (409, "DeleteConflict", message));
    assert_eq!(account.refused("RemoveRoleFromInstanceProfile", of("s")).1, "NoSuchEntity");
    account.ok("RemoveRoleFromInstanceProfile", of("r"));
    account.ok("DeleteRole", json!({"RoleName": "r"}));
    account.ok("DeleteInstanceProfile", profile.clone());
    let gone = account.refused("GetInstanceProfile", profile);
    assert_eq!(gone, (404, "NoSuchEntity", "Instance Profile p cannot be found.".to_owned()));
}

#[test]
fn authorization_details_hold_everything_of_a_role() {
    let mut account = Account::new();
    account.create("r");
    account.ok("AttachRolePolicy", json!({"RoleName": "r", "PolicyArn": VPC_POLICY}));
    account.ok("TagRole", json!({"RoleName": "r", "Tags": [{"Key": "k", "Value": "v"}]}));
    let details = account.ok("GetAccountAuthorizationDetails", json!({"Filter": ["Role"]}));
    let role = &details["RoleDetailList"][0];
    assert_eq!(role["Tags"], json!([{"Key": "k", "Value": "v"}]));
    assert_eq!(role["AttachedManagedPolicies"][0]["PolicyArn"], VPC_POLICY);
    assert_eq!(details["Policies"], json!([]));
    let all = account.ok("GetAccountAuthorizationDetails", json!({}));
    assert_eq!(all["Policies"][0]["PolicyName"], "AmazonDMSVPCManagementRole");
    let first = account.ok("GetAccountAuthorizationDetails", json!({"MaxItems": 1}));
    assert_eq!((&first["IsTruncated"], &first["Policies"]), (&json!(true), &json!([])));
    let rest =
        account.ok("GetAccountAuthorizationDetails", json!({"MaxItems": 1, "Marker": first["Marker"]}));
    assert_eq!((&rest["RoleDetailList"], rest["Policies"].as_array().unwrap().len()), (&json!([]), 1));
}

#[test]
fn limits_and_unknown_operations() {
    let mut account = Account::new();
    assert_eq!(
        account.refused("CreateUser", json!({})),
        (400, "InvalidAction", "Could not find operation CreateUser for version 2010-05-08".to_owned())
    );
    account.create("r");
    account.ok("UpdateRole", json!({"RoleName": "r", "Description": "new", "MaxSessionDuration": 7200}));
    let role = account.ok("GetRole", json!({"RoleName": "r"}))["Role"].take();
    assert_eq!((&role["Description"], &role["MaxSessionDuration"]), (&json!("new"), &json!(7200)));
    let boundary = json!({"RoleName": "b", "AssumeRolePolicyDocument": trust("dms.amazonaws.com"),
        "PermissionsBoundary": "arn:aws:iam::aws:policy/NoSuchPolicy"});
    assert_eq!(account.refused("CreateRole", boundary).1, "NoSuchEntity");
    assert_eq!(
        account.ok("ListInstanceProfilesForRole", json!({"RoleName": "r"}))["InstanceProfiles"],
        json!([])
    );
}
