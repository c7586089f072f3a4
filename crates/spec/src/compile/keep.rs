//! How a resource is kept: taken over from others, protected.

use pipewright_model::{Adopt, DeletionPolicy, ResourceId};

use super::{Compiler, Origin};
use crate::documents::ImportSpec;
use crate::read::Located;

impl Compiler<'_> {
    /// Notes of a declared resource what its spec says of taking it over and of protecting it.
    ///
    /// What was there before Pipewright stays when its spec goes, unless the spec says otherwise.
    pub(super) fn keep(
        &mut self,
        id: &ResourceId,
        origin: &Origin<'_>,
        import: Option<&ImportSpec>,
        protect: Option<bool>,
    ) {
        let Some(declared) = self.resources.get_mut(id) else { return };
        if let Some(import) = import {
            declared.adopt = Adopt::Always;
            declared.import = Some(import.to_model());
            declared.deletion_policy = origin.deletion_policy.unwrap_or(DeletionPolicy::Retain);
        }
        declared.protected = protect.unwrap_or(origin.protected);
    }
}

/// The identifier that a spec gives: its own, or that of what it imports.
pub(super) fn given<'s>(
    identifier: Option<&'s Located<String>>,
    import: Option<&'s ImportSpec>,
) -> Option<&'s Located<String>> {
    identifier.or(import.map(|import| &import.identifier))
}
