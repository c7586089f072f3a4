//! What every test of gates and holds needs.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_aws::{AwsRead, AwsWrite};
use pipewright_engine::{Clock as _, CloudWrite as _};
use pipewright_model::tags::Tags;
use pipewright_model::{Desired, Kind, LiveBody, ResourceId};
use pipewright_plan::Mutation;
use pipewright_testkit::{Controller, Lab, id};

/// The controller of these tests.
pub(crate) type Ours = Controller<AwsRead, AwsWrite>;

/// What moves the data of a pipeline: its task, or its replication config.
pub(crate) fn mover(wanted: &Desired, pipeline: &str) -> ResourceId {
    wanted.pipelines.get(pipeline).map_or_else(|| id(wanted, Kind::Task, pipeline), |it| it.task.clone())
}

/// The status of what moves the data of a pipeline.
pub(crate) async fn status_of(controller: &Ours, wanted: &Desired, pipeline: &str) -> String {
    let observed = controller.observe(wanted).await;
    let live = observed.resources.get(&mover(wanted, pipeline));
    live.map_or_else(|| "absent".to_owned(), |live| live.body.status().to_owned())
}

/// Makes a call as a person would who does not ask Pipewright, and waits until it is over.
pub(crate) async fn by_hand(controller: &Ours, wanted: &Desired, calls: &[Mutation]) {
    let observed = controller.observe(wanted).await;
    let arns: BTreeMap<ResourceId, String> =
        observed.resources.iter().map(|(id, live)| (id.clone(), live.arn.clone())).collect();
    for call in calls {
        controller.writer.call(call, &arns, controller.clock.now()).await.unwrap();
    }
}

/// The tag of a hold put on it by hand.
pub(crate) fn hold(id: &ResourceId, why: &str) -> Mutation {
    let tags = Tags::from([(pipewright_model::tags::HOLD.to_owned(), why.to_owned())]);
    Mutation::AddTags { id: id.clone(), tags }
}

/// The hold taken off by hand.
pub(crate) fn let_go(id: &ResourceId) -> Mutation {
    let keys = BTreeSet::from([pipewright_model::tags::HOLD.to_owned()]);
    Mutation::RemoveTags { id: id.clone(), keys }
}

/// The call that stops it.
pub(crate) fn stop(id: &ResourceId) -> Mutation {
    match id.kind {
        Kind::Task => Mutation::StopTask { id: id.clone() },
        _ => Mutation::StopReplication { id: id.clone() },
    }
}

/// How often it was started or stopped since the calls were last forgotten.
pub(crate) fn starts_and_stops(lab: &Lab) -> usize {
    let of = ["StartReplicationTask", "StopReplicationTask", "StartReplication", "StopReplication"];
    lab.emulator().calls().iter().filter(|call| of.contains(&call.operation.as_str())).count()
}

/// Whether it carries the tag.
pub(crate) async fn has_tag(controller: &Ours, wanted: &Desired, pipeline: &str, key: &str) -> bool {
    let observed = controller.observe(wanted).await;
    let live = &observed.resources[&mover(wanted, pipeline)];
    assert!(matches!(live.body, LiveBody::Task(_) | LiveBody::ReplicationConfig(_)));
    live.tags.contains_key(key)
}
