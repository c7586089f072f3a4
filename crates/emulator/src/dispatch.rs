//! From an HTTP request to the service that answers it: protocol, caller, limit, fault, transaction, record of the call.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use crate::api::{AwsError, Context};
use crate::calls::Call;
use crate::clock;
use crate::control;
use crate::dms;
use crate::emulator::{Shared, State};
use crate::faults::{Effect, Snapshot};
use crate::iam;
use crate::permissions;
use crate::query::{self, IAM, STS};
use crate::secrets_manager;
use crate::sigv4::{self, AuthError, Identity, SignedRequest};
use crate::store::Transaction;
use crate::sts;

const JSON: &str = "application/x-amz-json-1.1";
const XML: &str = "text/xml";
/// The services that speak JSON, by what their operations are called after.
const TARGETS: [(&str, Service); 2] =
    [("AmazonDMSv20160101.", Service::Dms), ("secretsmanager.", Service::SecretsManager)];

/// An HTTP request that has come in whole.
pub(crate) struct Incoming<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// What goes back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
    pub request_id: String,
    /// What happens to the answer on its way.
    pub fault: Option<Effect>,
}

/// The services, by their endpoint prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Dms,
    Iam,
    SecretsManager,
    Sts,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Service::Dms => "dms",
            Service::Iam => "iam",
            Service::SecretsManager => "secretsmanager",
            Service::Sts => "sts",
        }
    }

    fn is_mutating(self, operation: &str) -> bool {
        match self {
            Service::Dms => dms::is_mutating(operation),
            Service::Iam => iam::is_mutating(operation),
            Service::SecretsManager => !matches!(operation, "GetSecretValue" | "ListSecrets"),
            Service::Sts => false,
        }
    }

    /// Whether it speaks JSON rather than forms and XML.
    fn is_json(self) -> bool {
        matches!(self, Service::Dms | Service::SecretsManager)
    }
}

/// An operation with its input, as far as it could be read.
struct Request {
    service: Service,
    operation: String,
    input: Result<Map<String, Value>, AwsError>,
}

/// Answers one request. All of its effect happens here, at once.
pub(crate) fn answer(shared: &Shared, incoming: &Incoming<'_>) -> Answer {
    if let Some(answer) = control::answer(shared, incoming) {
        return answer;
    }
    let request_id = request_id(shared);
    let request = match Request::read(incoming) {
        Ok(request) => request,
        Err(error) => return render_error(None, &error, request_id),
    };
    for disturbances in shared.faults.interruptions(&request.operation) {
        if let Err(error) = shared.disturb(&disturbances) {
            tracing::warn!(%error, operation = request.operation, "an interruption could not happen");
        }
    }
    let struck = shared.faults.strike(&request.operation);
    let snapshot = struck.as_ref().and_then(|struck| struck.snapshot.clone());
    let snapshot = snapshot.filter(|_| !request.service.is_mutating(&request.operation));
    let mut fault = struck.map(|struck| struck.effect);
    if fault == Some(Effect::AbortProcessBefore) {
        std::process::abort();
    }
    let result = match fault {
        Some(Effect::Throttle) => Err(throttled(request.service)),
        Some(Effect::InternalError) => Err(internal_error(request.service)),
        Some(Effect::ConcurrentModification)
            if request.service == Service::Iam && request.service.is_mutating(&request.operation) =>
        {
            Err(concurrent_modification())
        }
        Some(Effect::HoldBefore) => Err(AwsError::new(503, "ServiceUnavailable", "The call is held.")),
        _ => perform(shared, incoming, &request, &request_id, snapshot.as_deref()),
    };
    if fault == Some(Effect::AbortProcessAfter) {
        std::process::abort();
    }
    let swallowed = matches!(fault, Some(Effect::HoldBefore | Effect::HoldAfter));
    shared.calls.record(Call {
        service: request.service.name(),
        resource: request.input.as_ref().ok().and_then(resource),
        at: shared.clock.now(),
        mutating: request.service.is_mutating(&request.operation),
        status: match &result {
            _ if swallowed => 0,
            Ok(_) => 200,
            Err(error) => error.status,
        },
        error: result.as_ref().err().map(|error| error.code.to_owned()),
        operation: request.operation.clone(),
    });
    if matches!(fault, Some(Effect::Throttle | Effect::InternalError | Effect::ConcurrentModification)) {
        fault = None;
    }
    let mut answer = match result {
        Ok(output) => render(&request, &output, request_id),
        Err(error) => render_error(Some(request.service), &error, request_id),
    };
    answer.fault = fault;
    answer
}

