//! The command line's grammar. Every option can also be given as an environment variable.

mod cutover;
mod ownership;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use pipewright_model::Approval;

pub(crate) use self::cutover::Cutover;
pub(crate) use self::ownership::{Adopt, Ownership, Release, Transfer};
use crate::clock::Speed;

/// A declarative reconciler for AWS Database Migration Service.
///
/// It makes the DMS resources of your accounts match what YAML specs say, and keeps them so.
#[derive(Debug, Parser)]
#[command(name = "pipewright", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, or nothing to do · 1 error · 2 changes (plan --detailed-exitcode), or not everything is \
as specified yet · 3 ownership conflict · 4 the plan is not the reviewed one · 5 a safety guard stopped something. The highest applies.";

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// When to use colours; `auto` also honours NO_COLOR.
    #[arg(long, global = true, env = "PIPEWRIGHT_COLOR", default_value = "auto", value_name = "WHEN")]
    pub(crate) color: When,
    /// Say more on stderr; twice for debugging, three times for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Say nothing on stderr but errors.
    #[arg(short, long, global = true, env = "PIPEWRIGHT_QUIET", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) quiet: bool,
    /// How logs are written to stderr.
    #[arg(
        long,
        global = true,
        env = "PIPEWRIGHT_LOG_FORMAT",
        default_value = "human",
        value_name = "FORMAT"
    )]
    pub(crate) log_format: LogFormat,
    /// Which logs are written, such as `info` or `pipewright_engine=debug`; instead of -v and -q.
    #[arg(long = "log", global = true, env = "PIPEWRIGHT_LOG", value_name = "FILTER")]
    pub(crate) log_filter: Option<String>,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `--log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Human,
    /// One JSON object a line.
    Json,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// `--format` of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people at a terminal.
    Text,
    /// For the comment of a pull request: at most 60,000 bytes, details left out first.
    Markdown,
    /// A page for people: one file that needs nothing else.
    Html,
    /// For machines.
    Json,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Begin a spec root: write its Controller, or the uid into one that has none
    ///
    /// Example: pipewright init specs/ --name data-platform --account-id 111122223333 --region us-east-1
    Init(Init),
    /// Check specs without AWS: every error of every file at once
    ///
    /// Example: pipewright validate specs/
    Validate(Validate),
    /// Print the JSON Schema of the spec format, for editors
    ///
    /// Example: pipewright schema > pipewright.schema.json
    Schema,
    /// Print the table mappings that pipelines compile to, or what they do with a table
    ///
    /// Example: pipewright mappings specs/ --table shop.orders
    Mappings(Mappings),
    /// Show how what two spec roots declare differs, without AWS
    ///
    /// Example: pipewright diff ../main/specs specs/ --format markdown
    Diff(Diff),
    /// Draw what specs declare: pipelines, their resources, and who owns the shared roles
    ///
    /// Example: pipewright graph specs/ --format dot | dot -Tsvg > specs.svg
    Graph(Graph),
    /// Show what `reconcile` would change; writes nothing to AWS
    ///
    /// Example: pipewright plan specs/ --out plan.json --detailed-exitcode
    Plan(Plan),
    /// Post the plan as one comment of a pull request, which is found again and changed
    ///
    /// Example: pipewright comment specs/ --github --out plan.json
    Comment(Comment),
    /// Make AWS match the specs: for ever, or with --once in one pass
    ///
    /// Example: pipewright reconcile specs/ --once --sandbox
    Reconcile(Reconcile),
    /// Tell how every pipeline is, and who owns the shared roles
    ///
    /// Example: pipewright status specs/ --format json
    Status(Status),
    /// Tell whether applications can move to a pipeline's target: status, tables, latency, validation
    ///
    /// Exits with 0 when it is ready, with 2 while it is not, and with 1 when somebody must act first.
    ///
    /// Example: pipewright cutover orders specs/ --wait
    Cutover(Cutover),
    /// Become the owner of what the specs declare and nobody owns
    ///
    /// Example: pipewright adopt specs/ orders --yes
    Adopt(Adopt),
    /// Stop owning something, and keep it as it is
    ///
    /// Example: pipewright release specs/ orders role/dms-vpc-role --yes
    Release(Release),
    /// Give a pipeline to another scope, without a moment in which nobody owns it
    ///
    /// Example: pipewright transfer specs/ orders --to reporting --yes
    Transfer(Transfer),
    /// Turn what another tool declares into specs that take it over
    ///
    /// Example: pipewright import cloudformation template.json --physical-ids resources.json --out specs/
    Import(Import),
    /// Serve an emulator of DMS, IAM and STS for any AWS client
    ///
    /// Example: pipewright sandbox --listen 127.0.0.1:4566 --speed 300
    Sandbox(Sandbox),
    /// Print the completion script of a shell
    ///
    /// Example: pipewright completions bash > /etc/bash_completion.d/pipewright
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether it runs until it is stopped.
    pub(crate) fn is_loop(&self) -> bool {
        match self {
            Self::Reconcile(reconcile) => !reconcile.once,
            Self::Sandbox(_) => true,
            Self::Init(_)
            | Self::Validate(_)
            | Self::Schema
            | Self::Mappings(_)
            | Self::Diff(_)
            | Self::Graph(_)
            | Self::Plan(_)
            | Self::Comment(_)
            | Self::Status(_)
            | Self::Cutover(_)
            | Self::Adopt(_)
            | Self::Release(_)
            | Self::Transfer(_)
            | Self::Import(_)
            | Self::Completions { .. } => false,
        }
    }
}

/// The specs.
#[derive(Debug, Clone, Args)]
pub(crate) struct Specs {
    /// Files and directories of specs; all of one spec root, its Controller document among them.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// The specs, or a part of them.
#[derive(Debug, Clone, Args)]
pub(crate) struct SomeSpecs {
    /// Files and directories of specs of one spec root. Without its Controller document they are a part of the
    /// root around them, and nothing is deleted or left.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only this pipeline, or this `Kind/name`, and what it needs; nothing is deleted or left. Can be given
    /// several times.
    #[arg(long, value_name = "NAME", env = "PIPEWRIGHT_ONLY", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
}

/// Which AWS, or what stands in for it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Where")]
pub(crate) struct Where {
    /// Only this environment; can be given several times.
    #[arg(long = "environment", value_name = "NAME", env = "PIPEWRIGHT_ENVIRONMENT", value_delimiter = ',')]
    pub(crate) environments: Vec<String>,
    /// Work on an emulator inside this process, whose content is kept in DIR (`.pipewright` if not said).
    #[arg(
        long,
        value_name = "DIR",
        env = "PIPEWRIGHT_SANDBOX",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ".pipewright",
        conflicts_with = "endpoint_url"
    )]
    pub(crate) sandbox: Option<PathBuf>,
    /// How many seconds pass in the sandbox in a real second, or `max`.
    #[arg(long, value_name = "N|max", env = "PIPEWRIGHT_SANDBOX_SPEED", default_value = "300")]
    pub(crate) sandbox_speed: Speed,
    /// Let this process die after the n-th AWS call took effect and before its answer, to test recovery.
    #[arg(long, value_name = "N", hide = true, requires = "sandbox", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sandbox_abort_after_call: Option<u64>,
    /// Send every AWS call there: an emulator, moto, a proxy. Credentials come from the usual places.
    #[arg(long, value_name = "URL", env = "PIPEWRIGHT_ENDPOINT_URL")]
    pub(crate) endpoint_url: Option<String>,
    /// The profile of the shared AWS configuration to take credentials from.
    #[arg(long, value_name = "NAME", env = "PIPEWRIGHT_PROFILE")]
    pub(crate) profile: Option<String>,
}

/// `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The directory of the spec root; made if it is not there.
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) directory: PathBuf,
    /// The name of the Controller; the directory's name unless given.
    #[arg(long, value_name = "NAME", env = "PIPEWRIGHT_SCOPE")]
    pub(crate) name: Option<String>,
    /// The twelve digits of the account to work in.
    #[arg(long, value_name = "ID", env = "PIPEWRIGHT_ACCOUNT_ID", value_parser = account_id)]
    pub(crate) account_id: Option<String>,
    /// The region to work in.
    #[arg(long, value_name = "NAME", env = "PIPEWRIGHT_REGION")]
    pub(crate) region: Option<String>,
}

