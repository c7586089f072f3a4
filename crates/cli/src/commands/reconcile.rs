//! `reconcile`: make AWS match the specs, once or for ever.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use pipewright_daemon::{LoopOptions, Pass, PassResult};
use pipewright_engine::{ChangeOutcome, PassOptions, PassOutcome, Recorder, run_pass};
use pipewright_model::Desired;
use pipewright_plan::{PlanOptions, Timeline, render};
use tokio_util::sync::CancellationToken;

use super::{can_be_written, desired, listen_to_signals, load_some, write_whole};
use crate::args::Reconcile;
use crate::cloud::{Cloud, Connection};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::Progress;
use crate::reviewed::Reviewed;

/// Runs one pass, or passes until a signal comes.
pub(crate) async fn run(args: Reconcile, printer: Arc<Printer>) -> Result<Exit, Failure> {
    let stop = CancellationToken::new();
    let signals = listen_to_signals(&stop)?;
    // Specs that are wrong from the start are an error at once, for the loop too.
    let first = load_some(&args.specs)?;
    let reviewed = args.plan.as_deref().map(Reviewed::read).transpose()?;
    if let Some(file) = &args.timeline {
        // That it cannot be written must not be found out when all is done.
        can_be_written(file)?;
    }
    let cloud = Cloud::open(&args.place).await?;
    // What AWS does not answer now it may answer at the next pass.
    if let Err(failure @ Failure::Specs(_)) = desired(&first, &args.place.environments, &cloud).await {
        cloud.close().await;
        return Err(failure);
    }
    let reconciler = Arc::new(Reconciler { args, printer, cloud, reviewed, timelines: Mutex::default() });
    let exit = if reconciler.args.once {
        Box::pin(reconciler.pass(&stop, true)).await
    } else {
        let options = LoopOptions { interval: reconciler.args.interval };
        pipewright_daemon::run(Arc::clone(&reconciler), options, stop).await;
        Ok(Exit::Done)
    };
    drop(signals);
    if let Some(reconciler) = Arc::into_inner(reconciler) {
        reconciler.cloud.close().await;
    }
    exit
}

/// What every pass needs.
struct Reconciler {
    args: Reconcile,
    printer: Arc<Printer>,
    cloud: Cloud,
    /// The plans that alone are to be applied, if some were reviewed.
    reviewed: Option<Reviewed>,
    /// What was done in this pass, by environment.
    timelines: Mutex<Vec<Timeline>>,
}

impl Reconciler {
    /// One pass over every environment, each in turn. `tells_all` also of those with nothing to do.
    async fn pass(&self, stop: &CancellationToken, tells_all: bool) -> Result<Exit, Failure> {
        let tree = load_some(&self.args.specs)?;
        let mut environments = desired(&tree, &self.args.place.environments, &self.cloud).await?;
        for desired in &mut environments {
            desired.policy.allow_empty |= self.args.allow_empty;
            desired.approvals.on_command_line.extend(self.args.approve.iter().cloned());
        }
        if let Some(reviewed) = &self.reviewed {
            let names = environments.iter().map(|desired| &desired.environment.name);
            if let Some(missing) = names.into_iter().find(|name| reviewed.digest(name).is_none()) {
                return Err(Failure::NotReviewed(missing.clone()));
            }
        }
        let mut exit = Exit::Done;
        for desired in &environments {
            if stop.is_cancelled() {
                exit = exit.max(Exit::Changes);
                break;
            }
            match self.environment(desired, stop, tells_all).await {
                Ok(of_this) => exit = exit.max(of_this),
                // The other environments are not to suffer for it.
                Err(failure) => {
                    self.printer.failure(&failure);
                    exit = exit.max(Exit::Error);
                }
            }
        }
        self.write_timelines()?;
        Ok(exit)
    }

    /// Writes what ran in this pass, if anything did and a picture of it is wanted.
    fn write_timelines(&self) -> Result<(), Failure> {
        let timelines = std::mem::take(&mut *self.timelines.lock().unwrap_or_else(PoisonError::into_inner));
        match &self.args.timeline {
            Some(file) if timelines.iter().any(|timeline| !timeline.rows.is_empty()) => {
                write_whole(file, &render::timeline(&timelines))
            }
            _ => Ok(()),
        }
    }

    /// The digest that the plan of an environment must have.
    fn digest(&self, desired: &Desired) -> Option<String> {
        self.reviewed.as_ref()?.digest(&desired.environment.name).map(str::to_owned)
    }

