//! `run.startAfter`: what the first start of a task waits for.

use std::borrow::Cow;

use pipewright_model::kinds::Until;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::assessment::AssessmentSpec;
use super::scalars::Rfc3339;
use super::{NameOf, PipelineSpec};
use crate::read::{Checks, Read, Reader, choice, record};
use crate::tree::{Node, Value};

/// When a task is first started: a word, or gates.
#[derive(Debug, Clone)]
pub(crate) enum StartAfter {
    Word(StartAfterWord),
    Gates(Box<StartGatesSpec>),
}

impl StartAfter {
    /// Whether both connections must have been tested successfully.
    pub(crate) fn tests_connections(&self) -> bool {
        match self {
            Self::Word(word) => *word == StartAfterWord::ConnectionsSuccessful,
            Self::Gates(gates) => gates.connections != Some(ConnectionsGate::Untested),
        }
    }

    /// The gates, where there are any.
    pub(crate) fn gates(&self) -> Option<&StartGatesSpec> {
        match self {
            Self::Word(_) => None,
            Self::Gates(gates) => Some(gates),
        }
    }
}

impl Read for StartAfter {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => StartGatesSpec::read(node, reader).map(|gates| Self::Gates(Box::new(gates))),
            Value::String(_) => StartAfterWord::read(node, reader).map(Self::Word),
            _ => {
                reader.wrong_type(node, "connectionsSuccessful, immediately, or what it waits for");
                None
            }
        }
    }
}

impl JsonSchema for StartAfter {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "StartAfter".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<StartAfterWord>();
        let gates = generator.subschema_for::<StartGatesSpec>();
        json_schema!({"anyOf": [word, gates]})
    }
}

choice! {
    /// When a task is first started.
    pub(crate) enum StartAfterWord {
        /// Once the connections to both endpoints were tested successfully.
        ConnectionsSuccessful = "connectionsSuccessful",
        /// At once; DMS refuses it while no connection was tested.
        Immediately = "immediately",
    }
}

record! {
    /// What the first start of a task waits for: all of it must be so.
    pub(crate) struct StartGatesSpec {
        /// Whether the connections to both endpoints are tested first: `successful` unless given. DMS Serverless
        /// tests them itself.
        connections: Option<ConnectionsGate>,
        /// The time before which it is not started, in RFC 3339: `2026-01-31T12:00:00Z`.
        date: Option<Rfc3339>,
        /// Other pipelines of the same environment that must have come so far: a name, or a name and how far.
        pipelines: Option<Vec<PipelineGateSpec>>,
        /// A premigration assessment of the task that must go well: none is made unless given. Not for DMS
        /// Serverless, whose starts have assessments of their own.
        assessment: Option<AssessmentSpec>,
        /// Whether a person must approve the start, with `approvals` of this document or on the command line: no
        /// unless given.
        approval: Option<ApprovalGate>,
    }
}

impl Checks for StartGatesSpec {
    fn check(&self, _: &Node, reader: &mut Reader<'_>) {
        let gates = self.pipelines.iter().flatten();
        let mut names = std::collections::BTreeSet::new();
        for gate in gates {
            if !names.insert(&gate.name().name) {
                let message = format!("`{}` is waited for twice", gate.name().name);
                reader.error_with_hint(gate.name().at, message, "remove one of the two");
            }
        }
    }
}

choice! {
    /// Whether the connections are tested before a first start.
    pub(crate) enum ConnectionsGate {
        /// Both were tested successfully.
        Successful = "successful",
        /// They are not tested; DMS refuses to start a task while no connection was tested.
        Untested = "untested",
    }
}

choice! {
    /// Whether a person must approve a first start.
    pub(crate) enum ApprovalGate {
        /// It must be approved: `--approve start=NAME`, or `approvals: [{allow: start, until: …}]`.
        Required = "required",
        /// It need not.
        NotRequired = "none",
    }
}

/// Another pipeline that must have come so far: its name, or its name and how far.
#[derive(Debug, Clone)]
pub(crate) enum PipelineGateSpec {
    Name(NameOf<PipelineSpec>),
    Until(PipelineUntilSpec),
}

impl PipelineGateSpec {
    pub(crate) fn name(&self) -> &NameOf<PipelineSpec> {
        match self {
            Self::Name(name) => name,
            Self::Until(gate) => &gate.name,
        }
    }

    pub(crate) fn until(&self) -> Until {
        match self {
            Self::Until(PipelineUntilSpec { until: Some(until), .. }) => (*until).into(),
            Self::Name(_) | Self::Until(_) => Until::default(),
        }
    }
}

impl Read for PipelineGateSpec {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::String(_) => NameOf::read(node, reader).map(Self::Name),
            Value::Map(_) => PipelineUntilSpec::read(node, reader).map(Self::Until),
            _ => {
                reader.wrong_type(node, "the name of a pipeline, or `{name: …, until: …}`");
                None
            }
        }
    }
}

impl JsonSchema for PipelineGateSpec {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "PipelineGate".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = NameOf::<PipelineSpec>::json_schema(generator);
        let until = generator.subschema_for::<PipelineUntilSpec>();
        json_schema!({"anyOf": [name, until]})
    }
}

record! {
    /// Another pipeline, and how far it must have come.
    pub(crate) struct PipelineUntilSpec {
        /// Its name.
        name: NameOf<PipelineSpec>,
        /// How far it must have come: `loaded` unless given.
        until: Option<UntilWord>,
    }
}

impl Checks for PipelineUntilSpec {}

choice! {
    /// How far another pipeline must have come.
    pub(crate) enum UntilWord {
        /// It runs, or is done.
        Running = "running",
        /// Its full load is complete; one that only follows changes runs.
        Loaded = "loaded",
        /// It stopped because it was done.
        Finished = "finished",
    }
}

impl From<UntilWord> for Until {
    fn from(word: UntilWord) -> Self {
        match word {
            UntilWord::Running => Self::Running,
            UntilWord::Loaded => Self::Loaded,
            UntilWord::Finished => Self::Finished,
        }
    }
}
