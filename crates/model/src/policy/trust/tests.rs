//! What serves, what denies, and how documents grow.

use super::*;

fn scope(name: &str) -> Scope {
    Scope::new(name).unwrap()
}

fn dms() -> TrustNeed {
    TrustNeed {
        principal: Principal::Service("dms.amazonaws.com".to_owned()),
        source_accounts: BTreeSet::from(["111122223333".to_owned()]),
        source_arns: BTreeSet::from(["arn:aws:dms:us-east-1:111122223333:*:*".to_owned()]),
        limited: false,
    }
}

fn only(need: TrustNeed) -> BTreeSet<TrustNeed> {
    BTreeSet::from([need])
}

fn trust(effect: &str, condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "theirs", "Effect": effect,
        "Action": "sts:AssumeRole", "Principal": {"Service": "dms.amazonaws.com"}, "Condition": condition}]})
}

#[test]
fn conditional_trust_serves_if_it_lets_every_call_through() {
    for serves in [
        json!({}),
        json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"StringEquals": {"AWS:SourceAccount": ["444455556666", "111122223333"]}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:*:111122223333:*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:us-east-1:111122223333:*"},
               "StringEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"StringLike": {"aws:SourceArn": "arn:aws:dms:*"}}),
        json!({"ArnLikeIfExists": {"aws:SourceArn": "arn:aws:dms:us-east-1:111122223333:*"}}),
    ] {
        assert!(dms().is_met_by(&trust("Allow", &serves)), "{serves}");
    }
    for not in [
        json!({"StringEquals": {"aws:SourceAccount": "444455556666"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:eu-west-1:111122223333:*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:us-east-1:111122223333:rep:ABC"}}),
        json!({"StringEquals": {"aws:SourceArn": "arn:aws:dms:us-east-1:111122223333:*"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        json!({"StringNotEquals": {"aws:SourceAccount": "444455556666"}}),
        json!("not a mapping"),
    ] {
        assert!(!dms().is_met_by(&trust("Allow", &not)), "{not}");
    }
    let unknown = TrustNeed { source_accounts: BTreeSet::new(), source_arns: BTreeSet::new(), ..dms() };
    assert!(unknown.is_met_by(&trust("Allow", &json!({}))));
    let account = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
    assert!(!unknown.is_met_by(&trust("Allow", &account)), "what is not known may not pass");
}

#[test]
fn a_denial_is_found_unless_it_certainly_spares_the_call() {
    for hits in [
        json!({}),
        json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:dms:*:*:*"}}),
        json!({"StringNotEquals": {"aws:SourceAccount": "444455556666"}}),
        json!({"Bool": {"aws:SecureTransport": "false"}}),
    ] {
        assert_eq!(denial(&trust("Deny", &hits), &dms()).as_deref(), Some("theirs"), "{hits}");
    }
    for spares in [
        json!({"StringEquals": {"aws:SourceAccount": "444455556666"}}),
        json!({"StringNotEquals": {"aws:SourceAccount": "111122223333"}}),
        json!({"ArnNotLike": {"aws:SourceArn": "arn:aws:dms:*:111122223333:*"}}),
    ] {
        assert_eq!(denial(&trust("Deny", &spares), &dms()), None, "{spares}");
    }
    let all_but = json!({"Statement": {"Effect": "Deny", "Action": "*",
        "NotPrincipal": {"Service": "dms.amazonaws.com"}}});
    assert_eq!(denial(&all_but, &dms()), None);
    assert_eq!(denial(&trust("Allow", &json!({})), &dms()), None);
}

#[test]
fn a_document_is_widened_by_statements_of_the_scope_and_keeps_all_others() {
    let theirs = trust("Allow", &json!({"StringEquals": {"aws:SourceAccount": "444455556666"}}));
    let wider = with_trust(&theirs, &only(dms()), &scope("data-platform"), true);
    assert_eq!(wider["Statement"][0], theirs["Statement"][0]);
    assert_eq!(wider["Statement"][1]["Sid"], "PipewrightOfdataXplatformN1");
    assert_eq!(wider["Statement"][1].get("Condition"), None);
    assert!(dms().is_met_by(&wider));
    assert_eq!(with_trust(&wider, &only(dms()), &scope("data-platform"), true), wider);
    assert_eq!(with_trust(&wider, &only(dms()), &scope("other"), true), wider, "it serves others as well");
}

#[test]
fn only_own_statements_are_taken_out_and_only_if_told_to() {
    let ours = scope("a");
    let limited = |region: &str| TrustNeed {
        source_arns: BTreeSet::from([format!("arn:aws:dms:{region}:111122223333:*")]),
        limited: true,
        ..dms()
    };
    let first = trust_document(&only(limited("us-east-1")), &ours);
    let theirs = with_trust(&first, &only(limited("eu-west-1")), &scope("a-b"), false);
    assert_eq!(theirs["Statement"].as_array().unwrap().len(), 2);

    let widened = with_trust(&theirs, &only(limited("eu-north-1")), &ours, false);
    assert_eq!(widened["Statement"].as_array().unwrap().len(), 3, "nothing goes while others own it");
    assert_eq!(widened["Statement"][2]["Sid"], "PipewrightOfaN2");

    let narrowed = with_trust(&widened, &only(limited("eu-north-1")), &ours, true);
    let sids: Vec<&Value> =
        narrowed["Statement"].as_array().unwrap().iter().map(|statement| &statement["Sid"]).collect();
    assert_eq!(sids, ["PipewrightOfaXbN1", "PipewrightOfaN2"]);
}

#[test]
fn an_account_and_its_root_are_one_principal() {
    let need = TrustNeed { principal: Principal::Aws("444455556666".to_owned()), ..dms() };
    let root = json!({"Statement": {"Effect": "Allow", "Action": "sts:Assume*",
        "Principal": {"AWS": ["arn:aws:iam::444455556666:root"]}}});
    assert!(need.is_met_by(&root));
    assert!(!dms().is_met_by(&root));
}
