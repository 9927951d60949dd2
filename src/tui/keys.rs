//! The one table of keys: the handler, the footers, the help and the manual page all read it.
//! Pure.

use super::input::Key;

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// To the line, or the row, below.
    Down,
    /// To the one above.
    Up,
    /// A page on.
    PageDown,
    /// A page back.
    PageUp,
    /// To the beginning.
    First,
    /// To the end.
    Last,
    /// Opens the card.
    Open,
    /// Goes to the decision.
    Approve,
    /// Says no to one.
    Reject,
    /// Says no to everything of one requester.
    RejectAll,
    /// Takes an approval back.
    Revoke,
    /// Says what came of a run whose outcome nobody knows.
    Reconcile,
    /// Beside the last approved one like it.
    Compare,
    /// Shows or folds away what is attached.
    Fold,
    /// Opens what is attached by itself.
    Attached,
    /// Everything that is over, too.
    History,
    /// Searches and filters.
    Find,
    /// Sorts anew.
    Sort,
    /// Locks or unlocks the key.
    Lock,
    /// Hands the id to the terminal's clipboard.
    Copy,
    /// Signs.
    Sign,
    /// To the next field.
    Field,
    /// Back to where one came from.
    Back,
    /// What the keys do.
    Help,
    /// Leaves.
    Quit,
}

/// The screens that have keys of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// What waits.
    Queue,
    /// One card.
    Card,
    /// The question before a signature.
    Decide,
    /// The form that says no.
    Refuse,
    /// Two requests beside each other.
    Compare,
    /// A file that was attached.
    Attached,
    /// Everything there was.
    History,
    /// The line a search is typed in.
    Find,
    /// Signing one after the other.
    Batch,
    /// The help.
    Help,
}

/// Keys that do one thing on some screens.
#[derive(Debug)]
pub struct Binding {
    /// What they do.
    pub does: Does,
    /// The keys.
    pub keys: &'static [Key],
    /// The keys as people name them.
    pub named: &'static str,
    /// What they do, in few words.
    pub words: &'static str,
    /// Where.
    pub at: &'static [At],
    /// Whether the footer names them; the help does in any case.
    pub in_footer: bool,
}

const READING: &[At] = &[At::Queue, At::History, At::Card, At::Compare, At::Attached, At::Help];
const LISTS: &[At] = &[At::Queue, At::History];
const TYPING: &[At] = &[At::Decide, At::Refuse];

const fn row(
    does: Does,
    keys: &'static [Key],
    named: &'static str,
    words: &'static str,
    at: &'static [At],
    in_footer: bool,
) -> Binding {
    Binding { does, keys, named, words, at, in_footer }
}

