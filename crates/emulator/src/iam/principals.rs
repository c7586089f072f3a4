//! Which principals a trust document may name. AWS refuses services that it does not know.

/// Services that assume roles, without the suffix of the partition. From the "Principal" columns of the AWS service
/// documentation; a service that is missing here is refused as unknown.
const SERVICES: &[&str] = &[
    "airflow",
    "airflow-env",
    "amplify",
    "apigateway",
    "appflow",
    "application-autoscaling",
    "apprunner",
    "appsync",
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "bedrock",
    "budgets",
    "build.apprunner",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "codebuild",
    "codecommit",
    "codedeploy",
    "codepipeline",
    "cognito-idp",
    "config",
    "dax",
    "delivery.logs",
    "dlm",
    "dms",
    "dms-data-migrations",
    "dms-fleet-advisor",
    "ds",
    "dynamodb",
    "ec2",
    "ec2.application-autoscaling",
    "ecr",
    "ecs",
    "ecs-tasks",
    "edgelambda",
    "eks",
    "eks-fargate-pods",
    "elasticache",
    "elasticbeanstalk",
    "elasticfilesystem",
    "elasticloadbalancing",
    "elasticmapreduce",
    "events",
    "export.rds",
    "firehose",
    "fis",
    "forecast",
    "fsx",
    "glacier",
    "glue",
    "guardduty",
    "iot",
    "kafka",
    "kafkaconnect",
    "kinesis",
    "kinesisanalytics",
    "kms",
    "lakeformation",
    "lambda",
    "lex",
    "logs",
    "macie",
    "monitoring.rds",
    "monitoring",
    "neptune-graph",
    "opensearchservice",
    "opensearch",
    "es",
    "ops.emr-serverless",
    "emr-serverless",
    "organizations",
    "osis-pipelines",
    "pipes",
    "qldb",
    "quicksight",
    "ram",
    "rds",
    "redshift",
    "redshift-serverless",
    "replicator.lambda",
    "resource-groups",
    "rolesanywhere",
    "route53",
    "s3",
    "sagemaker",
    "scheduler",
    "schema",
    "secretsmanager",
    "securityhub",
    "servicecatalog",
    "ses",
    "signin",
    "sns",
    "spotfleet",
    "sqs",
    "ssm",
    "states",
    "storagegateway",
    "streams.metrics.cloudwatch",
    "support",
    "swf",
    "tasks.apprunner",
    "timestream",
    "transfer",
    "vmie",
    "vpc-flow-logs",
    "waf",
    "xray",
];

/// Whether a service of this principal exists: `dms.amazonaws.com`, `dms.eu-west-1.amazonaws.com`, and the same with
/// `.cn`.
pub(super) fn is_known_service(principal: &str) -> bool {
    let Some(name) =
        principal.strip_suffix(".amazonaws.com").or_else(|| principal.strip_suffix(".amazonaws.com.cn"))
    else {
        return false;
    };
    SERVICES.contains(&name)
        || name
            .rsplit_once('.')
            .is_some_and(|(service, region)| SERVICES.contains(&service) && is_region(region))
}

/// Whether this has the form of a region: `us-east-1`, `us-gov-west-1`, `cn-north-1`.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    (3..=4).contains(&parts.len())
        && first.len() == 2
        && parts[..parts.len() - 1]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()))
        && last.len() == 1
        && last.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_regional_or_not() {
        for known in [
            "dms.amazonaws.com",
            "redshift.amazonaws.com",
            "dms.eu-west-1.amazonaws.com",
            "dms.us-gov-west-1.amazonaws.com",
            "dms.cn-north-1.amazonaws.com.cn",
            "export.rds.amazonaws.com",
        ] {
            assert!(is_known_service(known), "{known}");
        }
        for unknown in [
            "dsm.amazonaws.com",
            "dms",
            "dms.amazonaws.org",
            "dms.nowhere.amazonaws.com",
            ".amazonaws.com",
            "*",
        ] {
            assert!(!is_known_service(unknown), "{unknown}");
        }
    }
}
