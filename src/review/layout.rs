//! A card's text cut into rows of a screen: long lines go on in the next row, marked, and nothing is lost.
//! Pure. Every row stands behind a gutter, where no text of a request can ever be.

/// One row of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The text, without the gutter.
    pub text: String,
    /// Whether it goes on with the line of the row above.
    pub continues: bool,
}

impl Row {
    /// The two columns before the text: an edge, and a mark where a line goes on.
    #[must_use]
    pub const fn gutter(&self) -> &'static str {
        if self.continues { "│↪" } else { "│ " }
    }
}

const GUTTER: usize = 2;
const NARROWEST: usize = 8;

/// The rows of a card in a window so many columns wide, gutter included.
#[must_use]
pub fn rows(card: &str, columns: usize) -> Vec<Row> {
    let width = columns.saturating_sub(GUTTER).max(NARROWEST);
    card.lines().flat_map(|line| rows_of(line, width)).collect()
}

fn rows_of(line: &str, width: usize) -> Vec<Row> {
    let mut rows = vec![Row { text: String::new(), continues: false }];
    let mut used = 0;
    for c in line.chars() {
        used += columns_of(c);
        if used > width {
            rows.push(Row { text: String::new(), continues: true });
            used = columns_of(c);
        }
        if let Some(row) = rows.last_mut() {
            row.text.push(c);
        }
    }
    rows
}

// Never less than any terminal takes: a row may end early, but can never run into the next.
/// The most columns a terminal gives to `c`.
#[must_use]
pub const fn columns_of(c: char) -> usize {
    match c {
        '\0'..='\x7f' | '─'..='╿' | '…' | '↑' | '↓' | '→' | '↪' => 1,
        _ => 2,
    }
}

/// Whether a card may be put on a terminal. It was made of escaped text; this only catches what slipped by.
#[must_use]
pub fn is_showable(card: &str) -> bool {
    !card.chars().any(|c| (c.is_control() && c != '\n') || is_invisible(c))
}

const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(row: &Row) -> String {
        format!("{}{}", row.gutter(), row.text)
    }

    #[test]
    fn a_long_line_goes_on_behind_a_mark() {
        let drawn: Vec<String> = rows("0123456789abc\n\nx", 12).iter().map(drawn).collect();
        assert_eq!(drawn, ["│ 0123456789", "│↪abc", "│ ", "│ x"]);
    }

    #[test]
    fn a_line_that_just_fits_is_not_broken() {
        assert_eq!(rows("0123456789", 12).len(), 1);
    }

    #[test]
    fn control_bidi_and_invisible_characters_are_not_shown() {
        for bad in
            ["a\rb", "a\x1b[2Jb", "a\tb", "a\u{202e}b", "a\u{200b}b", "a\u{3164}b", "a\u{9b}b", "a\u{e0041}b"]
        {
            assert!(!is_showable(bad), "{bad:?}");
        }
        assert!(is_showable("─ RUNS once ─\n   0 'rm'  9f2c…\n  Grüße, 你好"));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_row_is_too_wide(card in "([ -~é你\n─…]{0,30}){0,8}", columns in 10_usize..60) {
            let rows = rows(&card, columns);
            let mut text = String::new();
            for (index, row) in rows.iter().enumerate() {
                let width: usize = row.text.chars().map(columns_of).sum();
                prop_assert!(width + GUTTER <= columns);
                if index > 0 && !row.continues {
                    text.push('\n');
                }
                text.push_str(&row.text);
            }
            prop_assert_eq!(text, card.lines().collect::<Vec<_>>().join("\n"));
        }
    }
}
