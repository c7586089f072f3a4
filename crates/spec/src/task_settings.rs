//! The task settings document of a spec: checked against the table of what DMS has, before anything is
//! sent.

use pipewright_model::task_settings::{self, TaskSetting, TaskSettingType};
use serde_json::{Map, Value as Json, json};

use crate::read::{Read, Reader, did_you_mean, integer, one_of, unknown_word};
use crate::tree::{Node, Value};

/// DMS's page about the document.
const REFERENCE: &str =
    "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html";

/// Checks the names, types, limits and words of a document, and what its sections demand of one another.
///
/// `migration` is the mapping that has the document as `settings`. With `allowUnknownSettings: true`,
/// names that this version does not know are let through.
pub(crate) fn check(migration: &Node, reader: &mut Reader<'_>) {
    let Some(settings) = migration.get("settings") else { return };
    let allow = migration.get("allowUnknownSettings").is_some_and(|node| node.value == Value::Bool(true));
    let mut check = Check { reader, allow_unknown: allow };
    check.members(task_settings::sections(), settings, "");
    check.demands(migration, settings);
}

struct Check<'r, 's> {
    reader: &'r mut Reader<'s>,
    allow_unknown: bool,
}

impl Check<'_, '_> {
    /// `path` is that of the section, with a dot at its end; empty for the document itself.
    fn members(&mut self, known: &'static [TaskSetting], node: &Node, path: &str) {
        let Value::Map(entries) = &node.value else {
            self.reader.wrong_type(node, "a mapping of settings");
            return;
        };
        for entry in entries {
            let found = known.iter().find(|setting| spells(setting, &entry.key));
            match found {
                Some(setting) => self.value(setting, &entry.node, &format!("{path}{}", entry.key)),
                None if self.allow_unknown => {}
                None => {
                    let names = || known.iter().map(|setting| setting.name);
                    let hint = did_you_mean(&entry.key, names()).unwrap_or_else(|| {
                        if path.is_empty() {
                            format!(
                                "{}; for one that is new in DMS, set `allowUnknownSettings: true`",
                                one_of("the sections are", names())
                            )
                        } else {
                            one_of("its settings are", names())
                        }
                    });
                    let message = format!("DMS has no task settings `{path}{}`", entry.key);
                    self.reader.error_with_hint(entry.key_at, message, hint);
                }
            }
        }
        if let (Some(one), Some(other)) =
            (node.get("HistoryTimeslotInMinutes"), node.get("historyTimeslotInMinutes"))
            && one.value != other.value
        {
            self.reader.error_with_hint(
                other.at,
                "`historyTimeslotInMinutes` is `HistoryTimeslotInMinutes` in another spelling, and has another value",
                "keep one of the two",
            );
        }
    }

    fn value(&mut self, setting: &'static TaskSetting, node: &Node, path: &str) {
        match setting.ty {
            // DMS answers null for blocks that are not in use, and takes it back.
            TaskSettingType::Block(_) | TaskSettingType::ByDms | TaskSettingType::Any
                if node.value == Value::Null => {}
            TaskSettingType::Any => {}
            TaskSettingType::Block(members) => self.members(members, node, &format!("{path}.")),
            TaskSettingType::List(members) => match &node.value {
                Value::List(items) => {
                    for item in items {
                        self.members(members, item, &format!("{path}[]."));
                    }
                }
                _ => self.reader.wrong_type(node, "a list"),
            },
            TaskSettingType::Boolean => {
                bool::read(node, self.reader);
            }
            TaskSettingType::Whole(min, max) => {
                integer::<i64>(node, min, max, self.reader);
            }
            TaskSettingType::Text => {
                String::read(node, self.reader);
            }
            TaskSettingType::Word(words) => {
                if let Some(word) = String::read(node, self.reader)
                    && !words.contains(&word.as_str())
                {
                    unknown_word(&word, words, node, self.reader);
                }
            }
            TaskSettingType::ByDms => {
                let message = format!("DMS sets `{}` itself and refuses it", setting.name);
                self.reader.error_with_hint(node.at, message, "remove it");
            }
        }
    }

