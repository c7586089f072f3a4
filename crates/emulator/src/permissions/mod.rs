//! The permission mode: given a policy document of IAM, every call that it does not allow is refused.
//!
//! The policy stands for all policies of all callers: it tells whether a program needs more than it was given. What is
//! not known here, such as policy variables or operators on dates, is refused when the policy is read.

mod policy;
mod requirements;

use crate::api::AwsError;
pub(crate) use policy::{Condition, Keys};
pub use policy::{Permissions, PolicyError};
pub(crate) use requirements::{Requirement, of_call};

use policy::Verdict;

impl Permissions {
    /// Refuses a call unless all that it requires is allowed. `json` tells the protocol of the answer.
    pub(crate) fn check(&self, caller: &str, required: &[Requirement], json: bool) -> Result<(), AwsError> {
        for requirement in required {
            for resource in &requirement.resources {
                let action = requirement.action.as_str();
                let reason = match self.verdict(action, resource, &requirement.keys) {
                    Verdict::Allowed => continue,
                    Verdict::Denied => "with an explicit deny in an identity-based policy".to_owned(),
                    Verdict::NotAllowed => {
                        format!("because no identity-based policy allows the {action} action")
                    }
                };
                let (status, code) =
                    if json { (400, "AccessDeniedException") } else { (403, "AccessDenied") };
                let message = format!(
                    "User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}"
                );
                return Err(AwsError::new(status, code, message));
            }
        }
        Ok(())
    }
}