impl Request {
    fn read(incoming: &Incoming<'_>) -> Result<Request, AwsError> {
        if let Some(target) = incoming.headers.get("x-amz-target") {
            let target = target.to_str().unwrap_or_default();
            let named =
                TARGETS.iter().find_map(|(prefix, service)| Some((*service, target.strip_prefix(prefix)?)));
            let Some((service, operation)) = named.filter(|_| incoming.method == "POST") else {
                return Err(AwsError::new(
                    400,
                    "UnknownOperationException",
                    format!("Unknown operation {target}"),
                ));
            };
            return Ok(Request {
                service,
                operation: operation.to_owned(),
                input: dms::parse(incoming.body),
            });
        }
        // GET with the parameters in the query is part of the protocol too.
        let form = if incoming.method == "GET" { incoming.query.as_bytes() } else { incoming.body };
        let parameters = query::parameters(form)?;
        let Some(operation) = parameters.get("Action").filter(|action| !action.is_empty()) else {
            let message =
                "The request names no operation: it has neither X-Amz-Target nor the parameter Action.";
            return Err(AwsError::new(400, "MissingAction", message));
        };
        let version = parameters.get("Version").map_or("", String::as_str);
        let (service, model) = match version {
            _ if version == IAM.metadata.api_version => (Service::Iam, &IAM),
            _ if version == STS.metadata.api_version => (Service::Sts, &STS),
            _ => {
                let message = format!("Could not find operation {operation} for version {version}");
                return Err(AwsError::new(400, "InvalidAction", message));
            }
        };
        Ok(Request {
            service,
            input: query::parse(model, operation, &parameters),
            operation: operation.clone(),
        })
    }
}

/// Identifies the caller, takes a token, runs the operation, and commits what it changed.
fn perform(
    shared: &Shared,
    incoming: &Incoming<'_>,
    request: &Request,
    request_id: &str,
    snapshot: Option<&Snapshot>,
) -> Result<Value, AwsError> {
    let signed = SignedRequest {
        method: incoming.method,
        path: incoming.path,
        query: incoming.query,
        headers: incoming.headers,
        body: incoming.body,
    };
    let identity = sigv4::identify(&signed, &shared.config, clock::wall())
        .map_err(|error| refused(request.service, error))?;
    let input = request.input.as_ref().map_err(Clone::clone)?;
    let mut state = shared.state();
    let at = shared.instants();
    if let Err(error) = state.store.note_clock(at) {
        tracing::warn!(%error, "virtual time could not be noted");
    }
    let State { store, buckets } = &mut *state;
    let regional = format!("{}/{}", identity.account, identity.region);
    if request.service == Service::Dms
        && let Some(limit) = shared.config.throttle
        && !buckets.take(&regional, limit, at.virtual_time)
    {
        return Err(throttled(request.service));
    }
    if let Some(Snapshot { store, at }) = snapshot {
        let transaction = Transaction::new(store);
        return run(shared, request, input, &identity, &transaction, (*at, request_id));
    }
    let transaction = Transaction::new(store);
    let output = run(shared, request, input, &identity, &transaction, (at.virtual_time, request_id))?;
    let changes = transaction.into_changes();
    if !changes.is_empty() {
        store.commit(changes, at).map_err(|error| {
            tracing::error!(%error, "a change could not be stored");
            internal_error(request.service)
        })?;
    }
    Ok(output)
}

fn run(
    shared: &Shared,
    request: &Request,
    input: &Map<String, Value>,
    identity: &Identity,
    transaction: &Transaction<'_>,
    (now, request_id): (std::time::Duration, &str),
) -> Result<Value, AwsError> {
    let own_account = transaction.scoped(identity.account.as_str());
    let scope = match request.service {
        Service::Dms | Service::SecretsManager => format!("{}/{}", identity.account, identity.region),
        Service::Iam => identity.account.clone(),
        Service::Sts => {
            sts::target_account(&request.operation, input).unwrap_or(&identity.account).to_owned()
        }
    };
    let mut records = transaction.scoped(scope);
    let mut cx = Context {
        account: &identity.account,
        region: &identity.region,
        partition: sigv4::partition_of(&identity.region),
        caller: identity.caller.clone(),
        now,
        request_id,
        config: &shared.config,
        records: &mut records,
    };
    let service = request.service;
    let required = permissions::of_call(service.name(), &request.operation, input, &cx, &own_account);
    shared
        .actions
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(required.iter().map(|requirement| requirement.action.clone()));
    if let Some(allowed) = &shared.config.permissions {
        allowed.check(&cx.caller.arn, &required, service.is_json())?;
    }
    match service {
        Service::Dms => {
            let output = dms::handle(&request.operation, input, &mut cx, &own_account)?;
            if request.operation == "CreateReplicationConfig" {
                // https://docs.aws.amazon.com/dms/latest/userguide/slr-services-sl.html
                let mut roles = transaction.scoped(identity.account.as_str());
                iam::ensure_serverless_role(&mut Context { records: &mut roles, ..cx })?;
            }
            Ok(output)
        }
        Service::Iam => iam::handle(&request.operation, input, &mut cx),
        Service::SecretsManager => secrets_manager::handle(&request.operation, input, &mut cx),
        Service::Sts => sts::handle(&request.operation, input, &mut cx),
    }
}

