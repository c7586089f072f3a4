//! Premigration assessment runs of tasks.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::listing::Listing;
use super::record::{ASSESSMENT_RUN, Object, TASK};
use super::{Dms, Input, Output, errors, optional_text, tags, text, texts, timestamp};
use crate::api::AwsError;

const PROVISIONING: Duration = Duration::from_mins(1);
/// One individual assessment takes so long.
const EACH: Duration = Duration::from_secs(20);

/// The member of a task that says how its assessment runs end.
const ENDS_AS: &str = "assessmentsEnd";

/// Individual assessments, and the migrations that each applies to
/// (<https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.html>).
const ASSESSMENTS: [(&str, &[&str]); 5] = [
    ("unsupported-data-types-in-source", &["full-load", "cdc", "full-load-and-cdc"]),
    ("full-lob-not-nullable-at-target", &["full-load", "full-load-and-cdc"]),
    ("table-with-lob-but-without-primary-key-or-unique-constraint", &["cdc", "full-load-and-cdc"]),
    ("source-table-without-primary-key", &["cdc", "full-load-and-cdc"]),
    ("target-tables-exist", &["full-load", "full-load-and-cdc"]),
];

pub(super) fn start(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut task = dms.task(text(input, "ReplicationTaskArn"))?;
    let status = task.text("Status").to_owned();
    if !matches!(status.as_str(), "ready" | "stopped" | "failed") {
        return Err(errors::invalid_state(format!(
            "A premigration assessment cannot run while the task is in {status} state"
        )));
    }
    let only = texts(input, "IncludeOnly");
    let not = texts(input, "Exclude");
    if !only.is_empty() && !not.is_empty() {
        return Err(errors::invalid_combination("Only one of IncludeOnly and Exclude can be specified"));
    }
    let applicable = applicable(task.text("MigrationType"));
    if let Some(strange) = only.iter().chain(&not).find(|name| !applicable.contains(&name.as_str())) {
        return Err(errors::invalid_value(format!(
            "Individual assessment {strange} does not apply to this task"
        )));
    }
    let chosen: Vec<&str> = applicable
        .into_iter()
        .filter(|name| only.is_empty() || only.iter().any(|given| given == name))
        .filter(|name| !not.iter().any(|given| given == name))
        .collect();
    let name = text(input, "AssessmentRunName");
    let runs = dms.all(ASSESSMENT_RUN);
    let mut of_task: Vec<Object> =
        runs.into_iter().filter(|run| run.text("ReplicationTaskArn") == task.key).collect();
    if let Some(same) = of_task.iter().find(|run| run.text("AssessmentRunName") == name) {
        return Err(errors::already_exists("ReplicationTaskAssessmentRun", name, &same.key));
    }
    for run in of_task.iter_mut().filter(|run| run.shown["IsLatestTaskAssessmentRun"] == true) {
        run.set("IsLatestTaskAssessmentRun", false);
        dms.save(ASSESSMENT_RUN, run);
    }
    let arn = dms.new_arn(ASSESSMENT_RUN, None);
    let mut run = Object::new(arn.clone(), Map::new());
    run.set("ReplicationTaskAssessmentRunArn", arn);
    run.set("ReplicationTaskArn", task.key.as_str());
    run.set("Status", "provisioning");
    run.set("ReplicationTaskAssessmentRunCreationDate", timestamp(dms.now));
    run.set("IsLatestTaskAssessmentRun", true);
    for member in [
        "ServiceAccessRoleArn",
        "ResultLocationBucket",
        "ResultLocationFolder",
        "ResultEncryptionMode",
        "ResultKmsKeyArn",
        "AssessmentRunName",
    ] {
        if let Some(value) = optional_text(input, member) {
            run.set(member, value);
        }
    }
    let count = u32::try_from(chosen.len()).unwrap_or_default();
    let progress =
        |done: u32| json!({"IndividualAssessmentCount": count, "IndividualAssessmentCompletedCount": done});
    run.set("AssessmentProgress", progress(0));
    run.then(dms.now + PROVISIONING, json!({"Status": "running"}));
    for done in 1..=count {
        let at = dms.now + PROVISIONING + EACH * done;
        run.then(at, json!({"AssessmentProgress": progress(done)}));
    }
    let end = dms.now + PROVISIONING + EACH * count;
    run.then(end, outcome(&task, &chosen));
    run.hidden.insert("assessments".to_owned(), json!(chosen));
    run.tags = tags::from_input(input)?;
    let run = dms.add(ASSESSMENT_RUN, run);
    task.set("Status", "testing");
    task.ahead.clear();
    task.then(end, json!({"Status": status}));
    dms.save(TASK, &task);
    Ok(json!({"ReplicationTaskAssessmentRun": run.shown}))
}

/// Lets the assessment runs of a task that begin from now on end so: all do whose first assessment does.
pub(super) fn end_as(task: &mut Object, status: Option<&str>) -> Result<(), String> {
    match status {
        None => task.hidden.remove(ENDS_AS),
        Some(status @ ("failed" | "warning" | "error-executing")) => {
            task.hidden.insert(ENDS_AS.to_owned(), json!(status))
        }
        Some(other) => return Err(format!("an assessment run does not end as {other}")),
    };
    Ok(())
}