    async fn environment(
        &self,
        desired: &Desired,
        stop: &CancellationToken,
        tells_all: bool,
    ) -> Result<Exit, Failure> {
        let connection = self.cloud.connect(desired).await?;
        let clock = self.cloud.clock();
        let options = PassOptions {
            wait: self.args.wait.unwrap_or(self.cloud.is_sandbox()),
            plan: PlanOptions { drain_grace: self.args.drain.drain_grace, ..PlanOptions::default() },
            reviewed: self.digest(desired),
            ..PassOptions::default()
        };
        let progress = Progress::new(&self.printer, clock.clone());
        let Connection { reader, writer } = &connection;
        let recorder = Recorder::new(clock.clone(), &progress);
        let passing = run_pass(reader, writer, &clock, desired, &options, &recorder, stop);
        let passed = Box::pin(passing).await;
        let timeline = recorder.timeline(&desired.environment.name, clock.is_virtual());
        self.timelines.lock().unwrap_or_else(PoisonError::into_inner).push(timeline);
        let outcome = passed.map_err(|source| Failure::observe(&desired.environment.name, source))?;
        if let Some(reviewed) = self.reviewed.as_ref().filter(|_| outcome.stale) {
            let name = &desired.environment.name;
            self.printer.result(&stale(name, &reviewed.difference(&outcome.first)));
        } else if !outcome.first.is_empty() {
            self.printer.result(&format!("\n{}", summary(&outcome)));
        } else if tells_all {
            self.printer.result(&render::text(&outcome.first, self.printer.style()));
        }
        Ok(Exit::of_pass(&outcome))
    }
}

/// Why nothing was done.
fn stale(environment: &str, difference: &str) -> String {
    format!(
        "Nothing was done in environment {environment}: its plan is not the one that was reviewed.\n{difference}hint: plan \
         again, review that, and apply it\n"
    )
}

impl Pass for Reconciler {
    async fn run(&self, _: u64, stop: CancellationToken) -> PassResult {
        match Box::pin(self.pass(&stop, false)).await {
            Ok(_) if stop.is_cancelled() => PassResult::Stopped,
            Ok(Exit::Done) => PassResult::Converged,
            Ok(_) => PassResult::NotConverged,
            Err(failure) => {
                self.printer.failure(&failure);
                PassResult::Failed(failure.to_string())
            }
        }
    }
}

/// What became of a pass, in a few lines.
pub(super) fn summary(outcome: &PassOutcome) -> String {
    let mut text = outcome.first.only.as_ref().map(render::partial_view).unwrap_or_default();
    if !text.is_empty() {
        text.push('\n');
    }
    let applied: usize = outcome.rounds.iter().map(pipewright_engine::Outcome::applied).sum();
    let failures = outcome.failures();
    let changes = if applied == 1 { "change" } else { "changes" };
    let _ = write!(text, "Applied {applied} {changes}. ");
    if outcome.has_converged() && failures.is_empty() {
        let _ = writeln!(text, "{}", converged(outcome));
        return text;
    }
    let left = outcome.remaining.changes.len();
    let state =
        if outcome.cancelled { "Stopped before the end" } else { "Not everything is as specified yet" };
    let _ = writeln!(text, "{state}: {left} left to do.");
    for (key, why) in &failures {
        let _ = writeln!(text, "  failed   {key}: {why}");
    }
    let last = outcome.rounds.last().map(|round| &round.changes);
    for (key, (_, of_change)) in last.into_iter().flatten() {
        let _ = match of_change {
            ChangeOutcome::Waiting(why) => writeln!(text, "  waiting  {key}: {why}"),
            ChangeOutcome::Skipped(why) => writeln!(text, "  skipped  {key}: {why}"),
            ChangeOutcome::Stale(why) => writeln!(text, "  put off  {key}: {why}"),
            ChangeOutcome::Applied | ChangeOutcome::Failed(_) => Ok(()),
        };
    }
    let report = &outcome.remaining.report;
    for finding in report.conflicts.iter().chain(&report.blocked).chain(&report.waiting) {
        let about = finding.resource.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
        let _ = writeln!(text, "  held     {about}{}", finding.message);
        if let Some(hint) = &finding.hint {
            let _ = writeln!(text, "           hint: {hint}");
        }
    }
    let hint = if outcome.cancelled || failures.is_empty() {
        "run it again to go on from here, with --wait to wait for what takes AWS minutes"
    } else {
        "what failed is tried again by the next run; what depends on it waits for it"
    };
    let _ = writeln!(text, "hint: {hint}");
    text
}

fn converged(outcome: &PassOutcome) -> String {
    let plan = &outcome.remaining;
    let report = &plan.report;
    let held = report.conflicts.len() + report.blocked.len();
    let mut text = if !plan.unread.is_empty() {
        "Not everything could be read, and nothing was deleted.".to_owned()
    } else if held > 0 {
        format!("Nothing more can be done until {held} held back is settled.")
    } else {
        "Converged: nothing left to do.".to_owned()
    };
    for finding in &report.waiting {
        let about = finding.resource.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
        let _ = write!(text, "\n  held     {about}{}", finding.message);
    }
    for (name, role) in &plan.roles {
        let owners = render::owner_list(&role.owners);
        if !owners.is_empty() {
            let _ = write!(text, "\n  role/{name}: owned by {owners}");
        }
    }
    text
}
