//! YAML pipeline specs, validated into desired resources, with errors that point.
