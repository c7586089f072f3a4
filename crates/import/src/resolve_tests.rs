use serde_json::json;

use super::*;
use crate::PhysicalIds;

fn options() -> Options {
    let mut ids = PhysicalIds::default();
    ids.add(
        r#"{"StackResources": [{"LogicalResourceId": "Key", "PhysicalResourceId": "1234-abcd",
            "StackId": "arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/Orders/1-2-3"}]}"#,
    )
    .unwrap();
    Options {
        physical_ids: ids,
        parameters: [("Stage".to_owned(), "prod".to_owned())].into(),
        values: [("ImportValue:vpc-sg".to_owned(), "sg-1".to_owned())].into(),
        ..Options::default()
    }
}

const TEMPLATE: &str = r"
Parameters:
  Stage: {Type: String, Default: dev}
  Subnets: {Type: CommaDelimitedList, Default: 'a, b'}
  Password: {Type: String, NoEcho: true, Default: hunter2}
  Host: {Type: AWS::SSM::Parameter::Value<String>, Default: /db/host}
Mappings:
  Sizes: {prod: {class: dms.r6i.large}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsSmall: !Not [!Condition IsProd]
  Never: !And [!Condition IsProd, !Condition IsSmall]
  Circle: !Condition Circle
Resources:
  Key: {Type: AWS::KMS::Key}
  Role: {Type: AWS::IAM::Role, Properties: {Path: /dms/, RoleName: !Sub 'x-${Stage}'}}
  Cluster: {Type: AWS::RDS::DBCluster}
";

fn resolve(expression: &str) -> Resolved {
    let text = format!("{TEMPLATE}  Probe: {{Type: X, Properties: {{V: {expression}}}}}\n");
    let template = Template::read(&text).unwrap();
    let options = options();
    let resolver = Resolver { template: &template, options: &options };
    resolver.resolve(&template.resources["Probe"].properties["V"])
}

#[test]
fn what_the_template_and_the_stack_tell_is_resolved() {
    for (expression, value) in [
        ("!Ref Stage", json!("prod")),
        ("!Ref Subnets", json!(["a", "b"])),
        ("!Ref AWS::Region", json!("cn-north-1")),
        ("!Ref AWS::StackName", json!("Orders")),
        ("!Sub 'arn:${AWS::Partition}:s3:::${!x}-${Stage}'", json!("arn:aws-cn:s3:::${x}-prod")),
        ("!Sub ['${a}.${AWS::URLSuffix}', {a: !Select [1, !Ref Subnets]}]", json!("b.amazonaws.com.cn")),
        ("!GetAtt Key.Arn", json!("arn:aws-cn:kms:cn-north-1:111122223333:key/1234-abcd")),
        ("!GetAtt Role.Arn", json!("arn:aws-cn:iam::111122223333:role/dms/x-prod")),
        ("!FindInMap [Sizes, !Ref Stage, class]", json!("dms.r6i.large")),
        ("!If [IsProd, left, right]", json!("left")),
        ("!If [IsSmall, left, right]", json!("right")),
        ("!If [Never, left, !Split ['/', a/b]]", json!(["a", "b"])),
        ("!ImportValue vpc-sg", json!("sg-1")),
        ("{a: [!Ref AWS::NoValue, 1], b: !Ref AWS::NoValue}", json!({"a": [1]})),
    ] {
        assert_eq!(resolve(expression), Ok(Some(value)), "{expression}");
    }
    assert_eq!(resolve("!Ref AWS::NoValue"), Ok(None));
}

#[test]
fn what_cannot_be_known_is_named_and_not_guessed() {
    for (expression, names) in [
        ("!Sub '${Password}-${Host}'", vec![("Password", true), ("Host", true)]),
        (
            "[!GetAtt Cluster.Endpoint.Address, !Ref Cluster]",
            vec![("Cluster.Endpoint.Address", false), ("Cluster", false)],
        ),
        ("!ImportValue other", vec![("ImportValue:other", false)]),
        ("!GetAZs ''", vec![("Fn::GetAZs", false)]),
        ("!If [Circle, a, b]", vec![("Condition:Circle", false)]),
        ("!Select [7, [a]]", vec![("Fn::Select", false)]),
        ("!FindInMap [Sizes, dev, class]", vec![("Fn::FindInMap", false)]),
    ] {
        let names: Vec<Unknown> =
            names.into_iter().map(|(name, parameter)| Unknown { name: name.to_owned(), parameter }).collect();
        assert_eq!(resolve(expression), Err(names), "{expression}");
    }
}
