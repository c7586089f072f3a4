//! What a pass tells while it works: bars on a terminal, otherwise one plain line an event.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pipewright_engine::{ChangeOutcome, Clock as _, Event, Events};
use pipewright_model::Timestamp;
use pipewright_plan::{Action, ChangeKey, Plan, StepKind, render};

use crate::clock::AnyClock;
use crate::printer::Printer;

/// Shows one pass over one environment.
pub(crate) struct Progress {
    printer: Arc<Printer>,
    clock: AnyClock,
    running: Mutex<BTreeMap<ChangeKey, Running>>,
    /// The digest of the plan that was shown before the pass began.
    shown: Option<String>,
}

/// A change that has begun.
struct Running {
    since: Timestamp,
    /// What was said of it last, so that it is not said again.
    said: String,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Shows a pass that goes by this clock.
    pub(crate) fn new(printer: &Arc<Printer>, clock: AnyClock) -> Self {
        Self { printer: Arc::clone(printer), clock, running: Mutex::new(BTreeMap::new()), shown: None }
    }

    /// The same of a pass whose plan was shown before, and is shown again only if it is another by then.
    pub(crate) fn after(self, plan: &Plan) -> Self {
        Self { shown: Some(plan.digest()), ..self }
    }

    fn planned(&self, plan: &Plan, round: usize) {
        if round == 1 {
            let text = render::text(plan, self.printer.style());
            match &self.shown {
                None => self.printer.result(&format!("{text}\n")),
                Some(digest) if *digest != plan.digest() => self.printer.progress(&text),
                Some(_) => {}
            }
        } else {
            let count = plan.changes.len();
            let (noun, verb) = if count == 1 { ("change", "remains") } else { ("changes", "remain") };
            self.printer.progress(&format!("looked again: {count} {noun} {verb}"));
        }
    }

    /// Says something of a change, once.
    fn say(&self, key: &ChangeKey, what: &str) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = running.entry(key.clone()).or_insert_with(|| Running {
            since: self.clock.now(),
            said: String::new(),
            bar: self.printer.bars().map(|bars| bars.add(new_bar(key))),
        });
        let is_new = entry.said != what;
        what.clone_into(&mut entry.said);
        if let Some(bar) = &entry.bar {
            let took = self.in_time(self.clock.now().since(entry.since));
            bar.set_message(format!("{what}{}", took.replacen(" in ", " ", 1)));
        } else if is_new {
            self.printer.progress(&format!("{}: {what}", key.resource));
        }
    }

    fn finished(&self, key: &ChangeKey, action: Action, outcome: &ChangeOutcome) {
        let begun = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        let took = begun.as_ref().map(|running| self.clock.now().since(running.since));
        if let Some(bar) = begun.and_then(|running| running.bar) {
            bar.finish_and_clear();
        }
        let style = self.printer.err_style();
        let verb = action.as_str();
        let line = match outcome {
            ChangeOutcome::Applied => style
                .green(&format!("{verb} done{}", took.map(|took| self.in_time(took)).unwrap_or_default())),
            ChangeOutcome::Waiting(why) => style.yellow(&format!("{verb} goes on in AWS ({why})")),
            ChangeOutcome::Skipped(why) => style.yellow(&format!("{verb} skipped: {why}")),
            ChangeOutcome::Stale(why) => {
                style.yellow(&format!("{verb} put off, since things changed: {why}"))
            }
            ChangeOutcome::Failed(why) => style.red(&format!("{verb} failed: {why}")),
        };
        self.printer.progress(&format!("{}: {line}", key.resource));
    }

    fn in_time(&self, took: Duration) -> String {
        let note = if self.clock.is_virtual() { " (virtual)" } else { "" };
        match took.as_secs() {
            0 => String::new(),
            seconds @ 1..=119 => format!(" in {seconds} s{note}"),
            seconds => format!(" in {} min{note}", (seconds + 30) / 60),
        }
    }
}

impl Events for Progress {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Planned { plan, round } => self.planned(plan, round),
            // What is waited for is said with the status that is seen then.
            Event::Step { kind: StepKind::Wait, .. } => {}
            Event::Step { key, step, .. } => self.say(key, &format!("{step} …")),
            Event::Waiting { key, what } => self.say(key, &format!("waiting ({what}) …")),
            Event::Retrying { key, error } => self.say(key, &format!("trying again after: {error}")),
            Event::Finished { key, action, outcome } => self.finished(key, action, outcome),
        }
    }
}

fn new_bar(key: &ChangeKey) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    // The template is fixed and right; a plain spinner is a fair substitute if it were not.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}: {msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(key.resource.to_string());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
