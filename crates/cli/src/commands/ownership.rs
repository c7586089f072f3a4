//! `adopt`, `release`, `transfer`: a change of owner, shown first and made with `--yes`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use pipewright_engine::{PassOptions, run_pass};
use pipewright_model::Desired;
use pipewright_plan::{Handover, HandoverVerb, Plan, PlanOptions, hand_over};
use tokio_util::sync::CancellationToken;

use super::{desired, listen_to_signals, load, plan, reconcile};
use crate::args::{Adopt, Ownership, PlanFormat, Release, Transfer};
use crate::cloud::{Cloud, Connection};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::Progress;

/// `adopt`.
pub(crate) async fn adopt(args: Adopt, printer: Arc<Printer>) -> Result<Exit, Failure> {
    let verb = HandoverVerb::Adopt { from: args.from };
    let names = if args.all { Names::All } else { Names::These(args.names) };
    Asked { path: args.path, verb, names, common: args.common }.run(printer).await
}

/// `release`.
pub(crate) async fn release(args: Release, printer: Arc<Printer>) -> Result<Exit, Failure> {
    let names = Names::These(args.names);
    Asked { path: args.path, verb: HandoverVerb::Release, names, common: args.common }.run(printer).await
}

/// `transfer`.
pub(crate) async fn transfer(args: Transfer, printer: Arc<Printer>) -> Result<Exit, Failure> {
    let verb = HandoverVerb::Transfer { to: args.to };
    let names = Names::These(args.names);
    Asked { path: args.path, verb, names, common: args.common }.run(printer).await
}

/// What is asked for.
struct Asked {
    path: PathBuf,
    verb: HandoverVerb,
    names: Names,
    common: Ownership,
}

enum Names {
    All,
    These(Vec<String>),
}

/// What is asked for, in one environment.
struct Here {
    desired: Desired,
    connection: Connection,
    handover: Handover,
    plan: Plan,
}

impl Asked {
    async fn run(self, printer: Arc<Printer>) -> Result<Exit, Failure> {
        let stop = CancellationToken::new();
        let signals = listen_to_signals(&stop)?;
        let cloud = Cloud::open(&self.common.place).await?;
        let exit = Box::pin(self.run_on(&cloud, &printer, &stop)).await;
        drop(signals);
        cloud.close().await;
        exit
    }

    async fn run_on(
        &self,
        cloud: &Cloud,
        printer: &Arc<Printer>,
        stop: &CancellationToken,
    ) -> Result<Exit, Failure> {
        let everywhere = self.look(cloud).await?;
        let plans: Vec<&Plan> = everywhere.iter().map(|here| &here.plan).collect();
        // What is then done is told beside it, as far as that leaves stdout to machines.
        printer.result(&plan::rendered(&plans, self.common.format, printer.style())?);
        let exit = plans.iter().map(|plan| Exit::of_plan(plan, !self.common.yes)).max().unwrap_or(Exit::Done);
        if !self.common.yes {
            if plans.iter().any(|plan| !plan.is_empty()) {
                printer.progress("nothing was written: give --yes to do it");
            }
            return Ok(exit);
        }
        // What is in the way in one environment holds up a transfer in all.
        if matches!(self.verb, HandoverVerb::Transfer { .. }) && exit != Exit::Done {
            return Ok(exit);
        }
        let mut exit = Exit::Done;
        for here in everywhere {
            exit = exit.max(self.make(here, cloud, printer, stop).await?);
        }
        Ok(exit)
    }

    /// Finds what the names stand for in every environment, and plans. A name must stand for something in
    /// one of them.
    async fn look(&self, cloud: &Cloud) -> Result<Vec<Here>, Failure> {
        let tree = load(std::slice::from_ref(&self.path))?;
        let mut everywhere = Vec::new();
        let mut unknown: Option<BTreeSet<String>> = None;
        for desired in desired(&tree, &self.common.place.environments, cloud).await? {
            let (connection, observed) = cloud.observe(&desired).await?;
            let handover = match &self.names {
                Names::All => Handover::of_everything(self.verb.clone(), &desired),
                Names::These(names) => {
                    let (handover, missing) = Handover::named(self.verb.clone(), names, &desired, &observed);
                    // What could not be read may be what is meant.
                    let missing = if observed.unread.is_empty() { missing } else { BTreeSet::new() };
                    unknown = Some(match unknown {
                        None => missing,
                        Some(so_far) => so_far.intersection(&missing).cloned().collect(),
                    });
                    handover
                }
            };
            let plan = hand_over(&desired, &observed, &PlanOptions::default(), &handover);
            everywhere.push(Here { desired, connection, handover, plan });
        }
        match unknown.filter(|unknown| !unknown.is_empty()) {
            Some(unknown) => Err(Failure::StandForNothing(unknown)),
            None => Ok(everywhere),
        }
    }

    /// Makes the change in one environment, and looks whether it is made.
    async fn make(
        &self,
        Here { desired, connection, handover, plan }: Here,
        cloud: &Cloud,
        printer: &Arc<Printer>,
        stop: &CancellationToken,
    ) -> Result<Exit, Failure> {
        if plan.is_empty() {
            return Ok(Exit::of_plan(&plan, false));
        }
        let clock = cloud.clock();
        let options = PassOptions { handover: Some(handover), ..PassOptions::default() };
        let progress = Progress::new(printer, clock.clone()).after(&plan);
        let Connection { reader, writer } = &connection;
        let passing = run_pass(reader, writer, &clock, &desired, &options, &progress, stop);
        let outcome =
            Box::pin(passing).await.map_err(|source| Failure::observe(&desired.environment.name, source))?;
        let summary = reconcile::summary(&outcome);
        if self.common.format == PlanFormat::Json {
            printer.progress(summary.trim_end());
        } else {
            printer.result(&format!("\n{summary}"));
        }
        Ok(Exit::of_pass(&outcome))
    }
}