/// `validate`.
#[derive(Debug, Args)]
pub(crate) struct Validate {
    #[command(flatten)]
    pub(crate) specs: Specs,
    /// Exit with 1 if there are warnings.
    #[arg(long, env = "PIPEWRIGHT_DENY_WARNINGS", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) deny_warnings: bool,
    /// How the result is printed.
    #[arg(long, value_name = "FORMAT", env = "PIPEWRIGHT_FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// `mappings`.
#[derive(Debug, Args)]
pub(crate) struct Mappings {
    /// Files and directories of specs; all of one spec root, its Controller document among them.
    #[arg(required_unless_present = "from", conflicts_with = "from", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print a DMS table-mapping document as what stands under `migration` of a spec; fails where that cannot say the same.
    #[arg(long, value_name = "FILE.json", env = "PIPEWRIGHT_FROM", conflicts_with_all = ["pipeline", "table"])]
    pub(crate) from: Option<PathBuf>,
    /// Only this pipeline.
    #[arg(long, value_name = "NAME", env = "PIPEWRIGHT_PIPELINE")]
    pub(crate) pipeline: Option<String>,
    /// Say which rules are about this table or column, and what comes out.
    #[arg(long, value_name = "SCHEMA.TABLE[.COLUMN]", env = "PIPEWRIGHT_TABLE", value_parser = table_name)]
    pub(crate) table: Option<TableName>,
    /// How the result is printed.
    #[arg(long, value_name = "FORMAT", env = "PIPEWRIGHT_FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

/// A table of a source, or one of its columns.
#[derive(Debug, Clone)]
pub(crate) struct TableName {
    pub(crate) schema: String,
    pub(crate) table: String,
    pub(crate) column: Option<String>,
}

/// `diff`.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The spec root as it was: its directory, or a file of all its documents.
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// The spec root as it is.
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    /// How the difference is printed; as a plan is.
    #[arg(long, value_name = "FORMAT", env = "PIPEWRIGHT_FORMAT", default_value = "text")]
    pub(crate) format: PlanFormat,
    /// Exit with 2 if there is a difference.
    #[arg(long, env = "PIPEWRIGHT_DETAILED_EXITCODE", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) detailed_exitcode: bool,
}

/// `graph`.
#[derive(Debug, Args)]
pub(crate) struct Graph {
    #[command(flatten)]
    pub(crate) specs: Specs,
    /// Only this environment; can be given several times.
    #[arg(long = "environment", value_name = "NAME", env = "PIPEWRIGHT_ENVIRONMENT", value_delimiter = ',')]
    pub(crate) environments: Vec<String>,
    /// The language of the drawing.
    #[arg(long, value_name = "FORMAT", env = "PIPEWRIGHT_FORMAT", default_value = "mermaid")]
    pub(crate) format: GraphFormat,
}

/// `--format` of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Graphviz.
    Dot,
    /// Mermaid, which GitHub and GitLab draw in Markdown.
    Mermaid,
}

