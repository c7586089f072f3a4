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

    /// What a name among the sources stands for: what a document of this environment declares, or else
    /// what has this AWS identifier.
    fn event_source(&self, source_type: EventSourceType, name: &str) -> Ref {
        let of_pipeline = self.pipelines.get(name);
        let declared = match source_type {
            EventSourceType::ReplicationTask => of_pipeline.map(|pipeline| pipeline.task.clone()),
            EventSourceType::ReplicationInstance => {
                let shared = self.tree.document("ReplicationInstance", name);
                shared.and_then(|(index, _)| self.shared.get(&index).cloned()).or_else(|| {
                    let resources = &of_pipeline?.resources;
                    resources.iter().find(|id| id.kind == Kind::Instance).cloned()
                })
            }
        };
        let kind = match source_type {
            EventSourceType::ReplicationTask => Kind::Task,
            EventSourceType::ReplicationInstance => Kind::Instance,
        };
        let identifier = ResourceId::new(kind, name);
        let declared = declared.filter(|id| id.kind == kind);
        match declared.or_else(|| self.resources.contains_key(&identifier).then(|| identifier.clone())) {
            Some(id) => Ref::Managed(id),
            None => Ref::ExternalId(identifier),
        }
    }
}
