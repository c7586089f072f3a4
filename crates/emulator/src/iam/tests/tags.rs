use serde_json::json;

use super::Account;

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
    account.ok("UntagRole", json!({"RoleName": "r", "TagKeys": ["owner", "absent"]}));
    let role = account.ok("GetRole", json!({"RoleName": "r"}));
    assert_eq!(role["Role"]["Tags"], json!([{"Key": "pipewright:drain", "Value": "prod AROA 1"}]));
    let twice = json!({"RoleName": "r", "Tags": [{"Key": "k", "Value": ""}, {"Key": "K", "Value": ""}]});
    let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    assert_eq!(account.refused("TagRole", twice), (400, "InvalidInput", message.to_owned()));
    assert_eq!(account.refused("TagRole", tag("aws:cloudformation:stack-name", "s")).1, "InvalidInput");
    assert_eq!(account.refused("TagRole", tag("a,b", "")).1, "ValidationError");
    assert_eq!(account.refused("TagRole", tag("k", &"v".repeat(257))).1, "ValidationError");
}

#[test]
fn a_role_has_fifty_tags_and_one_bad_tag_fails_the_whole_call() {
    let mut account = Account::new();
    account.create("r");
    let tags: Vec<_> = (0..50).map(|number| json!({"Key": format!("k{number}"), "Value": ""})).collect();
    account.ok("TagRole", json!({"RoleName": "r", "Tags": tags}));
    let more = json!({"RoleName": "r", "Tags": [{"Key": "k0", "Value": "new"}, {"Key": "k50", "Value": ""}]});
    let message = "The number of tags has reached the maximum limit.";
    assert_eq!(account.refused("TagRole", more), (409, "LimitExceeded", message.to_owned()));
    let tags = account.ok("ListRoleTags", json!({"RoleName": "r"}))["Tags"].take();
    assert_eq!(tags.as_array().unwrap().len(), 50);
    assert_eq!(tags[0], json!({"Key": "k0", "Value": ""}));
}