/// What a run of a task shows when it is over (DMS API reference, `ReplicationTaskAssessmentRun` and
/// `ReplicationTaskAssessmentRunResultStatistic`).
fn outcome(task: &Object, chosen: &[&str]) -> Value {
    let status = task.hidden.get(ENDS_AS).and_then(Value::as_str).unwrap_or("passed");
    let mut statistic =
        json!({"Passed": chosen.len(), "Failed": 0, "Error": 0, "Warning": 0, "Cancelled": 0, "Skipped": 0});
    let mut shown = json!({"Status": status});
    let counted = match status {
        "failed" => "Failed",
        "warning" => "Warning",
        "error-executing" => "Error",
        _ => "Passed",
    };
    if let Some(first) = chosen.first().filter(|_| counted != "Passed") {
        statistic["Passed"] = json!(chosen.len() - 1);
        statistic[counted] = json!(1);
        shown["LastFailureMessage"] = json!(format!("{first}: {status}"));
    }
    shown["ResultStatistic"] = statistic;
    shown
}

pub(super) fn describe(input: &Input, dms: &mut Dms<'_>) -> Output {
    let filters: &[(&str, &[&str])] = &[
        ("replication-task-assessment-run-arn", &["ReplicationTaskAssessmentRunArn"]),
        ("replication-task-arn", &["ReplicationTaskArn"]),
        ("status", &["Status"]),
    ];
    let runs = dms.all(ASSESSMENT_RUN).into_iter().map(|run| run.shown);
    Listing::new("ReplicationTaskAssessmentRuns", "Assessment Runs", filters).page(input, runs.collect())
}

pub(super) fn cancel(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut run = run(input, dms)?;
    if !matches!(run.text("Status"), "provisioning" | "running") {
        return Err(errors::invalid_state(format!(
            "The assessment run is in {} state and cannot be cancelled",
            run.text("Status")
        )));
    }
    run.set("Status", "cancelling");
    run.ahead.clear();
    run.then(dms.now + EACH, json!({"Status": "cancelled"}));
    dms.save(ASSESSMENT_RUN, &run);
    if let Some(mut task) = dms.load(TASK, run.text("ReplicationTaskArn")) {
        // The task comes back as soon as the run is over.
        for transition in &mut task.ahead {
            transition.at = dms.now + EACH;
        }
        dms.save(TASK, &task);
    }
    Ok(json!({"ReplicationTaskAssessmentRun": run.shown}))
}

pub(super) fn delete(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut run = run(input, dms)?;
    if matches!(run.text("Status"), "provisioning" | "running" | "cancelling" | "deleting") {
        return Err(errors::invalid_state(format!(
            "The assessment run is in {} state and cannot be deleted",
            run.text("Status")
        )));
    }
    run.set("Status", "deleting");
    run.ahead.clear();
    run.then_gone(dms.now + EACH);
    dms.save(ASSESSMENT_RUN, &run);
    Ok(json!({"ReplicationTaskAssessmentRun": run.shown}))
}

pub(super) fn individual(input: &Input, dms: &mut Dms<'_>) -> Output {
    let mut found = Vec::new();
    for run in dms.all(ASSESSMENT_RUN) {
        let names = texts(&run.hidden, "assessments");
        let done = run.shown["AssessmentProgress"]["IndividualAssessmentCompletedCount"]
            .as_u64()
            .and_then(|done| usize::try_from(done).ok());
        for (index, name) in names.iter().enumerate() {
            let status = match run.text("Status") {
                status @ ("failed" | "warning") if index == 0 => status,
                "error-executing" if index == 0 => "error",
                _ if Some(index) < done => "passed",
                "running" if Some(index) == done => "running",
                "cancelling" | "cancelled" => "cancelled",
                _ => "pending",
            };
            let suffix = dms.fixed_random(&format!("{}/{name}", run.key), 26);
            let one = json!({
                "ReplicationTaskIndividualAssessmentArn": dms.arn("individual-assessment", &suffix),
                "ReplicationTaskAssessmentRunArn": run.key,
                "IndividualAssessmentName": name,
                "Status": status,
                "ReplicationTaskIndividualAssessmentStartDate": run.shown["ReplicationTaskAssessmentRunCreationDate"],
            });
            found.extend(one.as_object().cloned());
        }
    }
    let filters: &[(&str, &[&str])] = &[
        ("replication-task-assessment-run-arn", &["ReplicationTaskAssessmentRunArn"]),
        ("status", &["Status"]),
    ];
    Listing::new("ReplicationTaskIndividualAssessments", "Individual Assessments", filters).page(input, found)
}

pub(super) fn describe_applicable(input: &Input, dms: &mut Dms<'_>) -> Output {
    let migration = match optional_text(input, "ReplicationTaskArn") {
        Some(arn) => dms.task(arn)?.text("MigrationType").to_owned(),
        None => match optional_text(input, "MigrationType") {
            Some(migration) => migration.to_ascii_lowercase(),
            None => {
                return Err(errors::invalid_combination(
                    "ReplicationTaskArn or MigrationType must be specified",
                ));
            }
        },
    };
    Ok(json!({"IndividualAssessmentNames": applicable(&migration)}))
}

fn applicable(migration: &str) -> Vec<&'static str> {
    ASSESSMENTS
        .iter()
        .filter(|(_, migrations)| migrations.contains(&migration))
        .map(|(name, _)| *name)
        .collect()
}

fn run(input: &Input, dms: &Dms<'_>) -> Result<Object, AwsError> {
    let arn = text(input, "ReplicationTaskAssessmentRunArn");
    dms.load(ASSESSMENT_RUN, arn)
        .ok_or_else(|| errors::not_found(format!("Assessment run \"{arn}\" not found.")))
}
