//! One screenful as data: lines of text with a look each, made of escaped text and our own words only.
//! Pure. Spaces between things come from here, never from what is shown.

use crate::escaped::Escaped;
use crate::review::{Row, columns_of};

/// How a piece of text looks. Words and reverse video carry the meaning; colour repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As the terminal shows text.
    Plain,
    /// Bold.
    Strong,
    /// Set back.
    Dim,
    /// Reverse video: where one is, and what a screen is about.
    Reverse,
    /// Bold and red: high risk, what went wrong.
    Alarm,
    /// Yellow: what needs a second look.
    Care,
    /// Green: what holds, what was added.
    Good,
    /// Red: what was taken away.
    Gone,
}

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text, fit for a terminal.
    pub text: String,
    /// How it looks.
    pub look: Look,
}

/// One line of the screen, built from left to right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    spans: Vec<Span>,
    columns: usize,
}

impl Line {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Our own words, after a column of space.
    #[must_use]
    pub fn of(words: &'static str) -> Self {
        Self::new().space(1).words(words)
    }

    /// Adds our own words.
    #[must_use]
    pub fn words(self, words: &'static str) -> Self {
        self.piece(words, Look::Plain)
    }

    /// Adds our own words with a look.
    #[must_use]
    pub fn looking(self, words: &'static str, look: Look) -> Self {
        self.piece(words, look)
    }

    /// Adds escaped text.
    #[must_use]
    pub fn text(self, text: &Escaped) -> Self {
        self.piece(text.as_str(), Look::Plain)
    }

    /// Adds escaped text with a look.
    #[must_use]
    pub fn text_looking(self, text: &Escaped, look: Look) -> Self {
        self.piece(text.as_str(), look)
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.piece(&number.to_string(), Look::Plain)
    }

    /// Adds a row of a card behind its gutter.
    #[must_use]
    pub fn row(self, row: &Row, look: Look) -> Self {
        self.piece(row.gutter(), Look::Dim).piece(&row.text, look)
    }

    /// Adds so many spaces.
    #[must_use]
    pub fn space(self, columns: usize) -> Self {
        self.piece(&" ".repeat(columns), Look::Plain)
    }

    /// Adds spaces up to this column, and at least one.
    #[must_use]
    pub fn to(self, column: usize) -> Self {
        let missing = column.saturating_sub(self.columns).max(1);
        self.space(missing)
    }

    /// Goes on with `other`, set against the right edge of a line of this width if both fit, else cut.
    #[must_use]
    pub fn against(mut self, other: Self, width: usize) -> Self {
        if self.columns + other.columns < width {
            let at = width - other.columns;
            self = self.to(at);
            return self.then(other);
        }
        self.fit(width)
    }

    /// Goes on with `other`.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.columns += other.columns;
        self.spans.extend(other.spans);
        self
    }

    /// Fills the line up to `width` with a rule.
    #[must_use]
    pub fn ruled(self, width: usize) -> Self {
        let missing = width.saturating_sub(self.columns);
        self.piece(&"─".repeat(missing), Look::Dim)
    }

    /// Cuts the line to `width`, marked where it was cut.
    #[must_use]
    pub fn fit(self, width: usize) -> Self {
        if self.columns <= width {
            return self;
        }
        let mut cut = Self::new();
        for span in self.spans {
            let room = width.saturating_sub(1).saturating_sub(cut.columns);
            let kept = within(&span.text, room);
            let whole = kept.len() == span.text.len();
            cut = cut.piece(kept, span.look);
            if !whole {
                break;
            }
        }
        cut.piece("…", Look::Plain)
    }

    /// Keeps the end of the line within `width`, marked where it was cut: where one types, the end matters.
    #[must_use]
    pub fn fit_end(self, width: usize) -> Self {
        if self.columns <= width {
            return self;
        }
        let text: String = self.spans.iter().map(|span| span.text.as_str()).collect();
        let mut room = width.saturating_sub(1);
        let fits = |c: &char| {
            let left = room.checked_sub(columns_of(*c));
            room = left.unwrap_or(0);
            left.is_some()
        };
        let kept = text.chars().rev().take_while(fits).count();
        let end: String = text.chars().skip(text.chars().count().saturating_sub(kept)).collect();
        Self::new().piece("…", Look::Plain).piece(&end, Look::Plain)
    }

    /// The whole line in reverse video, to its end.
    #[must_use]
    pub fn reversed(self, width: usize) -> Self {
        let line = self.fit(width);
        let missing = width.saturating_sub(line.columns);
        let text: String = line.spans.iter().map(|span| span.text.as_str()).collect();
        Self::new().piece(&text, Look::Reverse).piece(&" ".repeat(missing), Look::Reverse)
    }

    /// The columns it takes.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Its pieces, from the left.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Its text.
    #[must_use]
    pub fn plain(&self) -> String {
        let text: String = self.spans.iter().map(|span| span.text.as_str()).collect();
        text.trim_end().to_owned()
    }

    fn piece(mut self, text: &str, look: Look) -> Self {
        if text.is_empty() {
            return self;
        }
        self.columns += width(text);
        match self.spans.last_mut() {
            Some(last) if last.look == look => last.text.push_str(text),
            _ => self.spans.push(Span { text: text.to_owned(), look }),
        }
        self
    }
}

