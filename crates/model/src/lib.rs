//! Pipewright's vocabulary: ids, resource kinds, tags, statuses, ownership states.
