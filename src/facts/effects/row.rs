//! How a program's words are told apart: its options, which of them take values, and what each word is for.
//! Pure; the rows themselves stand in `table`.

use super::Effect;
use crate::facts::argv::{Sure, Word};

/// What a word is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// No path and no host.
    Nothing,
    /// A path, and what happens to it.
    Path(&'static [Effect]),
    /// A path here, or `host:path` there.
    Remote(&'static [Effect]),
    /// A host's name or address, maybe `user@host:port`.
    Host,
    /// An address with or without its scheme.
    Url,
    /// Data, or a file of it behind an `@`.
    Data,
    /// What a link leads to, seen from where the link lies.
    Link,
    /// A file that says what else to do.
    Orders,
    /// Something that may do anything else.
    More,
    /// Code for the program's own language.
    Code,
}

impl Role {
    /// Whether more may happen than the words say.
    #[must_use]
    pub const fn is_more(self) -> bool {
        matches!(self, Self::Orders | Self::More | Self::Code)
    }
}

/// What the words that are no options are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arguments {
    /// All the same.
    Each(Role),
    /// These first, all others the last.
    Ordered(&'static [Role], Role),
    /// The first is a program's or a pattern's text, unless one of these options gave it; the rest as said.
    After(&'static [&'static str], Role),
    /// The last is different, unless one of these options gave it.
    Last {
        /// What the others are.
        others: Role,
        /// What the last is.
        last: Role,
        /// Options that name the target.
        target: &'static [&'static str],
    },
}

/// One kind of program.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its names, a space between them.
    pub names: &'static str,
    letters: &'static str,
    longs: &'static str,
    valued: &'static [(&'static str, Role)],
    any_option: bool,
    merely_reads: bool,
    suffixed: u8,
    arguments: Arguments,
    modes: &'static [(&'static [&'static str], Arguments)],
    instead: Option<(&'static [&'static str], Arguments)>,
    here: Option<(Effect, &'static [&'static str])>,
    here_with: Option<(Effect, &'static [&'static str])>,
    links: &'static [&'static str],
    known: bool,
}

impl Row {
    /// Programs of these names, whose arguments are these.
    #[must_use]
    pub const fn new(names: &'static str, arguments: Arguments) -> Self {
        Self {
            names,
            letters: "",
            longs: "",
            valued: &[],
            any_option: false,
            merely_reads: false,
            suffixed: 0,
            arguments,
            modes: &[],
            instead: None,
            here: None,
            here_with: None,
            links: &[],
            known: true,
        }
    }

    /// Letters of options, and long options, without a value of their own or with one that is no path.
    #[must_use]
    pub const fn switches(mut self, letters: &'static str, longs: &'static str) -> Self {
        (self.letters, self.longs) = (letters, longs);
        self
    }

    /// Options that take a value, and what that is.
    #[must_use]
    pub const fn valued(mut self, valued: &'static [(&'static str, Role)]) -> Self {
        self.valued = valued;
        self
    }

    /// No option it has, but those named, does more than its arguments say.
    #[must_use]
    pub const fn any_option(mut self) -> Self {
        self.any_option = true;
        self
    }

    /// No option it has, known here or not, does more than read.
    #[must_use]
    pub const fn merely_reads(mut self) -> Self {
        self.merely_reads = true;
        self
    }

    /// What follows this letter in its word is no other option: `-i.bak`.
    #[must_use]
    pub const fn suffixed(mut self, letter: u8) -> Self {
        self.suffixed = letter;
        self
    }

    /// With one of these options, its arguments are this too.
    #[must_use]
    pub const fn modes(mut self, modes: &'static [(&'static [&'static str], Arguments)]) -> Self {
        self.modes = modes;
        self
    }

    /// With one of these options, its arguments are this instead.
    #[must_use]
    pub const fn instead(mut self, options: &'static [&'static str], arguments: Arguments) -> Self {
        self.instead = Some((options, arguments));
        self
    }

    /// It does this to the working folder, unless one of these options is there.
    #[must_use]
    pub const fn here(mut self, effect: Effect, unless: &'static [&'static str]) -> Self {
        self.here = Some((effect, unless));
        self
    }

    /// It does this to the working folder with one of these options.
    #[must_use]
    pub const fn here_with(mut self, effect: Effect, options: &'static [&'static str]) -> Self {
        self.here_with = Some((effect, options));
        self
    }

    /// With one of these options it copies links as links, wherever they lead.
    #[must_use]
    pub const fn links(mut self, options: &'static [&'static str]) -> Self {
        self.links = options;
        self
    }

    /// It does more than can be told from its words.
    #[must_use]
    pub const fn and_more(mut self) -> Self {
        self.known = false;
        self
    }
}

/// A word, or a part of one, and what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used<'a> {
    /// Its text.
    pub text: &'a [u8],
    /// What is certain about it.
    pub sure: Sure,
    /// What it is for.
    pub role: Role,
}

