//! The task settings document: what a request gives is laid over AWS's defaults.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::errors;
use crate::api::AwsError;

static DEFAULTS: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../model/task-settings.json"))
        .expect("the embedded settings are well-formed")
});

/// Sections that AWS knows and leaves out until they are given.
const OPTIONAL_SECTIONS: [&str; 2] = ["ValidationSettings", "ResyncSettings"];

/// Members that AWS knows and leaves out until they are given.
const OPTIONAL_MEMBERS: [(&str, &[&str]); 2] = [
    ("Logging", &["LogConfiguration", "DeleteTaskLogs"]),
    ("ControlTablesSettings", &["CommitPositionTableEnabled"]),
];

const SEVERITIES: [&str; 6] = [
    "LOGGER_SEVERITY_ERROR",
    "LOGGER_SEVERITY_WARNING",
    "LOGGER_SEVERITY_INFO",
    "LOGGER_SEVERITY_DEFAULT",
    "LOGGER_SEVERITY_DEBUG",
    "LOGGER_SEVERITY_DETAILED_DEBUG",
];

/// The two spellings of one setting, which AWS answers side by side.
const TIMESLOT: [&str; 2] = ["HistoryTimeslotInMinutes", "historyTimeslotInMinutes"];

/// The whole document of a new task.
pub(super) fn expand(given: Option<&str>) -> Result<Value, AwsError> {
    overlay(DEFAULTS.clone(), given, "create")
}

/// Lays a given document over `base`. `verb` is the call's, for the message.
pub(super) fn overlay(mut base: Value, given: Option<&str>, verb: &str) -> Result<Value, AwsError> {
    let Some(given) = given.filter(|text| !text.trim().is_empty()) else {
        return Ok(base);
    };
    let Ok(Value::Object(given)) = serde_json::from_str(given) else {
        return Err(invalid("it is not a JSON object"));
    };
    let document = base.as_object_mut().ok_or_else(|| invalid("it is not a JSON object"))?;
    for (name, section) in given {
        lay_section(document, &name, section, verb)?;
    }
    Ok(base)
}

/// Whether a given document changes nothing but the severities of log components, which a running task allows.
pub(super) fn only_severities(given: &str) -> bool {
    let Ok(Value::Object(given)) = serde_json::from_str::<Value>(given) else {
        return false;
    };
    let mut sections = given.iter();
    let logging = match (sections.next(), sections.next()) {
        (Some((name, section)), None) if name == "Logging" => section.as_object(),
        _ => None,
    };
    logging.is_some_and(|logging| logging.keys().all(|name| name == "LogComponents"))
}

/// Fills in the log group and stream where logging is on, and empties them where it is off.
pub(super) fn name_logs(document: &mut Value, group: &str, stream: &str) {
    let on = logging(document);
    document["Logging"]["CloudWatchLogGroup"] = if on { json!(group) } else { Value::Null };
    document["Logging"]["CloudWatchLogStream"] = if on { json!(stream) } else { Value::Null };
}

/// Whether task logs are written.
pub(super) fn logging(document: &Value) -> bool {
    document["Logging"]["EnableLogging"] == json!(true)
}

fn lay_section(
    document: &mut Map<String, Value>,
    name: &str,
    section: Value,
    verb: &str,
) -> Result<(), AwsError> {
    let Some(present) = document.get_mut(name) else {
        if !OPTIONAL_SECTIONS.contains(&name) {
            return Err(invalid(&format!("it has no section {name}")));
        }
        document.insert(name.to_owned(), section);
        return Ok(());
    };
    match (present, section) {
        (Value::Object(present), Value::Object(section)) => {
            if !DEFAULTS[name].is_object() {
                present.extend(section);
                return Ok(());
            }
            for (member, value) in section {
                lay_member(present, name, &member, value, verb)?;
            }
            Ok(())
        }
        // Blocks that are null by default may be given and taken away again.
        (present, section) if DEFAULTS[name].is_null() => {
            *present = section;
            Ok(())
        }
        (_, Value::Null) => Ok(()),
        (present, section) if same_type(present, &section) => {
            *present = section;
            Ok(())
        }
        (_, _) => Err(invalid(&format!("{name} is of the wrong type"))),
    }
}

fn lay_member(
    present: &mut Map<String, Value>,
    section: &str,
    member: &str,
    value: Value,
    verb: &str,
) -> Result<(), AwsError> {
    match (section, member) {
        ("Logging", "CloudWatchLogGroup" | "CloudWatchLogStream") => {
            // https://github.com/hashicorp/terraform-provider-aws/issues/21512
            return if value.is_null() {
                Ok(())
            } else {
                Err(errors::invalid_value(format!(
                    "Task Settings CloudWatchLogGroup or CloudWatchLogStream cannot be set on {verb}."
                )))
            };
        }
        ("Logging", "LogComponents") => return lay_components(present, &value),
        ("ControlTablesSettings", member) if TIMESLOT.contains(&member) => {
            if !value.is_i64() {
                return Err(invalid(&format!("{section}.{member} is of the wrong type")));
            }
            for spelling in TIMESLOT {
                present.insert(spelling.to_owned(), value.clone());
            }
            return Ok(());
        }
        _ => {}
    }
    let optional = OPTIONAL_MEMBERS.iter().any(|(of, members)| *of == section && members.contains(&member));
    match present.get(member) {
        None if optional => {}
        None => return Err(invalid(&format!("{section} has no {member}"))),
        Some(_) if value.is_null() => return Ok(()),
        Some(now) if optional || same_type(now, &value) => {}
        Some(_) => return Err(invalid(&format!("{section}.{member} is of the wrong type"))),
    }
    check_range(section, member, &value)?;
    present.insert(member.to_owned(), value);
    Ok(())
}

