//! Tags of DMS resources.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_databasemigration::types::Tag;
use pipewright_engine::{CallError, ErrorClass};
use pipewright_model::tags::Tags;

use super::Dms;
use crate::error::{Named, absent_is_fine};

/// How many resources' tags are asked for at once. AWS publishes no limit for `ResourceArnList` (DMS
/// API reference, ListTagsForResource); this is what one page of a Describe call holds. A batch that
/// AWS refuses is halved.
const BATCH: usize = 100;

/// The tags of these resources. One that no longer exists is left out.
pub(crate) async fn list(dms: &Dms, arns: &[String]) -> Result<BTreeMap<String, Tags>, CallError> {
    let mut all = BTreeMap::new();
    let mut batches: Vec<&[String]> = arns.chunks(BATCH).rev().collect();
    while let Some(batch) = batches.pop() {
        match list_batch(dms, batch).await {
            Ok(Some(tags)) => all.extend(tags),
            // One that is gone fails the whole batch: find it.
            Err(error) if error.class == ErrorClass::NotFound && batch.len() == 1 => {}
            Ok(None) => batches.extend(batch.chunks(1).rev()),
            Err(error)
                if batch.len() > 1 && matches!(error.class, ErrorClass::NotFound | ErrorClass::Invalid) =>
            {
                let (first, second) = batch.split_at(batch.len() / 2);
                batches.extend([second, first]);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// The tags of one batch; `None` if the answer does not say which tag is whose.
async fn list_batch(dms: &Dms, batch: &[String]) -> Result<Option<BTreeMap<String, Tags>>, CallError> {
    let call = dms.client().await.list_tags_for_resource();
    // A tag carries its resource's ARN only where a list was asked for.
    let call = match batch {
        [arn] => call.resource_arn(arn),
        _ => call.set_resource_arn_list(Some(batch.to_vec())),
    };
    let answer = call.send().await.named("dms:ListTagsForResource")?;
    Ok(sorted(batch, answer.tag_list()))
}

fn sorted(batch: &[String], tags: &[Tag]) -> Option<BTreeMap<String, Tags>> {
    let mut by_arn: BTreeMap<String, Tags> = batch.iter().map(|arn| (arn.clone(), Tags::new())).collect();
    for tag in tags {
        let arn = match (tag.resource_arn(), batch) {
            (Some(arn), _) => arn,
            (None, [only]) => only,
            (None, _) => return None,
        };
        let of_resource = by_arn.entry(arn.to_owned()).or_default();
        of_resource
            .insert(tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned());
    }
    Some(by_arn)
}

/// Adds tags, and replaces those of the same keys.
pub(crate) async fn add(dms: &Dms, arn: &str, tags: &Tags) -> Result<(), CallError> {
    dms.client()
        .await
        .add_tags_to_resource()
        .resource_arn(arn)
        .set_tags(of(tags))
        .send()
        .await
        .named("dms:AddTagsToResource")?;
    Ok(())
}

/// Removes tags. That the resource is gone is as good.
pub(crate) async fn remove(dms: &Dms, arn: &str, keys: &BTreeSet<String>) -> Result<(), CallError> {
    let done = dms
        .client()
        .await
        .remove_tags_from_resource()
        .resource_arn(arn)
        .set_tag_keys(Some(keys.iter().cloned().collect()))
        .send()
        .await
        .named("dms:RemoveTagsFromResource");
    absent_is_fine(done.map(drop))
}

/// Tags as a create call takes them.
pub(super) fn of(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(arn: Option<&str>, key: &str) -> Tag {
        Tag::builder().set_resource_arn(arn.map(str::to_owned)).key(key).value("v").build()
    }

    #[test]
    fn tags_go_to_their_resource_and_untagged_ones_are_there_too() {
        let batch = ["a".to_owned(), "b".to_owned()];
        let found = sorted(&batch, &[tag(Some("a"), "x"), tag(Some("a"), "y")]).unwrap();
        assert_eq!(found["a"].keys().collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(found["b"], Tags::new());
    }

    #[test]
    fn a_tag_without_an_arn_belongs_to_the_only_one_asked_for() {
        let one = ["a".to_owned()];
        assert_eq!(sorted(&one, &[tag(None, "x")]).unwrap()["a"]["x"], "v");
        let two = ["a".to_owned(), "b".to_owned()];
        assert_eq!(sorted(&two, &[tag(None, "x")]), None);
    }
}
