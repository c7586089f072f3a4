//! The task settings document: which sections and keys it has, of which type, with which limits.
//!
//! DMS publishes no model of this document, so that the tables in `table.rs` are written by hand, from
//! the DMS User Guide, "Specifying task settings for AWS Database Migration Service tasks", and from
//! documents that AWS answered. Serverless replications take the same document.

mod table;

/// One key of the task settings document, or one of its sections.
#[derive(Debug, Clone, Copy)]
pub struct TaskSetting {
    /// DMS's own name, for example `TargetMetadata` or `LobMaxSize`.
    pub name: &'static str,
    /// What it holds.
    pub ty: TaskSettingType,
    /// What DMS takes where nothing is given, as JSON; `None` where that depends or is not documented.
    pub default: Option<&'static str>,
    /// What it is for, in one or two sentences.
    pub doc: &'static str,
}

/// What a key of the task settings document holds.
#[derive(Debug, Clone, Copy)]
pub enum TaskSettingType {
    /// `true` or `false`.
    Boolean,
    /// A whole number within these limits, both included.
    Whole(i64, i64),
    /// Text.
    Text,
    /// One of these words. DMS answers some in another case than it was given.
    Word(&'static [&'static str]),
    /// A mapping with these keys; DMS answers null for some that are not in use.
    Block(&'static [TaskSetting]),
    /// A list of mappings with these keys.
    List(&'static [TaskSetting]),
    /// What DMS fills in itself and refuses to be given.
    ByDms,
    /// Anything: the document's part is not described by AWS.
    Any,
}

impl TaskSetting {
    /// The keys in it, if it is a block or a list of blocks.
    pub fn members(&self) -> &'static [TaskSetting] {
        match self.ty {
            TaskSettingType::Block(members) | TaskSettingType::List(members) => members,
            _ => &[],
        }
    }

    /// Whether its value is a word, which DMS may answer in another case.
    pub fn is_word(&self) -> bool {
        matches!(self.ty, TaskSettingType::Word(_))
    }
}

/// The sections of the document, in the order of the DMS User Guide.
pub fn sections() -> &'static [TaskSetting] {
    table::SECTIONS
}

/// The key at a dotted path such as `TargetMetadata.LobMaxSize` or `Logging.LogComponents[IO].Severity`;
/// the case of letters means nothing, since DMS spells a key both ways (`historyTimeslotInMinutes`).
pub fn find(path: &str) -> Option<&'static TaskSetting> {
    let mut members = sections();
    let mut found = None;
    for part in path.split('.') {
        let name = part.split('[').next().unwrap_or(part);
        let setting = members.iter().find(|setting| setting.name.eq_ignore_ascii_case(name))?;
        members = setting.members();
        found = Some(setting);
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const LIVE_TASK: &str =
        include_str!("../../../emulator/tests/fixtures/live-shapes/ReplicationTask.HuntDmsTask.json");

    fn walk(settings: &'static [TaskSetting], visit: &mut impl FnMut(&'static TaskSetting)) {
        for setting in settings {
            visit(setting);
            walk(setting.members(), visit);
        }
    }

    fn live_settings() -> Value {
        let recorded: Value = serde_json::from_str(LIVE_TASK).unwrap();
        recorded["liveRaw"]["ReplicationTaskSettings"].clone()
    }

    /// Compares a part of the live document with the table: every key is known, of its type, and has
    /// the default, since that task was given no settings.
    fn compare(members: &'static [TaskSetting], live: &Value, path: &str) {
        for (name, value) in live.as_object().unwrap() {
            let path = format!("{path}{name}");
            let setting = members
                .iter()
                .find(|setting| setting.name.eq_ignore_ascii_case(name))
                .unwrap_or_else(|| panic!("{path} is not in the table"));
            match setting.ty {
                _ if value.is_null() => {}
                TaskSettingType::Block(members) => compare(members, value, &format!("{path}.")),
                TaskSettingType::List(members) => {
                    for item in value.as_array().unwrap() {
                        compare(members, item, &format!("{path}[]."));
                    }
                }
                TaskSettingType::Word(words) => {
                    assert!(words.contains(&value.as_str().unwrap()), "{path} {value}");
                }
                TaskSettingType::Whole(min, max) => {
                    assert!((min..=max).contains(&value.as_i64().unwrap()), "{path} {value}");
                }
                TaskSettingType::Boolean => assert!(value.is_boolean(), "{path} {value}"),
                TaskSettingType::Text => assert!(value.is_string(), "{path} {value}"),
                TaskSettingType::ByDms | TaskSettingType::Any => {}
            }
            if let Some(default) = setting.default
                && !value.is_null()
            {
                assert_eq!(serde_json::from_str::<Value>(default).unwrap(), *value, "{path}");
            }
        }
    }

    #[test]
    fn a_live_document_has_only_what_the_table_has_and_its_defaults() {
        compare(sections(), &live_settings(), "");
    }

    #[test]
    fn defaults_are_of_their_type_and_within_their_limits() {
        walk(sections(), &mut |setting| {
            let Some(default) = setting.default else { return };
            let default: Value = serde_json::from_str(default).unwrap();
            let fits = match setting.ty {
                TaskSettingType::Boolean => default.is_boolean(),
                TaskSettingType::Whole(min, max) => {
                    default.as_i64().is_some_and(|number| (min..=max).contains(&number))
                }
                TaskSettingType::Text => default.is_string(),
                TaskSettingType::Word(words) => default.as_str().is_some_and(|word| words.contains(&word)),
                TaskSettingType::Block(_)
                | TaskSettingType::List(_)
                | TaskSettingType::ByDms
                | TaskSettingType::Any => false,
            };
            assert!(fits, "{} {default}", setting.name);
        });
    }

    #[test]
    fn every_key_is_explained_and_none_is_there_twice() {
        walk(sections(), &mut |setting| {
            assert!(setting.doc.ends_with('.'), "{}", setting.name);
            let mut names: Vec<&str> = setting.members().iter().map(|member| member.name).collect();
            names.sort_unstable();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{}", setting.name);
        });
    }

    #[test]
    fn keys_are_found_by_their_path_in_any_case() {
        let found = |path| find(path).map(|setting| setting.name);
        assert_eq!(found("TargetMetadata.LobMaxSize"), Some("LobMaxSize"));
        assert_eq!(found("ControlTablesSettings.historyTimeslotInMinutes"), Some("HistoryTimeslotInMinutes"));
        assert_eq!(found("Logging.LogComponents[IO].Severity"), Some("Severity"));
        assert_eq!(found("TargetMetadata.Lob"), None);
        assert_eq!(found("TargetMetadata.LobMaxSize.More"), None);
    }
}
