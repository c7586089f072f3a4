//! Timelines as a page: one HTML file that needs nothing else, neither a network nor a script. The picture is SVG; a
//! table under it says the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use pipewright_model::Timestamp;

use super::html::escaped;
use crate::ChangeKey;
use crate::timeline::{RowEnd, Timeline, TimelineRow};

const STYLE: &str = concat!(include_str!("plan.css"), include_str!("timeline.css"));

/// Units of the picture: of the names, of the time, of a row.
const NAMES: u64 = 420;
const WIDTH: u64 = 1000;
const ROW: u64 = 22;
const TOP: u64 = 24;
/// The most letters of a name that fit beside the picture; the whole name is in the table.
const LETTERS: usize = 62;
/// The most marks on the axis of time.
const MARKS: u64 = 8;

/// The timelines of all environments as one page.
pub fn timeline(timelines: &[Timeline]) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Pipewright timeline</title>\n<style>\n{STYLE}</style>\n</head>\n<body class=\"wide\">\n<main>\n\
         <h1>Pipewright timeline</h1>\n"
    );
    if timelines.iter().all(|timeline| timeline.rows.is_empty()) {
        page.push_str("<p>Nothing has been applied.</p>\n");
    }
    for timeline in timelines.iter().filter(|timeline| !timeline.rows.is_empty()) {
        environment(&mut page, timeline);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn environment(page: &mut String, timeline: &Timeline) {
    let name = escaped(&timeline.environment);
    let virtual_time = if timeline.is_virtual { ", in the sandbox's time" } else { "" };
    let begin = timeline.span().map(|(begin, _)| begin).unwrap_or_default();
    let _ = write!(
        page,
        "<section aria-label=\"Environment {name}\">\n<h2>Environment {name}</h2>\n\
         <p class=\"summary\">{} changes in {}{virtual_time}, from {}.</p>\n\
         <p class=\"legend\"><span class=\"key call\"></span> call <span class=\"key wait\"></span> wait \
         <span class=\"key check\"></span> check <span class=\"key bad\"></span> failed or put off \
         <span class=\"key chain\"></span> decided how long it took</p>\n",
        timeline.rows.len(),
        in_words(timeline.makespan()),
        begin.rfc3339(),
    );
    picture(page, timeline, begin);
    table(page, timeline, begin);
    page.push_str("</section>\n");
}

fn picture(page: &mut String, timeline: &Timeline, begin: Timestamp) {
    let total = u64::try_from(timeline.makespan().as_millis()).unwrap_or(u64::MAX).max(1);
    let x = |at: Timestamp| {
        let millis = u64::try_from(at.since(begin).as_millis()).unwrap_or(u64::MAX);
        NAMES + millis.saturating_mul(WIDTH) / total
    };
    let chain = timeline.critical_chain();
    let height = TOP + ROW * timeline.rows.len() as u64;
    let _ = writeln!(
        page,
        "<svg viewBox=\"0 0 {} {height}\" role=\"img\" aria-label=\"What ran when; the table below says the same\">",
        NAMES + WIDTH + 10
    );
    let step = mark_every(Duration::from_millis(total));
    let mut at = Duration::ZERO;
    while at <= Duration::from_millis(total) {
        let mark = x(begin + at);
        let _ = writeln!(
            page,
            "<line class=\"grid\" x1=\"{mark}\" y1=\"{TOP}\" x2=\"{mark}\" y2=\"{height}\"/>\
             <text class=\"mark\" x=\"{mark}\" y=\"15\">{}</text>",
            in_words(at)
        );
        at += step;
    }
    let rows: BTreeMap<(usize, &ChangeKey), usize> =
        timeline.rows.iter().enumerate().map(|(index, row)| ((row.round, &row.key), index)).collect();
    for (index, row) in timeline.rows.iter().enumerate() {
        let y = TOP + ROW * index as u64;
        let is_critical = chain.contains(&index);
        let class = if is_critical { "row chain" } else { "row" };
        let _ = writeln!(page, "<g class=\"{class}\"><title>{}</title>", escaped(&told(row, begin)));
        let _ = writeln!(page, "<text x=\"0\" y=\"{}\">{}</text>", y + 15, escaped(&shortened(&label(row))));
        let released = row.released_by.as_ref().and_then(|key| rows.get(&(row.round, key)));
        if let (Some(from), Some((start, _))) = (released, row.span()) {
            let middle = |index: usize| TOP + ROW * index as u64 + ROW / 2;
            let _ = writeln!(
                page,
                "<path class=\"need\" d=\"M{0} {1} V{2}\"/>",
                x(start),
                middle(*from),
                middle(index)
            );
        }
        for span in &row.spans {
            let (left, right) = (x(span.begin), x(span.end));
            let _ = writeln!(
                page,
                "<rect class=\"{}\" x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}: {}, {}</title></rect>",
                span.kind.as_str(),
                y + 4,
                (right - left).max(2),
                ROW - 8,
                escaped(&row.key.to_string()),
                escaped(&span.what),
                in_words(span.end.since(span.begin)),
            );
        }
        if !matches!(row.end, RowEnd::Applied) {
            let end = row.span().map_or(NAMES, |(_, end)| x(end)) + 4;
            let _ = writeln!(
                page,
                "<text class=\"bad\" x=\"{end}\" y=\"{}\">{}</text>",
                y + 15,
                row.end.as_str()
            );
        }
        page.push_str("</g>\n");
    }
    page.push_str("</svg>\n");
}

fn table(page: &mut String, timeline: &Timeline, begin: Timestamp) {
    page.push_str(
        "<table>\n<thead><tr><th>change</th><th>action</th><th>began</th><th>took</th><th>began after</th>\
         <th>steps</th><th>end</th></tr></thead>\n<tbody>\n",
    );
    let chain = timeline.critical_chain();
    for (index, row) in timeline.rows.iter().enumerate() {
        let (after, took) = match row.span() {
            Some((from, to)) => (in_words(from.since(begin)), in_words(to.since(from))),
            None => ("–".to_owned(), "–".to_owned()),
        };
        let class = if chain.contains(&index) { " class=\"chain\"" } else { "" };
        let released = row.released_by.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
        let steps: Vec<String> = row
            .spans
            .iter()
            .map(|span| format!("{} ({})", escaped(&span.what), in_words(span.end.since(span.begin))))
            .collect();
        let _ = writeln!(
            page,
            "<tr{class}><th scope=\"row\">{}</th><td>{}</td><td>{after}</td><td>{took}</td><td>{}</td><td>{}</td>\
             <td>{}</td></tr>",
            escaped(&label(row)),
            row.action.as_str(),
            escaped(&released),
            steps.join("<br>"),
            escaped(&ended(row)),
        );
    }
    page.push_str("</tbody>\n</table>\n");
}

/// The change, and its round if that is not the first.
fn label(row: &TimelineRow) -> String {
    if row.round > 1 { format!("{}, round {}", row.key, row.round) } else { row.key.to_string() }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn ended(row: &TimelineRow) -> String {
    if row.why.is_empty() {
        row.end.as_str().to_owned()
    } else {
        format!("{}: {}", row.end.as_str(), row.why)
    }
}

/// All of a row, for who points at it.
fn told(row: &TimelineRow, begin: Timestamp) -> String {
    let mut text = format!("{}: {}", label(row), row.action.as_str());
    if let Some((from, to)) = row.span() {
        let _ =
            write!(text, ", began after {}, took {}", in_words(from.since(begin)), in_words(to.since(from)));
    }
    if let Some(need) = &row.released_by {
        let _ = write!(text, ", waited for {need}");
    }
    let _ = write!(text, ", {}", ended(row));
    text
}

/// A round time of which at most [`MARKS`] fit.
fn mark_every(total: Duration) -> Duration {
    const ROUND: [u64; 12] = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600];
    let least = total.as_secs().div_ceil(MARKS).max(1);
    Duration::from_secs(ROUND.into_iter().find(|round| *round >= least).unwrap_or(86_400.max(least)))
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, 0) if !time.is_zero() => format!("{} ms", time.as_millis()),
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
