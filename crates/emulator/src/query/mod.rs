//! The AWS Query protocol: form parameters in, XML out, both by the shapes of the API model.

mod form;
mod render;
mod shapes;
mod validate;

pub(crate) use form::{parameters, parse};
pub(crate) use render::{error_document, response_document};
pub(crate) use shapes::{IAM, STS, Service};
pub(crate) use validate::validate;
