//! Event subscriptions, whose sources are names of documents or AWS identifiers.

use std::collections::BTreeSet;

use pipewright_model::kinds::{EventSourceType, EventSubscriptionDeclared};
use pipewright_model::{Body as ModelBody, Kind, Ref, ResourceId};

use super::keep::given;
use super::{Compiler, Origin};
use crate::documents::EventSubscriptionSpec;
use crate::sources::At;

impl Compiler<'_> {
    pub(super) fn event_subscription(
        &mut self,
        spec: &EventSubscriptionSpec,
        origin: &Origin<'_>,
        at: At,
    ) -> ResourceId {
        let source_type = spec.source_type.into();
        let sources: BTreeSet<Ref> =
            spec.sources.iter().flatten().map(|name| self.event_source(source_type, name)).collect();
        let told_of: Vec<ResourceId> = sources.iter().filter_map(Ref::managed).cloned().collect();
        let given = given(spec.identifier.as_ref(), spec.import.as_ref());
        let id = self.identifiers.make(Kind::EventSubscription, origin.name, "", given, at);
        let categories = spec.event_categories.as_ref();
        let body = ModelBody::EventSubscription(EventSubscriptionDeclared {
            sns_topic_arn: spec.sns_topic_arn.0.clone(),
            source_type,
            sources,
            event_categories: categories
                .map(|categories| categories.iter().map(|category| category.value.clone()).collect()),
            enabled: spec.enabled,
        });
        self.declare(id.clone(), origin, spec.tags.as_ref(), body);
        self.keep(&id, origin, spec.import.as_ref(), None);
        // The pipelines that it tells of show it.
        for pipeline in self.pipelines.values_mut() {
            let told = told_of.iter().any(|source| pipeline.resources.contains(source));
            pipeline.resources.extend(told.then(|| id.clone()));
        }
        id
    }

    /// What a name among the sources stands for: what a document of this environment declares, the instance
    /// that a pipeline runs on, or else what has this AWS identifier.
    fn event_source(&self, source_type: EventSourceType, name: &str) -> Ref {
        let of_pipeline = self.pipelines.get(name).map(|pipeline| pipeline.task.clone());
        let (kind, declared) = match source_type {
            EventSourceType::ReplicationTask => {
                let is_task = |id: &ResourceId| id.kind == Kind::Task;
                (Kind::Task, of_pipeline.filter(is_task).map(Ref::Managed))
            }
            EventSourceType::ReplicationInstance => {
                let shared = self.tree.document("ReplicationInstance", name);
                let shared = shared.and_then(|(index, _)| self.shared.get(&index).cloned()).map(Ref::Managed);
                let declared = shared.or_else(|| match &self.resources.get(&of_pipeline?)?.body {
                    // An ARN does not tell the identifier.
                    ModelBody::Task(task) => {
                        Some(task.instance.clone()).filter(|instance| !matches!(instance, Ref::External(_)))
                    }
                    _ => None,
                });
                (Kind::Instance, declared)
            }
        };
        declared.unwrap_or_else(|| {
            let identifier = ResourceId::new(kind, name);
            let is_declared = self.resources.contains_key(&identifier);
            if is_declared { Ref::Managed(identifier) } else { Ref::ExternalId(identifier) }
        })
    }
}