fn render(request: &Request, output: &Value, request_id: String) -> Answer {
    let (content_type, body) = match request.service {
        Service::Dms | Service::SecretsManager => (JSON, output.to_string()),
        Service::Iam => (XML, query::response_document(&IAM, &request.operation, output, &request_id)),
        Service::Sts => (XML, query::response_document(&STS, &request.operation, output, &request_id)),
    };
    Answer { status: 200, content_type, body, request_id, fault: None }
}

/// Renders an error; a request that could not be told to any service is answered in JSON.
fn render_error(service: Option<Service>, error: &AwsError, request_id: String) -> Answer {
    let (content_type, body) = match service {
        None | Some(Service::Dms | Service::SecretsManager) => {
            let mut document = error.extra.clone();
            document.insert("__type".to_owned(), error.code.into());
            document.insert("message".to_owned(), error.message.as_str().into());
            (JSON, Value::Object(document).to_string())
        }
        Some(Service::Iam) => {
            let namespace = &IAM.metadata.xml_namespace;
            (XML, query::error_document(namespace, error, &request_id))
        }
        Some(Service::Sts) => {
            let namespace = &STS.metadata.xml_namespace;
            (XML, query::error_document(namespace, error, &request_id))
        }
    };
    Answer { status: error.status, content_type, body, request_id, fault: None }
}

fn refused(service: Service, error: AuthError) -> AwsError {
    match service {
        Service::Dms | Service::SecretsManager => error.into_json_error(),
        Service::Iam | Service::Sts => error.into_query_error(),
    }
}

fn throttled(service: Service) -> AwsError {
    let code = match service {
        Service::Dms | Service::SecretsManager => "ThrottlingException",
        Service::Iam | Service::Sts => "Throttling",
    };
    AwsError::new(400, code, "Rate exceeded")
}

fn internal_error(service: Service) -> AwsError {
    let code = match service {
        Service::Dms => "InternalFailure",
        Service::SecretsManager => "InternalServiceError",
        Service::Iam | Service::Sts => "ServiceFailure",
    };
    let message = "The request processing has failed because of an unknown error, exception or failure.";
    AwsError::new(500, code, message)
}

/// The message is that of the IAM API reference, `ConcurrentModificationException`.
fn concurrent_modification() -> AwsError {
    let message = "The request was rejected because multiple requests to change this object were submitted \
                   simultaneously. Wait a few minutes and submit your request again.";
    AwsError::new(409, "ConcurrentModification", message)
}

/// What a call is about: the identifier that it creates, else the ARN or name that it acts on.
fn resource(input: &Map<String, Value>) -> Option<String> {
    const NAMES: [&str; 18] = [
        "ReplicationTaskIdentifier",
        "ReplicationTaskArn",
        "ReplicationConfigIdentifier",
        "ReplicationConfigArn",
        "EndpointIdentifier",
        "EndpointArn",
        "ReplicationInstanceIdentifier",
        "ReplicationInstanceArn",
        "ReplicationSubnetGroupIdentifier",
        "CertificateIdentifier",
        "CertificateArn",
        "SubscriptionName",
        "SecretId",
        "Name",
        "RoleName",
        "ResourceArn",
        "RoleArn",
        "PolicyArn",
    ];
    NAMES.iter().find_map(|name| input.get(*name)?.as_str().map(str::to_owned))
}

/// Request ids look like UUIDs and are unique within the emulator.
pub(crate) fn request_id(shared: &Shared) -> String {
    let count = shared.requests.fetch_add(1, Ordering::Relaxed);
    let time = shared.clock.now().as_nanos() & 0xffff_ffff_ffff;
    format!("{:08x}-{:04x}-4000-8000-{time:012x}", count >> 16, count & 0xffff)
}
