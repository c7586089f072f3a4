//! What the first start of a pipeline waits for.

use pipewright_model::Timestamp;
use pipewright_model::kinds::{PipelineGate, StartGates};

use super::Compiler;
use crate::documents::{ApprovalGate, AssessmentSpec, NameOf, PipelineSpec, StartAfter, seconds};

impl Compiler<'_> {
    /// The gates of `run.startAfter`.
    pub(super) fn start_gates(&mut self, spec: &PipelineSpec) -> StartGates {
        let start_after = spec.run.as_ref().and_then(|run| run.start_after.as_ref());
        let Some(gates) = start_after.and_then(StartAfter::gates) else {
            return StartGates::default();
        };
        let date = gates.date.as_ref().and_then(|date| seconds(&date.0));
        let pipelines = gates.pipelines.iter().flatten();
        StartGates {
            date: date.and_then(|date| u64::try_from(date).ok()).map(Timestamp::from_secs),
            pipelines: pipelines
                .filter(|gate| self.is_here(gate.name()))
                .map(|gate| PipelineGate { name: gate.name().name.clone(), until: gate.until() })
                .collect(),
            assessment: gates.assessment.as_ref().map(AssessmentSpec::gate).map(Box::new),
            approval: gates.approval == Some(ApprovalGate::Required),
        }
    }

    /// Whether a pipeline is in this environment; it is an error if not. A pipeline that nobody declares was
    /// reported already.
    fn is_here(&mut self, name: &NameOf<PipelineSpec>) -> bool {
        let tree = self.tree;
        let Some((_, other)) = tree.document("Pipeline", &name.name) else { return false };
        let Some(there) = tree.environment_of(other) else { return false };
        if there == self.environment {
            return true;
        }
        let message = format!(
            "Pipeline `{}` is in the environment {}, and this one in {}",
            name.name, there.name, self.environment.name
        );
        self.error(name.at, message, "a pipeline waits only for those of its own environment");
        false
    }
}
