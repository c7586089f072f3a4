//! AWS::DMS::EventSubscription: what is told to whom.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::properties::Properties;
use crate::resolve::text;
use crate::write::Fields;

/// The fields of a subscription, apart from `import` and tags. `declared` has the documents that declare the
/// template's instances and tasks, by logical id.
///
/// Nothing, with a note, if it is about all that DMS has, which no spec can say.
pub(crate) fn fields(subscription: &Properties<'_>, declared: &BTreeMap<&str, String>) -> Option<Fields> {
    let Some(source_type) = subscription.text("SourceType") else {
        subscription.note("it is left out: it has no SourceType, which specs must say");
        return None;
    };
    let sources = subscription.raw("SourceIds").map(|sources| match sources {
        Json::Array(items) => {
            items.iter().filter_map(|item| source(subscription, item, declared)).collect::<Vec<_>>()
        }
        _ => subscription.texts("SourceIds").unwrap_or_default(),
    });
    Some(
        Fields::default()
            .with("snsTopicArn", subscription.text("SnsTopicArn"))
            .with("sourceType", source_type)
            .with("sources", sources.filter(|sources| !sources.is_empty()))
            .with(
                "eventCategories",
                subscription.texts("EventCategories").filter(|categories| !categories.is_empty()),
            )
            .with("enabled", subscription.boolean("Enabled")),
    )
}

/// The name of the document that declares a source, or its AWS identifier.
fn source(subscription: &Properties<'_>, item: &Json, declared: &BTreeMap<&str, String>) -> Option<String> {
    let document = subscription.resolver.resource(item).and_then(|logical| declared.get(logical));
    document.cloned().or_else(|| subscription.known("SourceIds", item).map(|value| text(&value)))
}