/// `plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// How the plan is printed.
    #[arg(long, value_name = "FORMAT", env = "PIPEWRIGHT_FORMAT", default_value = "text")]
    pub(crate) format: PlanFormat,
}

/// `comment`.
#[derive(Debug, Args)]
pub(crate) struct Comment {
    #[command(flatten)]
    pub(crate) planning: Planning,
    #[command(flatten)]
    pub(crate) platform: Platform,
    /// The number of the pull request; the one that this CI run is of unless given.
    #[arg(long, value_name = "N", env = "PIPEWRIGHT_NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) number: Option<u64>,
}

/// Where a comment goes.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Platform {
    /// To the pull request of this run of GitHub Actions, with GITHUB_TOKEN.
    #[arg(long, env = "PIPEWRIGHT_GITHUB", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) github: bool,
    /// To the merge request of this job of GitLab CI, with GITLAB_TOKEN.
    #[arg(long, env = "PIPEWRIGHT_GITLAB", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) gitlab: bool,
}

/// What is planned, and what becomes of it.
#[derive(Debug, Args)]
pub(crate) struct Planning {
    #[command(flatten)]
    pub(crate) specs: SomeSpecs,
    /// Also write the plan to this file: `.md` as Markdown, `.html` as a page, any other as JSON. Can be given several
    /// times.
    #[arg(long, value_name = "FILE", env = "PIPEWRIGHT_OUT", value_delimiter = ',')]
    pub(crate) out: Vec<PathBuf>,
    /// Exit with 2 if there are changes.
    #[arg(long, env = "PIPEWRIGHT_DETAILED_EXITCODE", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) detailed_exitcode: bool,
    /// Let specs that ask for nothing in an environment delete everything there that the scope owns.
    #[arg(long, env = "PIPEWRIGHT_ALLOW_EMPTY", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) allow_empty: bool,
    /// Approve what cannot be taken back: `reloads-target`, `loses-position` or `destroys`, or `start`; for one
    /// document, or without its name for all. Can be given several times.
    #[arg(long, value_name = "CLASS[=NAME]", env = "PIPEWRIGHT_APPROVE", value_delimiter = ',', value_parser = approval)]
    pub(crate) approve: Vec<(Approval, Option<String>)>,
    #[command(flatten)]
    pub(crate) drain: Drain,
    #[command(flatten)]
    pub(crate) place: Where,
}