/// A command's words, told apart by a row.
#[derive(Debug, Default)]
pub struct Told<'a> {
    /// What each is for; a word may be several things when that is in doubt.
    pub used: Vec<Used<'a>>,
    /// What happens to the working folder.
    pub here: Option<Effect>,
    /// Whether it may copy links as links.
    pub links: bool,
    /// Whether nothing is in doubt.
    pub complete: bool,
}

// The words so far, before what the arguments are is known.
#[derive(Default)]
struct Sorted<'a> {
    values: Vec<Used<'a>>,
    arguments: Vec<&'a Word<'a>>,
    options: Vec<&'a [u8]>,
    // Values of options nobody knows: they may be anything.
    strange: Vec<(&'a [u8], Sure)>,
    doubt: bool,
}

impl Row {
    /// Tells these words apart.
    #[must_use]
    pub fn tell<'a>(&self, words: &'a [Word<'a>]) -> Told<'a> {
        let mut sorted = self.sort(words);
        sorted.doubt |= sorted.arguments.iter().any(|word| matches!(word.sure, Sure::Split(_)));
        let mut told = Told { complete: self.known && !sorted.doubt, ..Told::default() };
        told.links = sorted.may_have(self.links);
        let instead = self.instead.filter(|(options, _)| !sorted.doubt && sorted.has(options));
        let base = instead.map_or(self.arguments, |(_, arguments)| arguments);
        sorted.add(&base, &mut told.used);
        for (options, arguments) in self.modes {
            if sorted.may_have(options) {
                sorted.add(arguments, &mut told.used);
            }
        }
        if let Some((effect, unless)) = self.here
            && instead.is_none()
            && (sorted.doubt || !sorted.has(unless))
        {
            told.here = Some(effect);
        }
        if let Some((effect, _)) = self.here_with.filter(|(_, options)| sorted.may_have(options)) {
            told.here = Some(effect);
        }
        told.used.extend(sorted.values);
        told
    }

    fn sort<'a>(&self, words: &'a [Word<'a>]) -> Sorted<'a> {
        let mut sorted = Sorted::default();
        let mut rest = words.iter();
        let mut over = false;
        while let Some(word) = rest.next() {
            if over || !word.may_be_option() || self.reads_whatever(word) {
                sorted.arguments.push(word);
            } else if word.certain().is_none() && word.is_named_option() {
                self.open_option(word, &mut sorted);
            } else if word.certain().is_none() {
                sorted.doubt = true;
                sorted.arguments.push(word);
            } else if &*word.text == b"--" {
                over = true;
            } else if let Some(role) = self.option(&word.text, &mut sorted)
                && let Some(value) = rest.next()
            {
                sorted.doubt |= !value.is_one();
                sorted.values.push(Used { text: &value.text, sure: value.sure, role });
            }
        }
        sorted
    }

    // Names in the folder at hand, given to what has no option that does more than read: be some of them options, they
    // name but others beside them.
    fn reads_whatever(&self, word: &Word<'_>) -> bool {
        word.sure == Sure::Files
            && !word.text.starts_with(b"-")
            && !word.text.contains(&b'/')
            && self.merely_reads
    }

    // An option whose value is only known then: what is certain of the value is told by the word.
    fn open_option<'a>(&self, word: &'a Word<'a>, sorted: &mut Sorted<'a>) {
        let (values, strange) = (sorted.values.len(), sorted.strange.len());
        self.option(&word.text, sorted);
        let sure = |text: &[u8]| word.sure.from(word.text.len() - text.len());
        for value in sorted.values.iter_mut().skip(values) {
            value.sure = sure(value.text);
        }
        for (text, open) in sorted.strange.iter_mut().skip(strange) {
            *open = sure(text);
        }
    }

    // Takes in one word of options; the role of the next word, when that is the value of the last.
    fn option<'a>(&self, word: &'a [u8], sorted: &mut Sorted<'a>) -> Option<Role> {
        let equals = word.iter().position(|&b| b == b'=');
        let name = equals.and_then(|at| word.get(..at)).unwrap_or(word);
        let joined = equals.and_then(|at| word.get(at + 1..));
        let exact = Sure::Exact;
        // A letter's value has no `=` before it: that is a part of the value.
        if let Some((option, role)) = self.valued.iter().find(|(option, _)| option.as_bytes() == name)
            && (option.len() > 2 || joined.is_none())
        {
            sorted.options.push(name);
            let Some(text) = joined else { return Some(*role) };
            sorted.values.push(Used { text, sure: exact, role: *role });
            return None;
        }
        if self.longs.split(' ').any(|long| long.as_bytes() == name) || self.asks_for(name) {
            sorted.options.push(name);
            return None;
        }
        if word.get(1) == Some(&b'-') {
            self.strange(word, joined, sorted);
            return None;
        }
        self.cluster(word, sorted)
    }

