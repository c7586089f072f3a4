//! What DMS writes to CloudWatch once a minute (DMS User Guide, "AWS DMS metrics").

use std::collections::BTreeMap;
use std::time::Duration;

use super::Dms;
use super::progress::Run;
use super::record::{INSTANCE, Object, REPLICATION, TASK};
use super::tasks::run_of;
use crate::api::{Context, Records};

/// A metric of a task or of a serverless replication.
pub(crate) struct Metric {
    run: Run,
    of_target: bool,
}

impl Metric {
    /// Its value then; none where nothing was written.
    pub(crate) fn at(&self, at: Duration) -> Option<f64> {
        let latency = self.run.latency(at)?;
        let seconds = if self.of_target { latency.target } else { latency.source };
        Some(Duration::from_secs(seconds).as_secs_f64())
    }
}

/// The metric of this namespace, name and dimensions, if something writes it.
///
/// A task is named by the last part of its ARN and by its instance's identifier. What names a serverless replication AWS does
/// not document; it is taken to be the identifier of its configuration, as in published dashboards.
pub(crate) fn metric(
    (namespace, name): (&str, &str),
    dimensions: &BTreeMap<&str, &str>,
    cx: &mut Context<'_>,
    iam: &dyn Records,
) -> Option<Metric> {
    let of_target = match (namespace, name) {
        ("AWS/DMS", "CDCLatencySource") => false,
        ("AWS/DMS", "CDCLatencyTarget") => true,
        _ => return None,
    };
    let dms = Dms::new(cx, iam);
    let dimension = |name: &str| dimensions.get(name).copied();
    let resource = match dimensions.len() {
        1 => {
            let named = dimension("ReplicationConfigIdentifier")?;
            dms.all(REPLICATION).into_iter().find(|one| one.text("ReplicationConfigIdentifier") == named)?
        }
        2 => {
            let (task, instance) =
                (dimension("ReplicationTaskIdentifier")?, dimension("ReplicationInstanceIdentifier")?);
            let is_on = |found: &Object| {
                let on = found.text("ReplicationInstanceArn");
                dms.all(INSTANCE)
                    .iter()
                    .any(|one| one.key == on && one.text("ReplicationInstanceIdentifier") == instance)
            };
            dms.all(TASK)
                .into_iter()
                .find(|found| found.key.rsplit(':').next() == Some(task) && is_on(found))?
        }
        _ => return None,
    };
    Some(Metric { run: run_of(&resource)?, of_target })
}
