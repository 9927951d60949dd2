//! Bytes of a terminal made into keys: letters, the keys people know, and pasted text, which is no key.
//! Pure. Follows ECMA-48 and what xterm sends (ctlseqs: PC-style function keys, bracketed paste).

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A letter, figure, sign or space.
    Char(char),
    /// Enter.
    Enter,
    /// Esc by itself.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Arrow up, and the wheel.
    Up,
    /// Arrow down, and the wheel.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// Rubs out.
    Backspace,
    /// Control and this letter.
    Control(char),
    /// Text that was pasted: never a key.
    Pasted(String),
    /// Anything else.
    Other,
}

const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";
/// The longest sequence of one key.
const LONGEST_KEY: usize = 32;
/// The longest pasted text that is taken.
const LONGEST_PASTE: usize = 4096;

/// What was typed and is not a whole key yet.
#[derive(Debug, Default)]
pub struct Keyboard {
    pending: Vec<u8>,
    pasted: Option<Vec<u8>>,
}

impl Keyboard {
    /// The keys in these bytes and those kept from before.
    pub fn typed(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.pending.extend_from_slice(bytes);
        let mut keys = Vec::new();
        while let Some(key) = self.next() {
            keys.extend(key);
        }
        keys
    }

    /// Whether a sequence has begun that more bytes may complete.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty() && self.pasted.is_none()
    }

    /// Nothing came after what is kept: an Esc by itself is one.
    pub fn settle(&mut self) -> Option<Key> {
        if !self.is_waiting() {
            return None;
        }
        let was = std::mem::take(&mut self.pending);
        Some(if was == [0x1b] { Key::Esc } else { Key::Other })
    }

    /// Forgets what was typed so far.
    pub fn forget(&mut self) {
        self.pending.clear();
        self.pasted = None;
    }

    /// Takes one key off the front; `Some(None)` when bytes were taken that make none.
    fn next(&mut self) -> Option<Option<Key>> {
        if self.pasted.is_some() {
            return self.paste();
        }
        let (taken, key) = match *self.pending.first()? {
            0x1b => sequence(&self.pending)?,
            byte if byte < 0x80 => (1, ascii(byte)),
            lead => letter(lead, &self.pending)?,
        };
        let begins = self.pending.starts_with(PASTE_BEGINS);
        self.pending.drain(..taken.min(self.pending.len()));
        if begins {
            self.pasted = Some(Vec::new());
            return Some(None);
        }
        Some(Some(key))
    }

    fn paste(&mut self) -> Option<Option<Key>> {
        let pasted = self.pasted.as_mut()?;
        let end = self.pending.windows(PASTE_ENDS.len()).position(|window| window == PASTE_ENDS);
        // What may be the beginning of the end stays until it is known.
        let take = end.unwrap_or_else(|| self.pending.len().saturating_sub(PASTE_ENDS.len() - 1));
        let room = LONGEST_PASTE.saturating_sub(pasted.len());
        pasted.extend(self.pending.drain(..take).take(room));
        end?;
        self.pending.drain(..PASTE_ENDS.len());
        let text = String::from_utf8_lossy(&self.pasted.take().unwrap_or_default()).into_owned();
        Some(Some(Key::Pasted(text)))
    }
}

fn ascii(byte: u8) -> Key {
    match byte {
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Tab,
        0x08 | 0x7f => Key::Backspace,
        b' '..=b'~' => Key::Char(char::from(byte)),
        1..=26 => Key::Control(char::from(byte + b'a' - 1)),
        _ => Key::Other,
    }
}

fn letter(lead: u8, pending: &[u8]) -> Option<(usize, Key)> {
    let length = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((1, Key::Other)),
    };
    let known = pending.get(1..).unwrap_or_default().iter().take(length - 1);
    if let Some(at) = known.clone().position(|byte| byte & 0xc0 != 0x80) {
        return Some((1 + at, Key::Other));
    }
    let bytes = pending.get(..length)?;
    let c = std::str::from_utf8(bytes).ok().and_then(|text| text.chars().next());
    Some((length, c.map_or(Key::Other, Key::Char)))
}

