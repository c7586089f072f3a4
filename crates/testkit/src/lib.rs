//! Builders, scenario runner and snapshot filters for Pipewright's own tests.