/// `reconcile`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Reconcile {
    #[command(flatten)]
    pub(crate) specs: SomeSpecs,
    /// One pass, and then exit.
    #[arg(long, env = "PIPEWRIGHT_ONCE", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) once: bool,
    /// Apply the plan that `plan --out FILE` wrote and nothing else: if a fresh plan is not the same, say what differs, do
    /// nothing, and exit with 4.
    #[arg(long, value_name = "FILE", env = "PIPEWRIGHT_PLAN", requires = "once")]
    pub(crate) plan: Option<PathBuf>,
    /// Wait for what takes AWS minutes, and for drains, instead of leaving it to the next pass. The
    /// default is true in a sandbox, false otherwise.
    #[arg(
        long,
        value_name = "BOOL",
        env = "PIPEWRIGHT_WAIT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(crate) wait: Option<bool>,
    /// The time from the beginning of one pass to the beginning of the next.
    #[arg(long, value_name = "DURATION", env = "PIPEWRIGHT_INTERVAL", default_value = "5m", value_parser = positive_duration)]
    pub(crate) interval: Duration,
    /// Write a picture of what ran when and what waited for what to this file, as a page of HTML; of the last
    /// pass that had something to do.
    #[arg(long, value_name = "FILE.html", env = "PIPEWRIGHT_TIMELINE")]
    pub(crate) timeline: Option<PathBuf>,
    /// Let specs that ask for nothing in an environment delete everything there that the scope owns.
    #[arg(long, env = "PIPEWRIGHT_ALLOW_EMPTY", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) allow_empty: bool,
    /// Approve what cannot be taken back, as for `plan`. Only with --once: a loop would stay armed.
    #[arg(
        long,
        value_name = "CLASS[=NAME]",
        env = "PIPEWRIGHT_APPROVE",
        value_delimiter = ',',
        value_parser = approval,
        requires = "once"
    )]
    pub(crate) approve: Vec<(Approval, Option<String>)>,
    #[command(flatten)]
    pub(crate) drain: Drain,
    #[command(flatten)]
    pub(crate) place: Where,
}

/// How shared roles go.
#[derive(Debug, Clone, Args)]
pub(crate) struct Drain {
    /// How long a shared role that nobody owns any more is kept before it is deleted.
    #[arg(long, value_name = "DURATION", env = "PIPEWRIGHT_DRAIN_GRACE", default_value = "2m", value_parser = duration)]
    pub(crate) drain_grace: Duration,
}

/// `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) specs: SomeSpecs,
    /// How the status is printed.
    #[arg(long, value_name = "FORMAT", env = "PIPEWRIGHT_FORMAT", default_value = "text")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) drain: Drain,
    #[command(flatten)]
    pub(crate) place: Where,
}