    // An option that changes what the arguments are.
    fn asks_for(&self, name: &[u8]) -> bool {
        let modes = self.modes.iter().map(|(options, _)| *options);
        let instead = self.instead.iter().map(|(options, _)| *options);
        let here = self.here.iter().chain(&self.here_with).map(|(_, options)| *options);
        modes.chain(instead).chain(here).chain([self.links]).flatten().any(|option| option.as_bytes() == name)
    }

    fn cluster<'a>(&self, word: &'a [u8], sorted: &mut Sorted<'a>) -> Option<Role> {
        for (at, letter) in word.iter().enumerate().skip(1) {
            let valued = |(option, _): &&(&str, Role)| option.as_bytes() == [b'-', *letter];
            if let Some((option, role)) = self.valued.iter().find(valued) {
                sorted.options.push(option.as_bytes());
                let text = word.get(at + 1..).unwrap_or_default();
                if text.is_empty() {
                    return Some(*role);
                }
                sorted.values.push(Used { text, sure: Sure::Exact, role: *role });
                return None;
            }
            if *letter == self.suffixed {
                break;
            }
            if !self.letters.as_bytes().contains(letter) && !self.asks_for(&[b'-', *letter]) {
                self.strange(word, word.get(2..), sorted);
                return None;
            }
        }
        sorted.options.push(word);
        None
    }

    // An option nobody knows: only where none of them can do harm is it no matter.
    fn strange<'a>(&self, word: &'a [u8], value: Option<&'a [u8]>, sorted: &mut Sorted<'a>) {
        sorted.options.push(word);
        sorted.strange.extend(value.filter(|text| !text.is_empty()).map(|text| (text, Sure::Exact)));
        sorted.doubt |= !self.any_option;
    }
}

impl<'a> Sorted<'a> {
    // An option is there for certain: alone, or as a letter of a word of known ones.
    fn has(&self, options: &[&str]) -> bool {
        options.iter().any(|option| self.options.iter().any(|given| is_or_holds(given, option.as_bytes())))
    }

    // An option is there, or something that might be it.
    fn may_have(&self, options: &[&str]) -> bool {
        let may = |given: &[u8], option: &str| {
            let long = option.starts_with("--") && given.len() > 2 && option.as_bytes().starts_with(given);
            let head = given.split(|&b| b == b'=').next().unwrap_or(given);
            long || is_or_holds(head, option.as_bytes())
                || (head.len() > 2 && option.starts_with("--") && option.as_bytes().starts_with(head))
        };
        options.iter().any(|option| self.options.iter().any(|given| may(given, option)))
    }

    fn add(&self, arguments: &Arguments, used: &mut Vec<Used<'a>>) {
        for (at, word) in self.arguments.iter().enumerate() {
            let role = self.role(arguments, at);
            used.push(Used { text: &word.text, sure: word.sure, role });
            let inner = matches!(arguments, Arguments::Last { .. }) && at + 1 != self.arguments.len();
            if self.doubt || (word.sure == Sure::Files && !inner) {
                let others = roles(arguments).filter(|other| *other != role);
                used.extend(others.map(|role| Used { text: &word.text, sure: word.sure, role }));
            }
        }
        for (text, sure) in &self.strange {
            used.extend(roles(arguments).map(|role| Used { text, sure: *sure, role }));
        }
    }

    fn role(&self, arguments: &Arguments, at: usize) -> Role {
        let last = at + 1 == self.arguments.len();
        match *arguments {
            Arguments::Each(role) => role,
            Arguments::Ordered(first, rest) => first.get(at).copied().unwrap_or(rest),
            Arguments::After(unless, _) if at == 0 && !self.has(unless) => Role::Nothing,
            Arguments::After(_, role) => role,
            Arguments::Last { others, last: role, target } => {
                if last && !self.has(target) {
                    role
                } else {
                    others
                }
            }
        }
    }
}

// Every role some argument may have.
fn roles(arguments: &Arguments) -> impl Iterator<Item = Role> + use<> {
    let (first, rest): (&'static [Role], [Option<Role>; 2]) = match *arguments {
        Arguments::Each(role) | Arguments::After(_, role) => (&[], [Some(role), None]),
        Arguments::Ordered(first, rest) => (first, [Some(rest), None]),
        Arguments::Last { others, last, .. } => (&[], [Some(others), Some(last)]),
    };
    first.iter().copied().chain(rest.into_iter().flatten()).filter(|role| *role != Role::Nothing)
}

fn is_or_holds(given: &[u8], option: &[u8]) -> bool {
    let head = given.split(|&b| b == b'=').next().unwrap_or(given);
    let letter = match option {
        [b'-', letter] if *letter != b'-' => Some(letter),
        _ => None,
    };
    let holds =
        |letter: &u8| given.first() == Some(&b'-') && given.get(1) != Some(&b'-') && given.contains(letter);
    head == option || letter.is_some_and(holds)
}