/// The columns a text takes at most.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// The longest beginning of `text` that fits `room` columns.
fn within(text: &str, room: usize) -> &str {
    let mut used = 0;
    let fits = |&(_, c): &(usize, char)| {
        used += columns_of(c);
        used <= room
    };
    let end = text.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
    text.get(..end).unwrap_or_default()
}

/// As many whole words as fit, and how many more there are; the first one always.
#[must_use]
pub fn fitted(words: &[Escaped], room: Option<usize>) -> Escaped {
    let all = joined(words);
    let Some(room) = room.filter(|room| width(all.as_str()) > *room) else { return all };
    let mut shown = Escaped::default();
    for (index, word) in words.iter().enumerate() {
        let more = Escaped::trusted(" … ").and(&number(words.len() - index)).and(&Escaped::trusted(" more"));
        let next = width(word.as_str()) + 1;
        // The mark for what comes after this word may need as much room as the one now.
        if index > 0 && width(shown.as_str()) + next + width(more.as_str()) > room {
            return shown.and(&more);
        }
        if index > 0 {
            shown = shown.and(&Escaped::trusted(" "));
        }
        shown = shown.and(word);
    }
    shown
}

/// Words with a space between.
#[must_use]
pub fn joined(words: &[Escaped]) -> Escaped {
    let mut all = Escaped::default();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            all = all.and(&Escaped::trusted(" "));
        }
        all = all.and(word);
    }
    all
}

/// A number as text.
#[must_use]
pub fn number(number: usize) -> Escaped {
    Escaped::name(number.to_string().as_bytes())
}

/// A screenful.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// Its lines from the top; what is not there is empty.
    pub lines: Vec<Line>,
    /// Where the next letter goes, as row and column, where one is typed.
    pub cursor: Option<(usize, usize)>,
}

impl Frame {
    /// Its text, a line each, for tests and captures.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(Line::plain).collect();
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(words: &[&str]) -> Vec<Escaped> {
        words.iter().map(|word| Escaped::argument(word.as_bytes())).collect()
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let words = action(&["git", "push", "--force", "origin"]);
        assert_eq!(fitted(&words, None).as_str(), "'git' 'push' '--force' 'origin'");
        assert_eq!(fitted(&words, Some(31)).as_str(), "'git' 'push' '--force' 'origin'");
        assert_eq!(fitted(&words, Some(30)).as_str(), "'git' 'push' … 2 more");
        assert_eq!(fitted(&words, Some(3)).as_str(), "'git' … 3 more");
    }

    #[test]
    fn a_cut_line_never_claims_to_be_whole() {
        let words = action(&["sh", "-c", "ls", "; rm -rf ~"]);
        for room in 0..60 {
            let shown = fitted(&words, Some(room));
            let shown = shown.as_str();
            assert!(shown == joined(&words).as_str() || shown.contains(" more"), "{room}: {shown}");
            let shortest = width(fitted(&words, Some(0)).as_str());
            assert!(width(shown) <= room.max(shortest), "{room}: {shown}");
        }
        for room in 1..40 {
            let line = Line::new().text(&joined(&words)).fit(room);
            assert!(line.columns() <= room);
            assert!(line.plain().ends_with('…') || line.plain() == joined(&words).as_str());
        }
    }

    #[test]
    fn where_one_types_the_end_stays_to_be_seen() {
        let typed = |text: &str, room| Line::new().text(&Escaped::prose(text.as_bytes())).fit_end(room);
        assert_eq!(typed("terraform plan", 20).plain(), "terraform plan");
        assert_eq!(typed("terraform plan", 6).plain(), "… plan");
        for room in 1..20 {
            assert!(typed("ab\u{4f60}cd\u{4f60}ef terraform", room).columns() <= room);
        }
    }

    #[test]
    fn a_reversed_line_is_reverse_to_its_end() {
        let line = Line::of("queue").reversed(20);
        assert_eq!((line.columns(), line.spans().len()), (20, 1));
        assert!(line.spans().iter().all(|span| span.look == Look::Reverse));
    }

    #[test]
    fn what_stands_against_the_edge_gives_way_before_it_covers_anything() {
        let right = || Line::new().words("ana@corp");
        assert_eq!(Line::of("queue").against(right(), 20).plain(), " queue      ana@corp");
        assert_eq!(Line::of("queue").against(right(), 12).plain(), " queue");
    }
}
