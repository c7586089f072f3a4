//! The task settings document of a template, as far as DMS has such settings.
//!
//! CloudFormation hands the document on as it is, and DMS passes over much that it does not know. Specs are
//! stricter, so that this is left out, with a note: what is not in a spec is left as the live task has it.

use pipewright_model::task_settings::{self, TaskSetting, TaskSettingType};
use serde_json::{Map, Value as Json};

use crate::properties::Properties;
use crate::resolve::text;

/// The document with what DMS knows, in DMS's spelling, without what DMS sets itself.
pub(crate) fn known(task: &Properties<'_>, document: &Json) -> Json {
    block(task, task_settings::sections(), document, "").unwrap_or(Json::Null)
}

fn block(task: &Properties<'_>, members: &'static [TaskSetting], value: &Json, path: &str) -> Option<Json> {
    let mut known = Map::new();
    for (name, value) in value.as_object()? {
        let path = format!("{path}{name}");
        let Some(setting) = members.iter().find(|setting| setting.name.eq_ignore_ascii_case(name)) else {
            task.note(&format!("the task setting {path} is left out: DMS has no such setting"));
            continue;
        };
        if matches!(setting.ty, TaskSettingType::ByDms) {
            continue;
        }
        let Some(value) = self::value(task, setting, value, &path) else {
            task.note(&format!("the task setting {path} is left out: DMS has no such value for it"));
            continue;
        };
        if let Some(other) = known.insert(setting.name.to_owned(), value.clone())
            && other != value
        {
            task.note(&format!("the task setting {path} is there in two spellings: check which one counts"));
        }
    }
    Some(Json::Object(known))
}

/// A value in the type of its setting; nothing if it does not fit.
fn value(task: &Properties<'_>, setting: &'static TaskSetting, value: &Json, path: &str) -> Option<Json> {
    match setting.ty {
        TaskSettingType::Block(_) if value.is_null() => Some(Json::Null),
        TaskSettingType::Block(members) => block(task, members, value, &format!("{path}.")),
        TaskSettingType::List(members) => {
            let items = value.as_array()?.iter();
            items.map(|item| block(task, members, item, &format!("{path}[]."))).collect()
        }
        TaskSettingType::Boolean => text(value).to_ascii_lowercase().parse::<bool>().ok().map(Json::from),
        TaskSettingType::Whole(min, max) => {
            text(value).parse::<i64>().ok().filter(|number| (min..=max).contains(number)).map(Json::from)
        }
        TaskSettingType::Text => value.as_str().map(Json::from),
        TaskSettingType::Word(words) => {
            let written = value.as_str()?;
            words.iter().find(|word| word.eq_ignore_ascii_case(written)).map(|word| (*word).into())
        }
        TaskSettingType::Any => Some(value.clone()),
        TaskSettingType::ByDms => None,
    }
}
