//! Frames as cells, and cells as what a terminal is sent: ratatui's buffer, styles and backend for crossterm.
//! Pure. The only place where text becomes cells, one character after the other, so that none is dropped.

use std::io::{self, Write};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::frame::{Frame, Line, Look, Span};
use crate::review::Size;

// The wheel as arrow keys (xterm's alternate scroll), which crossterm has no word for; kept, then put back.
const WHEEL_AS_ARROWS: &str = "\x1b[?1007s\x1b[?1007h";
const WHEEL_AS_BEFORE: &str = "\x1b[?1007r";

/// What a window shows, a cell a column.
pub type Cells = Buffer;

/// What takes the terminal: its own screen, no wrapping at the edge, pasted text marked as such.
///
/// # Errors
/// Those of `out`.
pub fn take(out: &mut impl Write) -> io::Result<()> {
    queue!(out, EnterAlternateScreen, DisableLineWrap, EnableBracketedPaste, Print(WHEEL_AS_ARROWS), Hide)
}

/// What gives the terminal back as it was.
///
/// # Errors
/// Those of `out`.
pub fn give_back(out: &mut impl Write) -> io::Result<()> {
    let plain = crossterm::style::ResetColor;
    queue!(out, plain, Print(WHEEL_AS_BEFORE), DisableBracketedPaste, EnableLineWrap, Show)?;
    queue!(out, LeaveAlternateScreen)
}

/// A frame as the cells of a window.
#[must_use]
pub fn cells(frame: &Frame, size: Size, color: bool) -> Cells {
    let mut buffer = Buffer::empty(Rect::new(0, 0, narrowed(size.columns), narrowed(size.rows)));
    for (row, line) in (0..buffer.area.height).zip(&frame.lines) {
        fill(&mut buffer, row, line, color);
    }
    buffer
}

