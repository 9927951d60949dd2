//! Which characters may show in prose, and beside what. Pure; the tables are Unicode's own.
//! Text that shows is in Unicode's composed form (NFC), so equivalent spellings never look the same.

use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};
use unicode_normalization::is_nfc;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// The most marks one letter may carry.
const MARKS: u8 = 2;

/// A character on the screen and the marks on it: what decides whether the next may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cluster {
    starter: char,
    takes_marks: bool,
    marks: u8,
    class: u8,
}

impl Cluster {
    /// What is on the screen after `c` follows `before`; `None` when `c` must be escaped.
    pub(super) fn with(before: Option<Self>, c: char) -> Option<Self> {
        if c.is_ascii() {
            return c.is_ascii_graphic().then_some(Self::of(c, c.is_ascii_alphabetic()));
        }
        if is_kept_out(c) || !is_nfc(c.encode_utf8(&mut [0; 4])) {
            return None;
        }
        if before.is_some_and(|cluster| compose(cluster.starter, c).is_some()) {
            return None;
        }
        use GeneralCategory as Gc;
        match c.general_category() {
            Gc::UppercaseLetter
            | Gc::LowercaseLetter
            | Gc::TitlecaseLetter
            | Gc::ModifierLetter
            | Gc::OtherLetter => Some(Self::letter(c)),
            Gc::NonspacingMark | Gc::SpacingMark => before?.marked(c),
            category if is_number_or_sign(category) => Some(Self::of(c, false)),
            _ => None,
        }
    }

    const fn of(starter: char, takes_marks: bool) -> Self {
        Self { starter, takes_marks, marks: 0, class: 0 }
    }

    /// Its class is that of the last mark it holds, before which another mark would have to stand.
    fn letter(c: char) -> Self {
        let mut class = 0;
        decompose_canonical(c, |part| class = canonical_combining_class(part));
        Self { class, ..Self::of(c, true) }
    }

    fn marked(self, mark: char) -> Option<Self> {
        let class = canonical_combining_class(mark);
        let in_order = class == 0 || class >= self.class;
        let joins = self.takes_marks && self.marks < MARKS && in_order;
        let starter = if class == 0 { mark } else { self.starter };
        joins.then_some(Self { starter, class, marks: self.marks + 1, ..self })
    }
}

const fn is_number_or_sign(category: GeneralCategory) -> bool {
    use GeneralCategory as Gc;
    matches!(
        category,
        Gc::DecimalNumber
            | Gc::LetterNumber
            | Gc::OtherNumber
            | Gc::ConnectorPunctuation
            | Gc::DashPunctuation
            | Gc::OpenPunctuation
            | Gc::ClosePunctuation
            | Gc::InitialPunctuation
            | Gc::FinalPunctuation
            | Gc::OtherPunctuation
            | Gc::MathSymbol
            | Gc::CurrencySymbol
            | Gc::ModifierSymbol
            | Gc::OtherSymbol
    )
}

/// Characters whose category would show, and which hide, reorder, or imitate our own drawing.
const fn is_kept_out(c: char) -> bool {
    is_blank(c) || is_right_to_left(c) || is_drawing(c) || is_like_a_backslash(c)
}

// Default-ignorable letters and marks, fillers, joining jamo (spelt like a composed syllable), blanks.
const fn is_blank(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{1100}'..='\u{11ff}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2800}' | '\u{3164}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{1107f}'
        | '\u{13430}'..='\u{1345f}' | '\u{16fe4}' | '\u{1bc9d}'..='\u{1bca3}' | '\u{1d159}'
        | '\u{1d165}'..='\u{1d182}' | '\u{e0000}'..='\u{e0fff}')
}

// Blocks whose letters are right-to-left (UAX #9 defaults): terminals that follow it move what is beside them.
const fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

// Lines, boxes and blocks, of which gutters and frames are made.
const fn is_drawing(c: char) -> bool {
    matches!(c,
        '\u{2320}' | '\u{2321}' | '\u{239b}'..='\u{23b9}' | '\u{23d0}' | '\u{2500}'..='\u{259f}'
        | '\u{1cc00}'..='\u{1cebf}' | '\u{1fb00}'..='\u{1fbff}')
}

const fn is_like_a_backslash(c: char) -> bool {
    matches!(
        c,
        '\u{2216}' | '\u{27cd}' | '\u{29f5}' | '\u{29f9}' | '\u{fe68}' | '\u{ff3c}' | '\u{1f67c}'
            ..='\u{1f67f}'
    )
}
