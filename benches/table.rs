//! The table that is printed: what, budget, ours, bare, ratio, and whether the budget is kept.

use std::time::Duration;

use crate::measure::ratio;

/// What is promised of a row.
#[derive(Debug, Clone, Copy)]
pub enum Budget {
    /// The ratio is at most this.
    Ratio(f64),
    /// The ratio is at least this.
    AtLeast(f64),
    /// Our figure itself is at most this, in the unit of the row.
    Most(f64),
    /// Our figure itself is at least this.
    Figure(f64),
    /// Nothing: the row is to be read beside others.
    None,
}

impl Budget {
    fn text(self) -> String {
        match self {
            Self::Ratio(most) => format!("≤ {most} ×"),
            Self::AtLeast(least) => format!("≥ {least} ×"),
            Self::Most(most) => format!("≤ {most}"),
            Self::Figure(least) => format!("≥ {least}"),
            Self::None => String::new(),
        }
    }

    fn kept(self, ours: f64, ratio: Option<f64>) -> &'static str {
        let kept = match (self, ratio) {
            (Self::Most(most), _) => ours <= most,
            (Self::Figure(least), _) => ours >= least,
            (Self::Ratio(most), Some(ratio)) => ratio <= most,
            (Self::AtLeast(least), Some(ratio)) => ratio >= least,
            _ => return "",
        };
        if kept { "kept" } else { "MISSED" }
    }
}

/// Prints the head.
pub fn head() {
    println!("| what | budget | ours | bare | ratio | |");
    println!("|---|---|---|---|---|---|");
}

/// Prints a row of times in milliseconds.
pub fn times(what: &str, budget: Budget, ours: Duration, bare: Option<Duration>) {
    let ratio = bare.map(|bare| ratio(ours, bare));
    let shown = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    let kept = budget.kept(ours.as_secs_f64() * 1e3, ratio);
    line(what, budget, &shown(ours), &bare.map(shown).unwrap_or_default(), ratio, kept);
}

/// Prints a row of plain figures.
pub fn figures(what: &str, budget: Budget, unit: &str, ours: f64, bare: Option<f64>) {
    let ratio = bare.map(|bare| ours / bare);
    let shown = |figure: f64| {
        let digits = usize::from(figure.fract() != 0.0) * 2;
        format!("{figure:.digits$} {unit}").trim_end().to_owned()
    };
    let kept = budget.kept(ours, ratio);
    line(what, budget, &shown(ours), &bare.map(shown).unwrap_or_default(), ratio, kept);
}

/// Prints that a row could not be measured, and why.
pub fn left_out(what: &str, why: &str) {
    println!("| {what} | | not measured: {why} | | | |");
}

fn line(what: &str, budget: Budget, ours: &str, bare: &str, ratio: Option<f64>, kept: &str) {
    let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
    println!("| {what} | {} | {ours} | {bare} | {ratio} | {kept} |", budget.text());
}
