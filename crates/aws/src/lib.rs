//! The only crate that talks to AWS: DMS, IAM and STS behind the engine's read and write traits.
