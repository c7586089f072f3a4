//! The table mappings of a template: in the language of `migration.tables` where that says the same.

use pipewright_spec::{Source, tables_of};

use crate::properties::Properties;
use crate::write::Yaml;

/// What becomes of a document of table mappings.
pub(crate) struct Mappings {
    /// The field of `migration` that holds it.
    pub(crate) field: &'static str,
    pub(crate) value: Yaml,
    /// Why it stands as it is, if it does.
    pub(crate) why_kept: Option<String>,
}

/// The table mappings of a task or configuration, if it tells any.
pub(crate) fn of(task: &Properties<'_>) -> Option<Mappings> {
    let document = task.document("TableMappings")?;
    let source = Source { name: "TableMappings".to_owned(), bytes: document.to_string().into_bytes() };
    Some(match tables_of(source) {
        Ok(tables) => Mappings { field: "tables", value: Yaml::Tables(tables), why_kept: None },
        Err(errors) => {
            let mut why = errors.0.into_iter().map(|error| error.message).collect::<Vec<_>>();
            why.dedup();
            let why = why.join("; ");
            task.note(&format!("its table mappings stay DMS's own JSON: {why}"));
            Mappings { field: "mappings", value: Yaml::Json(document), why_kept: Some(why) }
        }
    })
}