/// Components are told apart by their id; those that are not given keep their severity.
fn lay_components(logging: &mut Map<String, Value>, given: &Value) -> Result<(), AwsError> {
    let present = logging
        .get_mut("LogComponents")
        .and_then(Value::as_array_mut)
        .ok_or_else(|| invalid("Logging.LogComponents is not a list"))?;
    let given = given.as_array().ok_or_else(|| invalid("Logging.LogComponents is not a list"))?;
    for component in given {
        let id = &component["Id"];
        let severity = component["Severity"].as_str().unwrap_or_default();
        if !SEVERITIES.contains(&severity) {
            return Err(invalid(&format!("{severity} is no severity")));
        }
        let found = present.iter_mut().find(|known| known["Id"] == *id);
        let Some(found) = found else {
            return Err(invalid(&format!("{id} is no log component")));
        };
        found["Severity"] = json!(severity);
    }
    Ok(())
}

/// Ranges of <https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html>.
fn check_range(section: &str, member: &str, value: &Value) -> Result<(), AwsError> {
    let allowed = match (section, member) {
        ("FullLoadSettings", "MaxFullLoadSubTasks") => value.as_i64().is_some_and(|n| (1..=49).contains(&n)),
        ("FullLoadSettings", "CommitRate") => value.as_i64().is_some_and(|n| (1..=50_000).contains(&n)),
        ("FullLoadSettings", "TargetTablePrepMode") => value
            .as_str()
            .is_some_and(|mode| ["DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD"].contains(&mode)),
        _ => true,
    };
    if allowed { Ok(()) } else { Err(invalid(&format!("{section}.{member} cannot be {value}"))) }
}

fn same_type(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right) || left.is_null()
}

/// `Invalid task settings JSON` (<https://github.com/hashicorp/terraform/issues/21918>); the reason is ours.
fn invalid(reason: &str) -> AwsError {
    errors::invalid_value(format!("Invalid task settings JSON: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_document_is_laid_over_the_defaults() {
        let given = json!({
            "TargetMetadata": {"LobMaxSize": 64},
            "ControlTablesSettings": {"historyTimeslotInMinutes": 10},
            "Logging": {"EnableLogging": true, "LogComponents": [{"Id": "IO", "Severity": "LOGGER_SEVERITY_DEBUG"}]},
            "ValidationSettings": {"EnableValidation": true},
            "BeforeImageSettings": {"EnableBeforeImage": true},
        });
        let whole = expand(Some(&given.to_string())).unwrap();
        assert_eq!(whole["TargetMetadata"]["LobMaxSize"], 64);
        assert_eq!(whole["TargetMetadata"]["LobChunkSize"], 64);
        assert_eq!(whole["ControlTablesSettings"]["HistoryTimeslotInMinutes"], 10);
        assert_eq!(whole["ControlTablesSettings"]["historyTimeslotInMinutes"], 10);
        assert_eq!(whole["ValidationSettings"], json!({"EnableValidation": true}));
        let components = whole["Logging"]["LogComponents"].as_array().unwrap();
        let of = |id: &str| components.iter().find(|c| c["Id"] == id).unwrap()["Severity"].clone();
        assert_eq!(of("IO"), "LOGGER_SEVERITY_DEBUG");
        assert_eq!(of("SORTER"), "LOGGER_SEVERITY_DEFAULT");
        let again = overlay(whole, Some(r#"{"BeforeImageSettings": null}"#), "modify").unwrap();
        assert_eq!(again["BeforeImageSettings"], Value::Null);
    }

    #[test]
    fn wrong_documents_are_refused() {
        for bad in [
            "[]",
            "{",
            r#"{"Nonsense": {}}"#,
            r#"{"TargetMetadata": {"LobSize": 1}}"#,
            r#"{"TargetMetadata": {"LobMaxSize": "64"}}"#,
            r#"{"FullLoadSettings": {"MaxFullLoadSubTasks": 50}}"#,
            r#"{"Logging": {"LogComponents": [{"Id": "X", "Severity": "LOGGER_SEVERITY_DEBUG"}]}}"#,
        ] {
            let error = expand(Some(bad)).unwrap_err();
            assert!(error.message.starts_with("Invalid task settings JSON"), "{bad}: {error:?}");
        }
        let error = expand(Some(r#"{"Logging": {"CloudWatchLogGroup": "x"}}"#)).unwrap_err();
        assert_eq!(
            error.message,
            "Task Settings CloudWatchLogGroup or CloudWatchLogStream cannot be set on create."
        );
    }

    #[test]
    fn what_was_read_back_may_be_sent_again() {
        let whole = expand(None).unwrap();
        assert_eq!(overlay(whole.clone(), Some(&whole.to_string()), "modify").unwrap(), whole);
    }

    #[test]
    fn severities_alone() {
        assert!(only_severities(r#"{"Logging": {"LogComponents": []}}"#));
        assert!(!only_severities(r#"{"Logging": {"EnableLogging": true}}"#));
        assert!(!only_severities(r#"{"TargetMetadata": {}}"#));
    }
}
