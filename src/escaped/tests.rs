//! Named attacks and laws of the escaping.

use proptest::prelude::*;
use unicode_normalization::{is_nfc, is_nfd};

use super::*;

fn argument(bytes: impl AsRef<[u8]>) -> String {
    Escaped::argument(bytes.as_ref()).into_string()
}

fn prose(bytes: impl AsRef<[u8]>) -> String {
    Escaped::prose(bytes.as_ref()).into_string()
}

/// Reads an escaped text back; that this exists is what makes the forms injective.
fn read_back(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let (kind, tail) = escape.split_at(1);
        let (value, tail) = match kind {
            "x" => (vec![u8::from_str_radix(&tail[..2], 16).unwrap()], &tail[2..]),
            "u" | "s" => {
                let (digits, tail) = tail[1..].split_once('}').unwrap();
                (braced(kind, digits), tail)
            }
            "n" => (b"\n".to_vec(), tail),
            "t" => (b"\t".to_vec(), tail),
            "r" => (b"\r".to_vec(), tail),
            same => (same.as_bytes().to_vec(), tail),
        };
        bytes.extend(value);
        rest = tail;
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

fn braced(kind: &str, digits: &str) -> Vec<u8> {
    if kind == "s" {
        return vec![b' '; digits.parse().unwrap()];
    }
    let scalar = char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap();
    scalar.to_string().into_bytes()
}

#[test]
fn plain_arguments_are_only_quoted() {
    assert_eq!(argument("--force-with-lease=main"), "'--force-with-lease=main'");
    assert_eq!(argument("two words"), "'two words'");
    assert_eq!(argument(""), "''");
}

#[test]
fn a_terminal_command_arrives_as_text() {
    assert_eq!(argument("\x1b[2J\x1b]0;owned\x07"), "'\\x1b[2J\\x1b]0;owned\\x07'");
    assert_eq!(prose("\u{9b}31m"), "\\u{9b}31m");
    assert_eq!(argument(b"\x9b31m"), "'\\x9b31m'");
}

#[test]
fn a_carriage_return_does_not_write_over_what_was_there() {
    assert_eq!(argument("safe\rrm -rf"), "'safe\\rrm -rf'");
    assert_eq!(prose("a\r\nb\tc\u{8}"), "a\\r\\nb\\tc\\x08");
}

#[test]
fn an_escape_and_its_literal_text_look_different() {
    assert_eq!(argument("\x1b"), "'\\x1b'");
    assert_eq!(argument("\\x1b"), "'\\\\x1b'");
    assert_ne!(prose("\n"), prose("\\n"));
    assert_ne!(argument("a  b"), argument("a\\s{2}b"));
    assert_ne!(Escaped::name(b""), Escaped::name(b"\\empty"));
}

#[test]
fn a_quote_cannot_end_its_argument() {
    assert_eq!(argument("' 'b"), "'\\' \\'b'");
}

#[test]
fn bidi_zero_width_tags_and_selectors_are_spelt_out() {
    let hidden =
        "\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}\u{e0041}\u{e0100}\u{fe0f}";
    for form in [prose(hidden), argument(hidden)] {
        assert!(form.is_ascii(), "{form}");
        assert_eq!(form.matches("\\u{").count(), hidden.chars().count());
    }
}

#[test]
fn blanks_that_are_letters_are_spelt_out() {
    for blank in ['\u{3164}', '\u{115f}', '\u{1160}', '\u{ffa0}', '\u{2800}', '\u{a0}', '\u{3000}', '\u{34f}']
    {
        assert!(prose(format!("a{blank}b")).is_ascii(), "{:x}", u32::from(blank));
    }
}

#[test]
fn private_unassigned_and_replacement_characters_are_spelt_out() {
    for odd in ['\u{e000}', '\u{10fffd}', '\u{378}', '\u{fffd}', '\u{fffc}', '\u{2028}'] {
        assert!(prose(odd.to_string()).is_ascii(), "{:x}", u32::from(odd));
    }
}

#[test]
fn text_that_runs_from_right_to_left_moves_nothing() {
    assert_eq!(prose("pay 1 \u{5d0}\u{5d1} 2"), "pay 1 \\u{5d0}\\u{5d1} 2");
}

#[test]
fn frames_and_backslashes_cannot_be_imitated() {
    for fake in ['│', '─', '█', '＼', '⧵', '∖'] {
        assert!(prose(fake.to_string()).is_ascii(), "{fake}");
    }
}

#[test]
fn a_run_of_spaces_is_counted_not_drawn() {
    let run = format!("ls{}; rm -rf ~", " ".repeat(200));
    assert_eq!(argument(&run), "'ls\\s{200}; rm -rf ~'");
    assert_eq!(prose(" a "), "\\s{1}a\\s{1}");
    assert_eq!(Escaped::name(b"a b").as_str(), "a\\s{1}b");
}

#[test]
fn letters_of_other_scripts_show_in_prose_and_beside_arguments() {
    for text in
        ["Größe – naïve", "Привет, мир", "删除生产数据库（全部）", "नमस्ते", "한국어", "ไทย", "🔥 deploy"]
    {
        assert_eq!(prose(text), text);
    }
    assert_eq!(argument("é"), "'\\u{e9}'");
    assert_eq!(Escaped::letters("é\u{200b}".as_bytes()).unwrap().as_str(), "é\\u{200b}");
    assert_eq!(Escaped::letters(b"plain \x1b"), None);
}

#[test]
fn two_spellings_of_one_letter_look_different() {
    assert_eq!(prose("e\u{301}"), "e\\u{301}");
    assert_eq!(prose("\u{1100}\u{1161}"), "\\u{1100}\\u{1161}");
    assert_eq!(prose("\u{212a}elvin"), "\\u{212a}elvin");
}

#[test]
fn what_shows_is_composed_whatever_mark_follows_a_letter_that_holds_some() {
    assert_eq!(prose("\u{c8}\u{32d}"), "\u{c8}\\u{32d}");
    let held = |c: &char| c.is_alphabetic() && !is_nfd(c.encode_utf8(&mut [0; 4]));
    let letters: Vec<char> = ('\u{c0}'..'\u{3100}').filter(held).collect();
    assert!(letters.len() > 900);
    for letter in letters {
        for mark in ('\u{300}'..='\u{36f}').chain(['\u{93c}', '\u{9be}', '\u{3099}']) {
            let text = prose(format!("{letter}{mark}"));
            assert!(is_nfc(&text), "{letter:?} {mark:?}");
        }
    }
}

#[test]
fn marks_do_not_stack_and_need_a_letter() {
    let stack = format!("x{}", "\u{302}".repeat(9));
    assert_eq!(prose(&stack).chars().filter(|&c| c == '\u{302}').count(), 2);
    for bare in ["\u{302}", "a \u{302}", "1\u{302}", "\x1b\u{302}", "x\u{20dd}"] {
        assert!(prose(bare).is_ascii(), "{bare:?}");
    }
}

#[test]
fn lines_keep_a_sane_indentation_and_end_visibly() {
    let text = format!("a:\n    b \n{}c\n   ", " ".repeat(40));
    let lines: Vec<_> = Escaped::lines(text.as_bytes()).map(Escaped::into_string).collect();
    assert_eq!(lines, ["a:", "    b\\s{1}", "\\s{40}c", "\\s{3}"]);
}

/// Bytes as an attacker would mix them: controls, escapes, spaces, marks, scripts, broken UTF-8.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        any::<u8>().prop_map(|byte| vec![byte]),
        "[ -~]{0,4}".prop_map(String::into_bytes),
        " {0,5}".prop_map(String::into_bytes),
        "[\u{300}-\u{36f}\u{900}-\u{97f}\u{1100}-\u{11ff}\u{ac00}-\u{ac20}a-e]{0,4}"
            .prop_map(String::into_bytes),
        prop_oneof![Just("\\x1b"), Just("\\s{2}"), Just("\\u{e9}"), Just("'"), Just("\\"), Just("\n")]
            .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn an_argument_is_printable_ascii_and_reads_back(bytes in hostile()) {
        let text = argument(&bytes);
        prop_assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        prop_assert!(!text.contains("  "));
        let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap();
        prop_assert_eq!(read_back(inner), bytes);
    }

    #[test]
    fn prose_holds_only_what_may_show_and_reads_back(bytes in hostile()) {
        let text = prose(&bytes);
        prop_assert!(is_nfc(&text));
        prop_assert!(!text.contains("  ") && !text.starts_with(' ') && !text.ends_with(' '));
        let odd = text.chars().find(|&c| c != ' ' && (c.is_control() || c.is_whitespace()));
        prop_assert_eq!(odd, None);
        prop_assert_eq!(read_back(&text), bytes);
    }

    #[test]
    fn a_name_is_one_word_and_reads_back(bytes in hostile()) {
        let text = Escaped::name(&bytes).into_string();
        prop_assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
        if text == "\\empty" {
            prop_assert!(bytes.is_empty());
        } else {
            prop_assert_eq!(read_back(&text), bytes);
        }
    }

    #[test]
    fn lines_read_back_joined(bytes in hostile()) {
        let lines: Vec<_> = Escaped::lines(&bytes).map(|line| read_back(line.as_str())).collect();
        prop_assert_eq!(lines.join(&b'\n'), bytes);
    }

    #[test]
    fn nothing_grows_past_five_times_its_size(bytes in hostile()) {
        prop_assert!(argument(&bytes).len() <= 5 * bytes.len() + 2);
        prop_assert!(prose(&bytes).len() <= 5 * bytes.len());
    }
}

#[test]
fn a_line_put_together_from_escaped_parts_stays_as_it_is_and_nothing_else_does() {
    for bytes in [&b"a\\ b\x1b[2J"[..], "Grüße  你".as_bytes(), b"\xff\n"] {
        let line = format!("   note  {} …", Escaped::prose(bytes));
        assert_eq!(Escaped::composed(&line).as_str(), line);
    }
    for raw in ["a\u{1b}[2J", "a\u{202e}b", "a\nb", "a\u{200b}"] {
        assert_eq!(Escaped::composed(raw), Escaped::prose(raw.as_bytes()));
    }
}