/// `import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(subcommand)]
    pub(crate) from: ImportFrom,
}

/// The other tools.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportFrom {
    /// A CloudFormation template, such as `cdk synth` writes
    ///
    /// Example: pipewright import cloudformation template.json --physical-ids resources.json --out specs/
    #[command(name = "cloudformation")]
    CloudFormation(CloudFormation),
}

/// `import cloudformation`.
#[derive(Debug, Args)]
pub(crate) struct CloudFormation {
    /// The template, as JSON or YAML.
    #[arg(value_name = "FILE")]
    pub(crate) template: PathBuf,
    /// The directory to write the specs to; without it they are printed. No file is overwritten.
    #[arg(long, value_name = "DIR", env = "PIPEWRIGHT_IMPORT_OUT")]
    pub(crate) out: Option<PathBuf>,
    /// The name of the Controller document; the stack's name unless given.
    #[arg(long, value_name = "NAME", env = "PIPEWRIGHT_IMPORT_SCOPE")]
    pub(crate) scope: Option<String>,
    /// What `aws cloudformation describe-stack-resources` printed, or `aws dms describe-endpoints` and its
    /// like; can be given several times.
    #[arg(long, value_name = "FILE", env = "PIPEWRIGHT_PHYSICAL_IDS", value_delimiter = ',')]
    pub(crate) physical_ids: Vec<PathBuf>,
    /// The value of a parameter of the template; can be given several times.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// A value that the template does not tell, by the name under which it is listed; can be given several
    /// times.
    #[arg(long = "value", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) values: Vec<(String, String)>,
    /// The account of the stack, if the physical ids do not tell it.
    #[arg(long, value_name = "ID", env = "PIPEWRIGHT_ACCOUNT_ID", value_parser = account_id)]
    pub(crate) account_id: Option<String>,
    /// The region of the stack, if the physical ids do not tell it.
    #[arg(long, value_name = "NAME", env = "PIPEWRIGHT_REGION")]
    pub(crate) region: Option<String>,
    /// The name of the stack, if the physical ids do not tell it.
    #[arg(long, value_name = "NAME", env = "PIPEWRIGHT_STACK_NAME")]
    pub(crate) stack_name: Option<String>,
}

/// `sandbox`.
#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// The address to serve on; port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS", env = "PIPEWRIGHT_LISTEN", default_value = "127.0.0.1:4566")]
    pub(crate) listen: SocketAddr,
    /// Where its content is kept; without it, nowhere.
    #[arg(long, value_name = "DIR", env = "PIPEWRIGHT_DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
    /// How many seconds pass in it in a real second.
    #[arg(long, value_name = "N", env = "PIPEWRIGHT_SPEED", default_value = "1", value_parser = speed)]
    pub(crate) speed: f64,
    /// The account of callers whose access key is no account id.
    #[arg(long, value_name = "ID", env = "PIPEWRIGHT_ACCOUNT_ID", default_value = "123456789012", value_parser = account_id)]
    pub(crate) account_id: String,
    /// How long what is written to IAM stays invisible to reads and to DMS.
    #[arg(long, value_name = "DURATION", env = "PIPEWRIGHT_IAM_PROPAGATION", default_value = "0s", value_parser = duration)]
    pub(crate) iam_propagation: Duration,
    /// Throttle DMS as AWS does: 200 calls at once, 8 a second after that, by the sandbox's own time.
    #[arg(long, env = "PIPEWRIGHT_THROTTLE")]
    pub(crate) throttle: bool,
    /// Refuse every call that this IAM policy document does not allow.
    #[arg(long, value_name = "FILE", env = "PIPEWRIGHT_POLICY")]
    pub(crate) policy: Option<PathBuf>,
    /// Play this script of faults and disturbances from the start; docs/sandbox.md has its format.
    #[arg(long, value_name = "FILE", env = "PIPEWRIGHT_SCRIPT")]
    pub(crate) script: Option<PathBuf>,
    /// Verify signatures (SigV4) with this access key id …
    #[arg(long, value_name = "ID", env = "PIPEWRIGHT_ACCESS_KEY", requires = "secret")]
    pub(crate) access_key: Option<String>,
    /// … and this secret access key.
    #[arg(
        long,
        value_name = "SECRET",
        env = "PIPEWRIGHT_SECRET",
        hide_env_values = true,
        requires = "access_key"
    )]
    pub(crate) secret: Option<String>,
}

