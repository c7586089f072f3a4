//! From an HTTP request to the service that answers it: protocol, caller, limit, fault, transaction, record of the call.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use crate::api::{AwsError, Context};
use crate::calls::Call;
use crate::cbor;
use crate::clock;
use crate::cloudwatch;
use crate::control;
use crate::dms;
use crate::emulator::{Shared, State};
use crate::faults::{Effect, Snapshot};
use crate::iam;
use crate::permissions;
use crate::query::{self, CLOUDWATCH, IAM, STS};
use crate::secrets_manager;
use crate::sigv4::{self, AuthError, Identity, SignedRequest};
use crate::store::Transaction;
use crate::sts;

const JSON: &str = "application/x-amz-json-1.1";
const XML: &str = "text/xml";
const CBOR: &str = "application/cbor";
/// The version of the protocol that CloudWatch speaks in JSON.
const JSON_1_0: &str = "application/x-amz-json-1.0";
/// What Smithy RPC v2 CBOR calls itself in the header `smithy-protocol`.
const RPC_V2_CBOR: &str = "rpc-v2-cbor";
/// Where the operations of CloudWatch are, in that protocol.
const CLOUDWATCH_PATH: &str = "/service/GraniteServiceVersion20100801/operation/";
/// The services that speak JSON, by what their operations are called after.
const TARGETS: [(&str, Service); 3] = [
    ("AmazonDMSv20160101.", Service::Dms),
    ("GraniteServiceVersion20100801.", Service::CloudWatch),
    ("secretsmanager.", Service::SecretsManager),
];

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
    pub body: Vec<u8>,
    pub request_id: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// What happens to the answer on its way.
    pub fault: Option<Effect>,
}

impl Answer {
    /// An answer in JSON.
    pub(crate) fn new(status: u16, body: Vec<u8>, request_id: String) -> Self {
        Answer { status, content_type: JSON, body, request_id, headers: Vec::new(), fault: None }
    }
}

/// The services, by what their actions are called in policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    CloudWatch,
    Dms,
    Iam,
    SecretsManager,
    Sts,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Service::CloudWatch => "cloudwatch",
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
            Service::SecretsManager => operation != "GetSecretValue",
            Service::CloudWatch | Service::Sts => false,
        }
    }

    /// Whether it speaks JSON, or CBOR in the same words, rather than forms and XML.
    fn is_json(self) -> bool {
        matches!(self, Service::CloudWatch | Service::Dms | Service::SecretsManager)
    }
}

/// An operation with its input, as far as it could be read.
struct Request {
    service: Service,
    operation: String,
    /// Whether it came in CBOR, which only CloudWatch speaks, beside JSON.
    is_cbor: bool,
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
        Err(error) => render_error(Some(&request), &error, request_id),
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
                is_cbor: false,
                input: dms::parse(incoming.body),
            });
        }
        if let Some(operation) = incoming.path.strip_prefix(CLOUDWATCH_PATH) {
            let protocol = incoming.headers.get("smithy-protocol").and_then(|value| value.to_str().ok());
            if incoming.method != "POST" || protocol != Some(RPC_V2_CBOR) {
                let message =
                    format!("{operation} is called by POST, with the header smithy-protocol: {RPC_V2_CBOR}");
                return Err(AwsError::new(400, "UnknownOperationException", message));
            }
            return Ok(Request {
                service: Service::CloudWatch,
                operation: operation.to_owned(),
                is_cbor: true,
                input: cbor::parse(incoming.body),
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
            is_cbor: false,
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
        Service::CloudWatch | Service::Dms | Service::SecretsManager => {
            format!("{}/{}", identity.account, identity.region)
        }
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
        Service::CloudWatch => cloudwatch::handle(&request.operation, input, &mut cx, &own_account),
        Service::Iam => iam::handle(&request.operation, input, &mut cx),
        Service::SecretsManager => secrets_manager::handle(&request.operation, input, &mut cx),
        Service::Sts => sts::handle(&request.operation, input, &mut cx),
    }
}

fn render(request: &Request, output: &Value, request_id: String) -> Answer {
    let operation = request.operation.as_str();
    match request.service {
        Service::CloudWatch if request.is_cbor => {
            in_cbor(Answer::new(200, cbor::body(&CLOUDWATCH, operation, output), request_id))
        }
        Service::CloudWatch => {
            let answer = Answer::new(200, output.to_string().into_bytes(), request_id);
            Answer { content_type: JSON_1_0, ..answer }
        }
        Service::Dms | Service::SecretsManager => {
            Answer::new(200, output.to_string().into_bytes(), request_id)
        }
        Service::Iam => {
            in_xml(200, query::response_document(&IAM, operation, output, &request_id), request_id)
        }
        Service::Sts => {
            in_xml(200, query::response_document(&STS, operation, output, &request_id), request_id)
        }
    }
}

/// Renders an error; a request that could not be told to any service is answered in JSON.
fn render_error(request: Option<&Request>, error: &AwsError, request_id: String) -> Answer {
    let service = request.map(|request| request.service);
    let namespace = match service {
        Some(Service::Iam) => &IAM.metadata.xml_namespace,
        Some(Service::Sts) => &STS.metadata.xml_namespace,
        None | Some(Service::CloudWatch | Service::Dms | Service::SecretsManager) => {
            let mut document = error.extra.clone();
            document.insert("__type".to_owned(), error.code.into());
            document.insert("message".to_owned(), error.message.as_str().into());
            let body = Value::Object(document);
            let mut answer = match request {
                Some(Request { is_cbor: true, .. }) => {
                    in_cbor(Answer::new(error.status, cbor::untyped(&body), request_id))
                }
                _ => Answer::new(error.status, body.to_string().into_bytes(), request_id),
            };
            if service == Some(Service::CloudWatch) {
                // CloudWatch spoke the Query protocol before, and tells the codes of that too.
                let code = error.code.strip_suffix("Exception").unwrap_or(error.code);
                let side = if error.status < 500 { "Sender" } else { "Receiver" };
                answer.headers.push(("x-amzn-query-error", format!("{code};{side}")));
            }
            return answer;
        }
    };
    in_xml(error.status, query::error_document(namespace, error, &request_id), request_id)
}

fn in_xml(status: u16, document: String, request_id: String) -> Answer {
    Answer { content_type: XML, ..Answer::new(status, document.into_bytes(), request_id) }
}

fn in_cbor(answer: Answer) -> Answer {
    let headers = vec![("smithy-protocol", RPC_V2_CBOR.to_owned())];
    Answer { content_type: CBOR, headers, ..answer }
}

fn refused(service: Service, error: AuthError) -> AwsError {
    match service {
        Service::CloudWatch | Service::Dms | Service::SecretsManager => error.into_json_error(),
        Service::Iam | Service::Sts => error.into_query_error(),
    }
}

fn throttled(service: Service) -> AwsError {
    let code = match service {
        Service::CloudWatch | Service::Dms | Service::SecretsManager => "ThrottlingException",
        Service::Iam | Service::Sts => "Throttling",
    };
    AwsError::new(400, code, "Rate exceeded")
}

fn internal_error(service: Service) -> AwsError {
    let code = match service {
        Service::CloudWatch => "InternalServiceFault",
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
