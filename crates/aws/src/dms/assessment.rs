//! Premigration assessment runs of tasks.

use aws_sdk_databasemigration::types::ReplicationTaskAssessmentRun;
use pipewright_engine::CallError;
use pipewright_model::kinds::{AssessmentGate, AssessmentRun, Chosen};

use super::{Dms, PAGE_SIZE, Page, pages};
use crate::error::Named;

/// Every assessment run.
pub(crate) async fn list(dms: &Dms) -> Result<Vec<AssessmentRun>, CallError> {
    let runs = pages(|marker| async move {
        let answer = dms
            .client()
            .await
            .describe_replication_task_assessment_runs()
            .max_records(PAGE_SIZE)
            .set_marker(marker)
            .send()
            .await
            .named("dms:DescribeReplicationTaskAssessmentRuns")?;
        Ok(Page { items: answer.replication_task_assessment_runs, marker: answer.marker })
    })
    .await?;
    Ok(runs.into_iter().map(observed).collect())
}

fn observed(run: ReplicationTaskAssessmentRun) -> AssessmentRun {
    AssessmentRun {
        arn: run.replication_task_assessment_run_arn.unwrap_or_default(),
        task_arn: run.replication_task_arn.unwrap_or_default(),
        name: run.assessment_run_name.unwrap_or_default(),
        status: run.status.unwrap_or_default(),
        last_failure_message: run.last_failure_message.unwrap_or_default(),
    }
}

/// Starts an assessment run of a task under this name.
pub(crate) async fn start(dms: &Dms, arn: &str, name: &str, gate: &AssessmentGate) -> Result<(), CallError> {
    let (only, except) = match &gate.chosen {
        Chosen::All => (None, None),
        Chosen::Only(names) => (Some(names.iter().cloned().collect()), None),
        Chosen::Except(names) => (None, Some(names.iter().cloned().collect())),
    };
    dms.client()
        .await
        .start_replication_task_assessment_run()
        .replication_task_arn(arn)
        .service_access_role_arn(&gate.service_access_role_arn)
        .result_location_bucket(&gate.result_bucket)
        .set_result_location_folder(gate.result_folder.clone())
        .assessment_run_name(name)
        .set_include_only(only)
        .set_exclude(except)
        .send()
        .await
        .named("dms:StartReplicationTaskAssessmentRun")?;
    Ok(())
}
