//! A task or serverless replication under another identifier, which is what a document that was renamed looks like: the
//! one goes and another one is made that moves the same.

use pipewright_model::tags::{PROTECT, RETAIN, SPEC, Tags};
use pipewright_model::{Declared, Kind, Live, ResourceId};

use super::losses::{self, Losses};
use super::{are_approved, hold_back, marks, take_place};
use crate::kinds::migration;
use crate::planner::Draft;
use crate::planner::lifecycle::hold;
use crate::{Mutation, Ownership, Step};

/// Makes what takes the place of one that no spec declares any more, if what that loses is approved. Tells whether there
/// is such a one, and everything about it is planned.
pub(super) fn create(draft: &mut Draft<'_>, id: &ResourceId, declared: &Declared) -> bool {
    let Some((old, live)) = former(draft, id, declared) else { return false };
    let old = old.clone();
    let spec = live.tags.get(SPEC).map_or("its spec", String::as_str);
    let way_out = format!(
        "if {spec} was renamed to {}, keep its resources by writing their names as `identifier` there",
        declared.spec
    );
    if let Some(why) = stays(draft, live) {
        let message = format!("is not made while {old} moves the same between the same databases: {why}");
        draft.make_unavailable(id);
        draft.block(id, message, way_out);
        return true;
    }
    let losses = Losses::of(draft, declared, live, &format!("{old} moves the same, and goes"));
    if !are_approved(draft, declared, &losses, &Tags::new()) {
        draft.make_unavailable(id);
        draft.held.insert(old, format!("{id} is not approved to take its place"));
        hold_back(draft, id, declared, "is not made", &way_out, &losses);
        return true;
    }
    if id.kind != Kind::Task {
        // It begins anew, when the other one has gone.
        return false;
    }
    let mut steps = vec![Step::Call(Mutation::AddTags { id: old.clone(), tags: marks(id, &losses) })];
    steps.extend(live.body.migration().map(|found| migration::stop(&old, found)).unwrap_or_default());
    take_place(draft, id, declared, old, losses, steps);
    true
}

/// The own one that has run, that no spec declares any more, and that moves the same between the same databases.
fn former<'a>(draft: &Draft<'a>, id: &ResourceId, declared: &Declared) -> Option<(&'a ResourceId, &'a Live)> {
    draft.observed.resources.iter().find(|(old, live)| {
        old.kind == id.kind
            && !draft.desired.resources.contains_key(*old)
            && live.body.status() != "deleting"
            && live.body.migration().is_some_and(|migration| migration.has_run)
            && Ownership::is_own(&live.tags, &draft.desired.scope)
            && migration::moves_the_same(&declared.body, live)
            && losses::between_the_same(draft, &declared.body, live)
    })
}

/// Why it stays, so that another one must not write where it does.
fn stays(draft: &Draft<'_>, live: &Live) -> Option<String> {
    if let Some(why) = hold::of(live) {
        return Some(format!("it is on hold: {why}"));
    }
    if live.tags.contains_key(PROTECT) {
        return Some("it is protected".to_owned());
    }
    if live.tags.contains_key(RETAIN) {
        return Some("its spec said `deletionPolicy: retain`".to_owned());
    }
    if draft.in_view.is_some() {
        return Some("a part of the specs deletes nothing".to_owned());
    }
    (!draft.may_delete()).then(|| "nothing may be deleted".to_owned())
}