/// An escape sequence at the front and its length; nothing while it is not whole.
fn sequence(pending: &[u8]) -> Option<(usize, Key)> {
    match pending.get(1)? {
        b'[' => {
            let body = pending.get(2..).unwrap_or_default();
            let Some(end) = body.iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
                return (pending.len() > LONGEST_KEY).then_some((pending.len(), Key::Other));
            };
            Some((end + 3, control_sequence(body.get(..=end).unwrap_or_default())))
        }
        b'O' => {
            let byte = pending.get(2)?;
            Some((3, control_sequence(&[*byte])))
        }
        // Esc, and then another key: the Esc was one.
        0x1b => Some((1, Key::Esc)),
        _ => Some((2, Key::Other)),
    }
}

fn control_sequence(body: &[u8]) -> Key {
    match body {
        b"A" => Key::Up,
        b"B" => Key::Down,
        b"C" => Key::Right,
        b"D" => Key::Left,
        b"H" | b"1~" | b"7~" => Key::Home,
        b"F" | b"4~" | b"8~" => Key::End,
        b"5~" => Key::PageUp,
        b"6~" => Key::PageDown,
        b"Z" => Key::BackTab,
        b"M" => Key::Enter,
        _ => Key::Other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        Keyboard::default().typed(bytes)
    }

    #[test]
    fn keys_people_know_are_known() {
        use Key::*;
        let typed = keys(b"a\r\t\x7f\x1b[A\x1b[B\x1bOA\x1b[5~\x1b[6~\x1b[H\x1bOF\x1b[Z\x0c");
        let known = [
            Char('a'),
            Enter,
            Tab,
            Backspace,
            Up,
            Down,
            Up,
            PageUp,
            PageDown,
            Home,
            End,
            BackTab,
            Control('l'),
        ];
        assert_eq!(typed, known);
        assert_eq!(keys("é你".as_bytes()), [Char('é'), Char('你')]);
    }

    #[test]
    fn an_escape_by_itself_is_one_after_a_while() {
        let mut keyboard = Keyboard::default();
        assert_eq!(keyboard.typed(b"\x1b"), []);
        assert!(keyboard.is_waiting());
        assert_eq!(keyboard.settle(), Some(Key::Esc));
        assert_eq!(keyboard.settle(), None);
        assert_eq!(keyboard.typed(b"\x1b\x1b[A"), [Key::Esc, Key::Up]);
    }

    #[test]
    fn a_sequence_cut_in_two_is_one_key() {
        let mut keyboard = Keyboard::default();
        assert_eq!(keyboard.typed(b"\x1b["), []);
        assert_eq!(keyboard.typed(b"6~x"), [Key::PageDown, Key::Char('x')]);
        assert_eq!(keyboard.typed(&[0xc3]), []);
        assert_eq!(keyboard.typed(&[0xa9]), [Key::Char('é')]);
    }

    #[test]
    fn pasted_text_is_no_keys_however_it_comes() {
        let mut keyboard = Keyboard::default();
        let bytes = b"\x1b[200~a\ry\x1b[B\x1b[201~q";
        let whole = keyboard.typed(bytes);
        assert_eq!(whole, [Key::Pasted("a\ry\u{1b}[B".to_owned()), Key::Char('q')]);
        let mut single = Vec::new();
        for byte in bytes {
            single.extend(keyboard.typed(&[*byte]));
        }
        assert_eq!(single, whole);
    }

    #[test]
    fn a_mouse_and_unknown_keys_do_nothing() {
        assert_eq!(keys(b"\x1b[<0;10;5M"), [Key::Other]);
        assert_eq!(keys(b"\x1b[1;5C\x1b[15~"), [Key::Other, Key::Other]);
        assert_eq!(keys(b"\xff\x00"), [Key::Other, Key::Other]);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_taken_and_never_kept_for_ever(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut keyboard = Keyboard::default();
            keyboard.typed(&bytes);
            keyboard.settle();
            prop_assert!(keyboard.pasted.is_some() || keyboard.pending.is_empty());
        }
    }
}