fn fill(buffer: &mut Cells, row: u16, line: &Line, color: bool) {
    let (mut column, mut last) = (0, 0);
    for Span { text, look } in line.spans() {
        let style = style(*look, color);
        for c in text.chars() {
            let mut bytes = [0; 4];
            let symbol: &str = c.encode_utf8(&mut bytes);
            let width = symbol.cell_width();
            // A mark that takes no room stands on what is before it; where nothing is, it has a cell.
            let stands_on = width == 0 && column > 0;
            if !stands_on {
                last = column;
                column += width.max(1);
            }
            let Some(cell) = buffer.cell_mut((last, row)) else { return };
            if stands_on {
                let marked = format!("{}{symbol}", cell.symbol());
                cell.set_symbol(&marked);
            } else {
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }
}

/// What makes a window that shows `before` show `after`: each row that differs, whole.
///
/// # Errors
/// Those of `out`.
pub fn changes(out: &mut impl Write, before: Option<&Cells>, after: &Cells) -> io::Result<()> {
    let before = before.filter(|before| before.area == after.area);
    let mut backend = CrosstermBackend::new(out);
    for row in 0..after.area.height {
        if before.is_none_or(|before| cells_of(before, row) != cells_of(after, row)) {
            // Cleared before it is written: at the last column clearing behind would take the last letter.
            queue!(backend, MoveTo(0, row), Clear(ClearType::CurrentLine))?;
            // Numbered without gaps, so that the backend never moves the cursor: terminals disagree on how wide
            // some letters are, and what is moved to could cover what was just written.
            backend.draw((0..).zip(shown(after, row)).map(|(at, cell)| (at, row, cell)))?;
        }
    }
    Ok(())
}

fn cells_of(buffer: &Cells, row: u16) -> &[Cell] {
    let width = usize::from(buffer.area.width);
    let from = usize::from(row) * width;
    buffer.content.get(from..from + width).unwrap_or_default()
}

/// The cells of a row that show: not those behind a wide letter, nor the empty ones at its end.
fn shown(buffer: &Cells, row: u16) -> Vec<&Cell> {
    let (mut cells, mut column) = (Vec::new(), 0);
    while let Some(cell) = buffer.cell((column, row)) {
        cells.push(cell);
        column += cell.cell_width().max(1);
    }
    while cells.pop_if(|last| **last == Cell::EMPTY).is_some() {}
    cells
}

/// Where the next letter goes.
///
/// # Errors
/// Those of `out`.
pub fn cursor(out: &mut impl Write, at: Option<(usize, usize)>) -> io::Result<()> {
    let Some((row, column)) = at else { return queue!(out, Hide) };
    queue!(out, MoveTo(narrowed(column), narrowed(row)), Show)
}

fn narrowed(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

fn style(look: Look, color: bool) -> Style {
    let plain = Style::new();
    match look {
        Look::Plain => plain,
        Look::Strong => plain.add_modifier(Modifier::BOLD),
        Look::Dim => plain.add_modifier(Modifier::DIM),
        Look::Reverse => plain.add_modifier(Modifier::REVERSED),
        Look::Alarm => colored(Color::Red, color).add_modifier(Modifier::BOLD),
        Look::Care => colored(Color::Yellow, color),
        Look::Good => colored(Color::Green, color),
        Look::Gone => colored(Color::Red, color),
    }
}

const fn colored(hue: Color, color: bool) -> Style {
    if color { Style::new().fg(hue) } else { Style::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::escaped::Escaped;

    const SIZE: Size = Size { rows: 3, columns: 20 };

    fn frame(lines: &[Line]) -> Frame {
        Frame { lines: lines.to_vec(), cursor: None }
    }

    fn sent(before: Option<&Cells>, after: &Cells) -> String {
        let mut out = Vec::new();
        changes(&mut out, before, after).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn text(buffer: &Cells, row: u16) -> String {
        shown(buffer, row).into_iter().map(Cell::symbol).collect()
    }

    /// What is sent, without the sequences: every `ESC [ … letter`.
    fn letters(sent: &str) -> String {
        let mut pieces = sent.split('\x1b');
        let first = pieces.next().unwrap().to_owned();
        let rest = pieces.map(|piece| piece.split_once(|c: char| c.is_ascii_alphabetic()).unwrap().1);
        rest.fold(first, |text, piece| text + piece)
    }

    #[test]
    fn without_colour_bold_and_reverse_stay() {
        let looks = [
            Look::Plain,
            Look::Strong,
            Look::Dim,
            Look::Reverse,
            Look::Alarm,
            Look::Care,
            Look::Good,
            Look::Gone,
        ];
        assert!(looks.iter().all(|look| style(*look, false).fg.is_none()));
        assert!(style(Look::Reverse, false).add_modifier.contains(Modifier::REVERSED));
        assert!(style(Look::Alarm, false).add_modifier.contains(Modifier::BOLD));
    }

    #[test]
    fn a_look_is_sent_before_its_letters_and_ends_with_them() {
        let line = Line::new().looking("HIGH", Look::Alarm).words(" x");
        let sent = sent(None, &cells(&frame(&[line]), Size { rows: 1, columns: 9 }, true));
        let (before, after) = sent.split_once("HIGH").unwrap();
        assert!(before.starts_with("\x1b[1;1H\x1b[2K") && before.contains("\x1b[1m"), "{before:?}");
        let (between, _) = after.split_once(" x").unwrap();
        assert!(between.starts_with('\x1b'), "{between:?}");
    }

    #[test]
    fn only_rows_that_changed_are_sent() {
        let first = cells(&frame(&[Line::of("one"), Line::of("two")]), SIZE, true);
        let second = cells(&frame(&[Line::of("one"), Line::of("2")]), SIZE, true);
        assert_eq!(letters(&sent(Some(&first), &second)), " 2");
        assert_eq!(sent(Some(&second), &second), "");
    }

    #[test]
    fn what_is_gone_is_cleared() {
        let first = cells(&frame(&[Line::of("one"), Line::of("two")]), SIZE, true);
        let second = cells(&frame(&[Line::of("one")]), SIZE, true);
        assert!(sent(Some(&first), &second).starts_with("\x1b[2;1H\x1b[2K"));
    }

    #[test]
    fn a_letter_of_two_columns_hides_nothing_beside_it() {
        let buffer = cells(&frame(&[Line::new().text(&Escaped::prose("a你b".as_bytes()))]), SIZE, true);
        assert_eq!(text(&buffer, 0), "a你b");
        assert_eq!(letters(&sent(None, &buffer)), "a你b");
    }

    #[test]
    fn a_mark_at_the_beginning_of_a_line_is_not_written_over() {
        let line = Line::new().text(&Escaped::prose("\u{11941}b".as_bytes()));
        assert_eq!(letters(&sent(None, &cells(&frame(&[line]), SIZE, true))), "\u{11941}b");
    }

    #[test]
    fn a_frame_larger_than_the_window_stays_within_it() {
        let lines = vec![Line::of("0123456789012345678901234567890123456789"); 9];
        let buffer = cells(&frame(&lines), SIZE, true);
        assert_eq!(text(&buffer, 2), " 0123456789012345678");
    }

    proptest! {
        #[test]
        fn every_letter_reaches_the_terminal_and_the_cursor_never_jumps_in_a_row(
            prose in any::<String>(), argument in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let line = Line::new().text(&Escaped::prose(prose.as_bytes())).text(&Escaped::argument(&argument));
            let size = Size { rows: 1, columns: line.columns() + 1 };
            let sent = sent(None, &cells(&frame(std::slice::from_ref(&line)), size, true));
            let letters = letters(&sent);
            prop_assert_eq!(letters.trim_end(), line.plain());
            let moves = |piece: &str| piece.find(|c: char| c.is_ascii_alphabetic()) == piece.find('H');
            let jumps = sent.split('\x1b').skip(1).filter(|piece| moves(piece) && !piece.starts_with("[1;1H"));
            prop_assert_eq!(jumps.count(), 0);
        }
    }
}
