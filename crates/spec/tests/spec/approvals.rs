//! What documents approve, and until when.

use pipewright_model::{Approval, Basis, Timestamp};

use crate::common::{CONTROLLER, PIPELINE, controller_with_key, desired, errors, read};

const ENDPOINT: &str = "\
apiVersion: pipewright.dev/v1
kind: Endpoint
metadata: {name: warehouse}
spec:
  type: target
  engine: mysql
  serverName: mysql.example.com
  port: 3306
  credentials: {username: dms, passwordFrom: {env: MYSQL_PASSWORD}}
  approvals:
    - {allow: destroys, until: 2026-12-01T00:00:00Z}
";

/// The pipeline with these approvals.
fn approving(approvals: &str) -> String {
    format!("{PIPELINE}  approvals:\n{approvals}")
}

#[test]
fn a_document_approves_for_itself_until_a_time() {
    let pipeline = approving("    - {allow: reloads-target, until: \"2026-12-01T01:00:00+01:00\"}\n");
    let wanted = desired(&[("c.yaml", CONTROLLER), ("orders.yaml", &pipeline), ("warehouse.yaml", ENDPOINT)]);
    let end = Timestamp::from_secs(1_796_083_200);
    let allows = |spec, approval, at| wanted.approvals.allows(spec, approval, at);
    let before = Timestamp::from_secs(end.as_secs() - 1);
    let Some(Basis::Spec { place, until }) = allows("orders", Approval::ReloadsTarget, before) else {
        panic!("{:?}", wanted.approvals);
    };
    assert_eq!((place.to_string().as_str(), until), ("orders.yaml:21", end));
    assert_eq!(allows("orders", Approval::ReloadsTarget, end), None);
    assert_eq!(allows("orders", Approval::Destroys, before), None);
    assert!(allows("Endpoint/warehouse", Approval::Destroys, before).is_some());
}

#[test]
fn an_approval_that_ran_out_is_warned_of() {
    let controller = controller_with_key();
    let pipeline = approving("    - {allow: start, until: 2026-12-01T00:00:00Z}\n");
    let tree = read(&[("c.yaml", &controller), ("orders.yaml", &pipeline)]).unwrap();
    assert_eq!(tree.warnings(Timestamp::from_secs(1_796_083_199)).0.len(), 0);
    insta::assert_snapshot!(tree.warnings(Timestamp::from_secs(1_796_083_200)).render(false), @"
    warning: this approval of `start` has run out
      --> orders.yaml:21:15
       |
    21 |     - {allow: start, until: 2026-12-01T00:00:00Z}
       |               ^^^^^
       |
       = hint: remove it, or give it another `until` if it is still to count

    1 warning
    ");
}

#[test]
fn an_approval_has_a_class_and_an_end() {
    let pipeline = approving("    - {allow: destroy, until: tomorrow}\n    - {allow: destroys}\n");
    insta::assert_snapshot!(errors(&pipeline), @r#"
    error: `destroy` is not possible here
      --> specs/a.yaml:21:15
       |
    21 |     - {allow: destroy, until: tomorrow}
       |               ^^^^^^^
       |
       = hint: did you mean `destroys`?

    error: `tomorrow` is not a time
      --> specs/a.yaml:21:31
       |
    21 |     - {allow: destroy, until: tomorrow}
       |                               ^^^^^^^^
       |
       = hint: write it in RFC 3339, with a time zone: "2026-01-31T12:00:00Z"

    error: the field `until` is missing here
      --> specs/a.yaml:22:7
       |
    22 |     - {allow: destroys}
       |       ^

    3 errors
    "#);
    insta::assert_snapshot!(errors(&ENDPOINT.replace("allow: destroys", "allow: reloads-target")), @"
    error: an endpoint never needs an approval of `reloads-target`
      --> specs/a.yaml:11:15
       |
    11 |     - {allow: reloads-target, until: 2026-12-01T00:00:00Z}
       |               ^^^^^^^^^^^^^^
       |
       = hint: approve it in the pipelines that use the endpoint; an endpoint itself needs `destroys`

    1 error
    ");
}