    /// What sections demand of one another and of the migration's type.
    fn demands(&mut self, migration: &Node, settings: &Node) {
        let get = |section: &str, name: &str| settings.get(section).and_then(|section| section.get(name));
        let is_on = |section: &str, name: &str| {
            get(section, name).filter(|node| node.value == Value::Bool(true)).map(|node| node.at)
        };
        let kind = migration.get("type").and_then(Node::as_str);
        if let Some(at) = is_on("BeforeImageSettings", "EnableBeforeImage") {
            if get("BeforeImageSettings", "FieldName").and_then(Node::as_str).is_none_or(str::is_empty) {
                let hint = "add `FieldName: before-image`, or another name";
                self.reader.error_with_hint(at, "a before image needs a `FieldName` beside it", hint);
            }
            if kind == Some("full-load") {
                let hint = "remove `BeforeImageSettings`, or set `type: full-load-and-cdc`";
                self.reader.error_with_hint(at, "a full load has no updates, and so no before image", hint);
            }
        }
        if let Some(at) = is_on("ValidationSettings", "ValidationOnly") {
            if kind == Some("full-load-and-cdc") {
                let hint = "set `type: full-load` or `type: cdc`, as the DMS User Guide demands";
                self.reader.error_with_hint(at, "a task that only validates cannot do both", hint);
            }
            let mode = get("FullLoadSettings", "TargetTablePrepMode").and_then(Node::as_str);
            if mode != Some("DO_NOTHING") {
                let hint = "add `FullLoadSettings: {TargetTablePrepMode: DO_NOTHING}`";
                self.reader.error_with_hint(
                    at,
                    "a task that only validates must leave the target tables as they are",
                    hint,
                );
            }
        }
        if let Some(at) = is_on("ResyncSettings", "EnableResync") {
            for name in ["ResyncSchedule", "MaxResyncTime"] {
                match (kind, get("ResyncSettings", name)) {
                    (Some("full-load"), Some(node)) => {
                        let message = format!("a full load repairs at its end, and has no `{name}`");
                        self.reader.error_with_hint(node.at, message, "remove it");
                    }
                    (Some("cdc" | "full-load-and-cdc"), None) => {
                        let message = format!("resync needs `{name}` in a task that captures changes");
                        self.reader.error(at, message);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Whether a key is this setting: DMS spells one both ways.
fn spells(setting: &TaskSetting, key: &str) -> bool {
    setting.name == key || (setting.name == "HistoryTimeslotInMinutes" && key == "historyTimeslotInMinutes")
}

/// The JSON Schema of the document.
pub(crate) fn schema() -> Json {
    let mut schema = block_schema(task_settings::sections());
    schema["description"] = json!(format!("The DMS task settings document, or a part of it: {REFERENCE}"));
    schema
}

/// What a migration's schema says of its `settings`: they are of this document, unless names that this
/// version does not know are allowed.
pub(crate) fn condition() -> Json {
    json!({
        "if": {"properties": {"allowUnknownSettings": {"const": true}}, "required": ["allowUnknownSettings"]},
        "else": {"properties": {"settings": {"$ref": "#/$defs/TaskSettings"}}},
    })
}

fn block_schema(members: &[TaskSetting]) -> Json {
    let mut properties = Map::new();
    for setting in members.iter().filter(|setting| !matches!(setting.ty, TaskSettingType::ByDms)) {
        properties.insert(setting.name.to_owned(), setting_schema(setting));
        if setting.name == "HistoryTimeslotInMinutes" {
            let mut other = setting_schema(setting);
            other["description"] = json!("`HistoryTimeslotInMinutes` in DMS's other spelling.");
            properties.insert("historyTimeslotInMinutes".to_owned(), other);
        }
    }
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn setting_schema(setting: &TaskSetting) -> Json {
    let mut schema = match setting.ty {
        TaskSettingType::Boolean => json!({"type": "boolean"}),
        TaskSettingType::Whole(min, max) => json!({"type": "integer", "minimum": min, "maximum": max}),
        TaskSettingType::Text => json!({"type": "string"}),
        TaskSettingType::Word(words) => json!({"type": "string", "enum": words}),
        TaskSettingType::Block(members) => {
            let mut schema = block_schema(members);
            schema["type"] = json!(["object", "null"]);
            schema
        }
        TaskSettingType::List(members) => json!({"type": "array", "items": block_schema(members)}),
        TaskSettingType::ByDms | TaskSettingType::Any => json!({}),
    };
    schema["description"] = json!(setting.doc);
    if let Some(default) = setting.default
        && let Ok(default) = serde_json::from_str::<Json>(default)
    {
        schema["default"] = default;
    }
    schema
}