fn table_name(text: &str) -> Result<TableName, String> {
    let parts: Vec<&str> = text.splitn(3, '.').collect();
    if parts.len() < 2 || parts.iter().any(|part| part.is_empty()) {
        return Err("use the names of schema and table with a dot, such as shop.orders".to_owned());
    }
    let part = |index: usize| parts.get(index).map(|&part| part.to_owned());
    Ok(TableName { schema: part(0).unwrap_or_default(), table: part(1).unwrap_or_default(), column: part(2) })
}

fn duration(text: &str) -> Result<Duration, String> {
    let explain = || "use a duration such as 90s, 5m or 1h30m".to_owned();
    let duration: SignedDuration = text.parse().map_err(|_| explain())?;
    Duration::try_from(duration).map_err(|_| explain())
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text) {
        Ok(Duration::ZERO) => Err("use a duration above zero, such as 5m".to_owned()),
        other => other,
    }
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && (0.001..=1_000_000.0).contains(&speed) => Ok(speed),
        _ => Err("use a number from 0.001 to 1000000, such as 300".to_owned()),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or_else(|| "use NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

fn approval(text: &str) -> Result<(Approval, Option<String>), String> {
    let (word, name) = text.split_once('=').map_or((text, None), |(word, name)| (word, Some(name)));
    let words = || Approval::ALL.map(Approval::as_str).join(", ");
    let approval = Approval::of_word(word)
        .ok_or_else(|| format!("use CLASS or CLASS=NAME; the classes are {}", words()))?;
    match name.map(|name| name.strip_prefix("Pipeline/").unwrap_or(name)) {
        Some("") => {
            Err("after `=` stands the name of a pipeline, or `Endpoint/NAME` and the like".to_owned())
        }
        name => Ok((approval, name.map(str::to_owned))),
    }
}

fn account_id(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("use the twelve digits of an AWS account id".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_grammar_is_sound_and_every_option_has_a_variable() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
            for option in verb.get_arguments().filter(|option| option.get_long().is_some()) {
                let name = option.get_long().unwrap();
                if option.is_hide_set() || ["help", "version", "verbose"].contains(&name) {
                    continue;
                }
                let variable = option.get_env().and_then(|variable| variable.to_str());
                assert!(
                    variable.is_some_and(|variable| variable.starts_with("PIPEWRIGHT_")),
                    "{} --{name}",
                    verb.get_name()
                );
            }
            let about = verb.get_long_about().map(ToString::to_string).unwrap_or_default();
            assert!(about.contains("Example: pipewright"), "{} has no example", verb.get_name());
        }
    }

    #[test]
    fn approvals_name_a_class_and_perhaps_a_document() {
        let orders = || Some("orders".to_owned());
        assert_eq!(approval("destroys"), Ok((Approval::Destroys, None)));
        assert_eq!(approval("reloads-target=orders"), Ok((Approval::ReloadsTarget, orders())));
        assert_eq!(approval("start=Pipeline/orders"), Ok((Approval::Start, orders())));
        assert!(approval("stops-task").is_err() && approval("destroys=").is_err());
        let armed = "pipewright reconcile specs --approve destroys".split(' ');
        assert!(Cli::try_parse_from(armed.clone()).is_err());
        assert!(Cli::try_parse_from(armed.chain(["--once"])).is_ok());
    }

    #[test]
    fn durations_and_numbers_are_checked() {
        assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
        assert!(duration("-5m").is_err() && duration("5").is_err() && duration("").is_err());
        assert!(positive_duration("0s").is_err());
        assert!("0".parse::<Speed>().is_err() && "NaN".parse::<Speed>().is_err());
        assert_eq!("max".parse(), Ok(Speed::Max));
        assert!(account_id("12345678901").is_err() && account_id("123456789012").is_ok());
    }
}
