//! `run.startAfter.assessment`: the premigration assessment before the first start of a task.

use std::collections::BTreeSet;

use pipewright_model::kinds::{AssessmentGate, Chosen};

use super::scalars::{Line, RoleArn};
use crate::read::{Checks, Reader, choice, exactly_one, record};
use crate::tree::{Node, Value};

record! {
    /// A premigration assessment that DMS makes of the task, and that must go well.
    pub(crate) struct AssessmentSpec {
        /// The ARN of the role with which DMS writes what it found to the bucket; it trusts `dms.amazonaws.com`.
        service_access_role_arn: RoleArn,
        /// The S3 bucket that it writes to.
        result_bucket: Line,
        /// The folder in the bucket.
        result_folder: Option<Line>,
        /// The individual assessments to make, by the names that DMS gives them; all that apply unless given.
        only: Option<Vec<Line>>,
        /// The individual assessments to leave out.
        except: Option<Vec<Line>>,
        /// Whether it is started in spite of warnings: `allow` unless given. What failed always keeps it from being
        /// started.
        warnings: Option<WarningsGate>,
    }
}

impl Checks for AssessmentSpec {
    fn check_fields(node: &Node, reader: &mut Reader<'_>) {
        let both = ["only", "except"];
        if both.iter().all(|name| node.get(name).is_some()) {
            exactly_one(node, &both, reader);
        }
        for name in both {
            let Some(list) = node.get(name) else { continue };
            if matches!(&list.value, Value::List(items) if items.is_empty()) {
                let hint =
                    "name an individual assessment, such as `target-tables-exist`, or remove the field";
                reader.error_with_hint(list.at, format!("`{name}` names none"), hint);
            }
        }
    }
}

impl AssessmentSpec {
    /// The gate.
    pub(crate) fn gate(&self) -> AssessmentGate {
        let names = |list: &[Line]| list.iter().map(|name| name.0.clone()).collect::<BTreeSet<_>>();
        let chosen = match (&self.only, &self.except) {
            (Some(only), _) => Chosen::Only(names(only)),
            (None, Some(except)) => Chosen::Except(names(except)),
            (None, None) => Chosen::All,
        };
        AssessmentGate {
            service_access_role_arn: self.service_access_role_arn.0.clone(),
            result_bucket: self.result_bucket.0.clone(),
            result_folder: self.result_folder.as_ref().map(|folder| folder.0.clone()),
            chosen,
            refuses_warnings: self.warnings == Some(WarningsGate::Refuse),
        }
    }
}

choice! {
    /// Whether a task is started in spite of warnings of its assessment.
    pub(crate) enum WarningsGate {
        /// It is.
        Allow = "allow",
        /// It is not.
        Refuse = "refuse",
    }
}
