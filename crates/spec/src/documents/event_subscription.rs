//! Event subscriptions: what DMS tells an SNS topic.

use pipewright_model::kinds::EventSourceType;

use super::import::identifier_or_import;
use super::scalars::{DeletionPolicyWord, TopicArn};
use super::{EnvironmentSpec, ImportSpec, NameOf, Tags};
use crate::read::{Checks, Located, Reader, choice, did_you_mean, one_of, record};
use crate::tree::{Node, Value};

record! {
    /// What DMS tells an SNS topic of replication instances or tasks.
    pub(crate) struct EventSubscriptionSpec {
        /// The environment that it is in; needed where the Controller has several.
        environment: Option<NameOf<EnvironmentSpec>>,
        /// The topic. Its policy must let `dms.amazonaws.com` publish.
        sns_topic_arn: TopicArn,
        /// What the events are about.
        source_type: EventSourceTypeWord,
        /// The AWS identifiers of the instances or tasks, or the names of the `ReplicationInstance`
        /// documents or pipelines that declare them; all of the type unless given. A change deletes the
        /// subscription and makes it again.
        sources: Option<Vec<Located<String>>>,
        /// The categories of events; AWS tells all unless given.
        event_categories: Option<Vec<Located<String>>>,
        /// Whether the topic is told at present.
        enabled: Option<bool>,
        /// The AWS name, if not the one made of prefix and name.
        identifier: Option<Located<String>>,
        /// An existing subscription to take over, instead of `identifier`.
        import: Option<ImportSpec>,
        /// What happens to it when this document goes: `delete` unless given.
        deletion_policy: Option<DeletionPolicyWord>,
        /// Tags of this subscription, which win over the document's `labels`.
        tags: Option<Tags>,
    }
}

impl Checks for EventSubscriptionSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        identifier_or_import(node, reader);
        for field in ["sources", "eventCategories"] {
            if let Some(list) = node.get(field)
                && matches!(&list.value, Value::List(items) if items.is_empty())
            {
                reader.error_with_hint(
                    list.at,
                    format!("`{field}` is empty"),
                    "remove the field: then AWS takes all of them",
                );
            }
        }
    }

    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        let source_type = EventSourceType::from(self.source_type);
        let known = || source_type.categories().iter().copied();
        for category in self.event_categories.iter().flatten() {
            if !known().any(|known| known == category.value) {
                let shown: String = category.value.chars().take(60).collect();
                let hint = did_you_mean(&category.value, known())
                    .unwrap_or_else(|| one_of("the categories are", known()));
                let message = format!("events of a {source_type} have no category `{shown}`");
                reader.error_with_hint(category.at, message, hint);
            }
        }
    }
}

choice! {
    /// What the events of a subscription are about.
    pub(crate) enum EventSourceTypeWord {
        /// Replication instances.
        ReplicationInstance = "replication-instance",
        /// Replication tasks.
        ReplicationTask = "replication-task",
    }
}

impl From<EventSourceTypeWord> for EventSourceType {
    fn from(word: EventSourceTypeWord) -> Self {
        match word {
            EventSourceTypeWord::ReplicationInstance => Self::ReplicationInstance,
            EventSourceTypeWord::ReplicationTask => Self::ReplicationTask,
        }
    }
}
