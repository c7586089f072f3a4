//! `MaxItems`, `Marker` and `IsTruncated`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::api::AwsError;

/// IAM's page size where the request names none.
const DEFAULT_MAX_ITEMS: usize = 100;

/// Cuts the page that the request asks for out of `items`, ordered by key, and answers it under `member`.
/// The marker is the last key of the page before, so that items that come or go between two pages cost no other item.
pub(super) fn page(
    input: &Map<String, Value>,
    member: &str,
    items: impl IntoIterator<Item = (String, Value)>,
) -> Result<Map<String, Value>, AwsError> {
    let after = input.get("Marker").and_then(Value::as_str).map(open).transpose()?;
    let max = input.get("MaxItems").and_then(Value::as_u64).and_then(|max| usize::try_from(max).ok());
    let max = max.unwrap_or(DEFAULT_MAX_ITEMS);
    let mut rest = items.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let mut answered = Vec::new();
    let mut last = None;
    for (key, item) in rest.by_ref().take(max) {
        last = Some(key);
        answered.push(item);
    }
    let truncated = rest.next().is_some();
    let mut output = Map::from_iter([
        (member.to_owned(), Value::Array(answered)),
        ("IsTruncated".to_owned(), Value::Bool(truncated)),
    ]);
    if let Some(last) = last.filter(|_| truncated) {
        output.insert("Marker".to_owned(), json!(URL_SAFE_NO_PAD.encode(last)));
    }
    Ok(output)
}

fn open(marker: &str) -> Result<String, AwsError> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| AwsError::new(400, "ValidationError", "Invalid Marker."))
}