/// The table, in the order of the footers.
pub static KEYS: [Binding; 34] = [
    row(Does::Open, &[Key::Enter], "Enter", "open", &[At::Queue], true),
    row(Does::Open, &[Key::Enter], "Enter", "card", &[At::History], true),
    row(Does::Approve, &[Key::Char('a')], "a", "approve", &[At::Card], true),
    row(Does::Sign, &[Key::Enter], "Enter", "sign", TYPING, true),
    row(Does::Reject, &[Key::Char('r')], "r", "reject", &[At::Queue, At::Card], true),
    row(Does::RejectAll, &[Key::Char('X')], "X", "reject all of", &[At::Queue], true),
    row(
        Does::PageDown,
        &[Key::Char(' '), Key::PageDown, Key::Control('f')],
        "Space",
        "page",
        &[At::Card],
        true,
    ),
    row(
        Does::PageDown,
        &[Key::Char(' '), Key::PageDown, Key::Control('f')],
        "Space",
        "page",
        &[At::Queue, At::History, At::Compare, At::Attached, At::Help],
        false,
    ),
    row(Does::Compare, &[Key::Char('d')], "d", "before/after", &[At::Card], true),
    row(Does::Attached, &[Key::Char('o')], "o", "open attached", &[At::Card], true),
    row(Does::Fold, &[Key::Char('f')], "f", "fold attached", &[At::Card], false),
    row(Does::Revoke, &[Key::Char('V')], "V", "revoke", &[At::History, At::Card], true),
    row(Does::Reconcile, &[Key::Char('R')], "R", "reconcile", &[At::Queue, At::History, At::Card], true),
    row(Does::History, &[Key::Char('h')], "h", "history", &[At::Queue], true),
    row(Does::Find, &[Key::Char('/')], "/", "find", LISTS, true),
    row(Does::Lock, &[Key::Char('L')], "L", "lock", LISTS, true),
    row(Does::Sort, &[Key::Char('s')], "s", "sort anew", LISTS, false),
    row(Does::Copy, &[Key::Char('y')], "y", "copy the id", &[At::Queue, At::History, At::Card], false),
    row(Does::Field, &[Key::Tab, Key::BackTab], "Tab", "field", TYPING, true),
    row(Does::Field, &[Key::Tab, Key::BackTab], "Tab", "next file", &[At::Attached], true),
    row(Does::Down, &[Key::Char('j'), Key::Down], "j", "down", READING, false),
    row(Does::Up, &[Key::Char('k'), Key::Up], "k", "up", READING, false),
    row(Does::PageUp, &[Key::Char('b'), Key::PageUp, Key::Control('b')], "b", "page back", READING, false),
    row(Does::First, &[Key::Char('g'), Key::Home], "g", "to the beginning", READING, false),
    row(Does::Last, &[Key::Char('G'), Key::End], "G", "to the end", READING, false),
    row(Does::Sign, &[Key::Enter], "Enter", "search", &[At::Find], true),
    row(Does::Back, &[Key::Esc], "Esc", "list", &[At::Card, At::History], true),
    row(
        Does::Back,
        &[Key::Char('q')],
        "q",
        "back",
        &[At::Card, At::History, At::Compare, At::Attached, At::Help],
        false,
    ),
    row(Does::Back, &[Key::Esc], "Esc", "back, nothing recorded", TYPING, true),
    row(Does::Back, &[Key::Esc], "Esc", "back", &[At::Find, At::Help, At::Compare, At::Attached], true),
    row(Does::Back, &[Key::Esc], "Esc", "stop", &[At::Batch], true),
    row(Does::Back, &[Key::Esc], "Esc", "all of it again, after a search", &[At::Queue], false),
    row(Does::Help, &[Key::Char('?')], "?", "keys", READING, true),
    row(Does::Quit, &[Key::Char('q')], "q", "quit", &[At::Queue], true),
];

/// What a key does on a screen.
#[must_use]
pub fn does(key: &Key, at: At) -> Option<Does> {
    here(at).find(|binding| binding.keys.contains(key)).map(|binding| binding.does)
}

/// The keys of a screen, in the order of its footer.
pub fn here(at: At) -> impl Iterator<Item = &'static Binding> {
    KEYS.iter().filter(move |binding| binding.at.contains(&at))
}

/// The screens as the help names them.
pub const SCREENS: [(At, &str); 8] = [
    (At::Queue, "Queue"),
    (At::Card, "Card"),
    (At::Decide, "Decide"),
    (At::Refuse, "Reject, revoke, reconcile"),
    (At::Compare, "Compare"),
    (At::Attached, "Attached file"),
    (At::History, "History"),
    (At::Batch, "Rejecting all"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [At; 10] = [
        At::Queue,
        At::Card,
        At::Decide,
        At::Refuse,
        At::Compare,
        At::Attached,
        At::History,
        At::Find,
        At::Batch,
        At::Help,
    ];

    #[test]
    fn a_key_does_one_thing_on_a_screen() {
        for at in ALL {
            let keys: Vec<&Key> = here(at).flat_map(|binding| binding.keys).collect();
            for (index, key) in keys.iter().enumerate() {
                assert!(!keys.iter().skip(index + 1).any(|other| other == key), "{key:?} at {at:?}");
            }
        }
    }

    #[test]
    fn one_leaves_every_screen_by_esc_but_the_first() {
        for at in ALL {
            assert_eq!(does(&Key::Esc, at), Some(Does::Back), "{at:?}");
        }
        assert_eq!(does(&Key::Char('q'), At::Queue), Some(Does::Quit));
    }

    #[test]
    fn nothing_is_signed_from_a_list_or_a_card() {
        for at in [At::Queue, At::History, At::Card, At::Compare, At::Attached, At::Help] {
            assert!(here(at).all(|binding| binding.does != Does::Sign), "{at:?}");
        }
    }

    #[test]
    fn pasted_text_does_nothing_anywhere() {
        let pasted = Key::Pasted("a".to_owned());
        assert!(ALL.iter().all(|&at| does(&pasted, at).is_none()));
    }
}
