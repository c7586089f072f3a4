//! A strict, stateful emulator of AWS DMS, IAM and STS for any AWS client.
