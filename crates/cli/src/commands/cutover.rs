//! `cutover`: whether applications can move to a pipeline's target.

use std::time::Duration;

use pipewright_engine::{Clock as _, migration_progress};
use pipewright_model::Desired;
use pipewright_plan::{CutoverPolicy, CutoverReport, CutoverSubject, CutoverVerdict, cutover, render};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{desired, listen_to_signals, pretty};
use crate::args::{Cutover, Format};
use crate::cloud::Cloud;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// The first pause between two looks; each is half as long again, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The reports of every environment that has the pipeline.
#[derive(Serialize)]
struct ReportsJson {
    format_version: &'static str,
    reports: Vec<CutoverReport>,
}

/// Looks at the pipeline, once or until it is ready. Writes nothing to AWS.
pub(crate) async fn run(args: &Cutover, printer: &Printer) -> Result<Exit, Failure> {
    let stop = CancellationToken::new();
    let signals = listen_to_signals(&stop)?;
    let only = std::slice::from_ref(&args.name);
    let tree = pipewright_spec::load_part(&args.paths, only).map_err(Failure::Specs)?;
    let cloud = Cloud::open(&args.place).await?;
    let environments = desired(&tree, &args.place.environments, &cloud).await?;
    let reports = Box::pin(look_until(args, &environments, &cloud, printer, &stop)).await;
    drop(signals);
    cloud.close().await;
    let reports = reports?;
    let exit = match worst(&reports) {
        CutoverVerdict::Ready => Exit::Done,
        CutoverVerdict::NotYet => Exit::Changes,
        CutoverVerdict::Failed => Exit::Error,
    };
    printer.result(&match args.format {
        Format::Text => {
            let style = printer.style();
            let texts: Vec<String> =
                reports.iter().map(|report| render::cutover_text(report, style)).collect();
            texts.join("\n")
        }
        Format::Json => pretty(&ReportsJson { format_version: render::FORMAT_VERSION, reports })? + "\n",
    });
    Ok(exit)
}

/// The last reports: of the first look, or with `--wait` of the look that ended it.
async fn look_until(
    args: &Cutover,
    environments: &[Desired],
    cloud: &Cloud,
    printer: &Printer,
    stop: &CancellationToken,
) -> Result<Vec<CutoverReport>, Failure> {
    let clock = cloud.clock();
    let begin = clock.now();
    let mut pause = FIRST_PAUSE;
    loop {
        let reports = look(args, environments, cloud).await?;
        let left = args.timeout.saturating_sub(clock.now().since(begin));
        if !args.wait || worst(&reports) != CutoverVerdict::NotYet || left.is_zero() {
            return Ok(reports);
        }
        let open = reports.iter().flat_map(|report| &report.checks).filter(|check| check.holds_up());
        let open: Vec<String> = open.map(|check| format!("{}: {}", check.name, check.found)).collect();
        printer.progress(&format!("{} is not ready yet ({})", args.name, open.join("; ")));
        tokio::select! {
            () = stop.cancelled() => return Ok(reports),
            () = clock.sleep(pause.min(left)) => {}
        }
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

async fn look(
    args: &Cutover,
    environments: &[Desired],
    cloud: &Cloud,
) -> Result<Vec<CutoverReport>, Failure> {
    let policy = CutoverPolicy { max_latency: args.max_latency };
    let mut reports = Vec::new();
    for desired in environments {
        let environment = &desired.environment;
        let in_view = |name: &String| desired.only.as_ref().is_none_or(|only| only.contains(name));
        for pipeline in desired.pipelines.values().filter(|pipeline| in_view(&pipeline.name)) {
            let connection = cloud.connect(desired).await?;
            let now = cloud.clock().now();
            let reader = connection.reader.as_ref();
            let reading = migration_progress(reader, environment, &pipeline.task, now);
            let progress =
                Box::pin(reading).await.map_err(|source| Failure::progress(&environment.name, source))?;
            let subject = CutoverSubject {
                pipeline: &pipeline.name,
                environment: &environment.name,
                place: &pipeline.place,
                resource: &pipeline.task,
            };
            reports.push(cutover(subject, &progress, policy));
        }
    }
    if reports.is_empty() { Err(Failure::NoPipeline(args.name.clone())) } else { Ok(reports) }
}

fn worst(reports: &[CutoverReport]) -> CutoverVerdict {
    reports.iter().map(|report| report.verdict).max().unwrap_or(CutoverVerdict::NotYet)
}
