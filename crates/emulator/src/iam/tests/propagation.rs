use std::time::Duration;

use serde_json::json;

use super::{Account, VPC_POLICY, no_such_role, trust};
use crate::api::Records;
use crate::iam::{ServiceCall, is_usable};

#[test]
fn reads_lag_behind_writes_by_the_propagation_time() {
    let mut account = Account::new();
    account.config.iam_propagation = Duration::from_secs(10);
    let get = json!({"RoleName": "r"});
    let owner =
        |account: &mut Account| account.ok("GetRole", get.clone()).pointer("/Role/Tags/0/Value").cloned();
    account.create("r");
    // Writes see the newest state, reads do not.
    assert_eq!(account.refused("GetRole", get.clone()), no_such_role("r"));
    assert_eq!(account.ok("ListRoles", json!({}))["Roles"], json!([]));
    account.now += Duration::from_secs(4);
    account.ok("TagRole", json!({"RoleName": "r", "Tags": [{"Key": "owner", "Value": "a"}]}));
    account.now += Duration::from_secs(6);
    assert_eq!(owner(&mut account), None);
    account.ok("TagRole", json!({"RoleName": "r", "Tags": [{"Key": "owner", "Value": "b"}]}));
    account.now += Duration::from_secs(4);
    assert_eq!(owner(&mut account), Some(json!("a")));
    account.now += Duration::from_secs(6);
    assert_eq!(owner(&mut account), Some(json!("b")));
    account.ok("DeleteRole", json!({"RoleName": "r"}));
    assert_eq!(account.refused("TagRole", json!({"RoleName": "r", "Tags": []})), no_such_role("r"));
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
        account.ok("TagRole", json!({"RoleName": "r", "Tags": [{"Key": "k", "Value": value}]}));
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
    account.ok("AttachRolePolicy", json!({"RoleName": "dms-vpc-role", "PolicyArn": VPC_POLICY}));
    let usable = |account: &Account| {
        is_usable(
            &account.records,
            "dms-vpc-role",
            &ServiceCall { service: "dms.amazonaws.com", account: "111122223333", source_arn: None },
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
