//! Task settings of a template as a spec may have them: templates name some that DMS has never had, and
//! spell some in another case; specs have DMS's own names and words only.

use pipewright_model::task_settings::{self, TaskSetting, TaskSettingType};
use serde_json::{Map, Value as Json};

use crate::properties::Properties;

/// The document with DMS's spelling of names; what DMS does not have is left out, and noted.
pub(crate) fn known(document: Json, property: &str, task: &Properties<'_>) -> Json {
    members(task_settings::sections(), document, property, task)
}

fn members(known: &'static [TaskSetting], value: Json, path: &str, task: &Properties<'_>) -> Json {
    let Json::Object(entries) = value else {
        return value; // The validation of the specs says what is wrong.
    };
    let mut kept = Map::new();
    let is_given = |name: &str| entries.contains_key(name);
    for (key, value) in &entries {
        let path = format!("{path}.{key}");
        let Some(setting) = known.iter().find(|setting| setting.name.eq_ignore_ascii_case(key)) else {
            task.note(&format!("{path} is left out: DMS has no such task setting"));
            continue;
        };
        if setting.name != key && is_given(setting.name) {
            task.note(&format!("{path} is left out: it is {} in another spelling", setting.name));
            continue;
        }
        if let Some(value) = self::value(setting, value.clone(), &path, task) {
            kept.insert(setting.name.to_owned(), value);
        }
    }
    Json::Object(kept)
}

fn value(setting: &'static TaskSetting, value: Json, path: &str, task: &Properties<'_>) -> Option<Json> {
    match (setting.ty, value) {
        // The names of the log are DMS's own to give.
        (TaskSettingType::ByDms, _) => None,
        (TaskSettingType::Block(known), value) => Some(members(known, value, path, task)),
        (TaskSettingType::List(known), Json::Array(items)) => {
            Some(items.into_iter().map(|item| members(known, item, path, task)).collect())
        }
        (TaskSettingType::Word(words), Json::String(word)) if !words.contains(&word.as_str()) => {
            task.note(&format!("{path} is left out: DMS has no `{word}` for it"));
            None
        }
        (_, value) => Some(value),
    }
}
