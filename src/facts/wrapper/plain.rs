//! Wrappers that take options, some operands, and then the words of a command.
//! Pure. One row of data says all of a wrapper.

use std::path::PathBuf;

use super::options::{self, Mark, Met, only_then, unknown};
use super::{Given, Unwrapped, Within, path_of};
use crate::facts::argv::{Sure, Word};
use crate::facts::atoms::{Change, Set};

/// How a wrapper is written, and what it changes for the command within it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Its options, see [`options::read`].
    options: &'static str,
    /// How many words come before the command.
    operands: usize,
    /// `NAME=VALUE` words may come before the command.
    sets: bool,
    /// Options may come again behind operands and settings.
    again: bool,
    /// Without a command it starts a shell.
    shell: bool,
    privileged: bool,
    elsewhere: bool,
    /// What it runs may be a shell's own command.
    in_shell: bool,
    /// Its own words are all words, for rules that name it with what it runs.
    whole: bool,
    spoken_for: bool,
}

/// A wrapper with these options that changes nothing.
pub(super) const fn runs(options: &'static str) -> Row {
    Row {
        options,
        operands: 0,
        sets: false,
        again: false,
        shell: false,
        privileged: false,
        elsewhere: false,
        in_shell: false,
        whole: false,
        spoken_for: false,
    }
}

impl Row {
    /// So many words come before the command.
    pub(super) const fn after(self, operands: usize) -> Self {
        Self { operands, ..self }
    }

    /// `NAME=VALUE` may come before the command.
    pub(super) const fn setting(self) -> Self {
        Self { sets: true, ..self }
    }

    /// Options may come again behind those.
    pub(super) const fn again(self) -> Self {
        Self { again: true, ..self }
    }

    /// Without a command it starts a shell.
    pub(super) const fn or_shell(self) -> Self {
        Self { shell: true, ..self }
    }

    /// The command runs as another account.
    pub(super) const fn privileged(self) -> Self {
        Self { privileged: true, ..self }
    }

    /// The command runs elsewhere.
    pub(super) const fn elsewhere(self) -> Self {
        Self { elsewhere: true, ..self }
    }

    /// It is part of the shell, where it is used in one.
    pub(super) const fn of_the_shell(self) -> Self {
        Self { in_shell: true, ..self }
    }

    /// Rules name it with what it runs: `busybox httpd`.
    pub(super) const fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// Rules that name it with what it runs let that through too: `poetry run mypy`.
    pub(super) const fn speaking(self) -> Self {
        Self { whole: true, spoken_for: true, ..self }
    }

    /// What the wrapper runs.
    pub(super) fn unwrap<'a>(&self, given: &Given<'_, 'a>) -> Unwrapped<'a> {
        self.from(given, 1).unwrap_or_else(|why| given.not_known(&why))
    }

    /// What it runs, when its options begin at the word `start`.
    pub(super) fn from<'a>(&self, given: &Given<'_, 'a>, start: usize) -> Result<Unwrapped<'a>, String> {
        let mut head =
            Head { at: start, ended: false, line: None, through_shell: false, change: self.change(given) };
        loop {
            if self.options(given, &mut head)? {
                return Ok(Unwrapped::default());
            }
            let before = head.at;
            self.settings(given, &mut head)?;
            if !self.again || head.at == before || head.ended {
                break;
            }
        }
        self.operands(given, &mut head)?;
        if self.again && self.operands > 0 && self.options(given, &mut head)? {
            return Ok(Unwrapped::default());
        }
        self.inner(given, head)
    }

    fn change(&self, given: &Given<'_, '_>) -> Change {
        Change {
            privileged: self.privileged,
            elsewhere: self.elsewhere,
            in_shell: self.in_shell && given.around.in_shell,
            spoken_for: self.spoken_for,
            ..Change::default()
        }
    }

    // Whether one of the options answers, so that nothing is run.
    fn options<'a>(&self, given: &Given<'_, 'a>, head: &mut Head<'a>) -> Result<bool, String> {
        let options = options::read(given.from(head.at), self.options)?;
        head.at += options.next;
        head.ended |= options.ended;
        if options.answer() {
            return Ok(true);
        }
        options.met.into_iter().for_each(|met| head.apply(met, given));
        Ok(false)
    }

    fn settings(&self, given: &Given<'_, '_>, head: &mut Head<'_>) -> Result<(), String> {
        while let Some(word) = given.words.get(head.at).filter(|_| self.sets) {
            let Some(equals) = word.known().iter().position(|&b| b == b'=') else { break };
            if equals == 0 || !word.is_one() {
                return Err(only_then(word));
            }
            head.change.sets.push(set(word, equals));
            head.at += 1;
        }
        Ok(())
    }

    fn operands(&self, given: &Given<'_, '_>, head: &mut Head<'_>) -> Result<(), String> {
        for _ in 0..self.operands {
            let Some(word) = given.words.get(head.at) else { break };
            if !word.is_one() || (!head.ended && word.may_be_option()) {
                return Err(only_then(word));
            }
            head.at += 1;
        }
        Ok(())
    }

    fn inner<'a>(&self, given: &Given<'_, 'a>, head: Head<'a>) -> Result<Unwrapped<'a>, String> {
        let (own, inner) = given.words.split_at_checked(head.at).unwrap_or((given.words, &[]));
        if let Some(line) = head.line {
            let change = Change { in_shell: true, ..head.change };
            return Ok(Unwrapped { own: None, within: vec![(Within::Line(line), change)] });
        }
        let Some(program) = inner.first() else {
            let shell = self.shell || head.through_shell;
            return if shell { given.input(head.change) } else { Ok(Unwrapped::default()) };
        };
        if !head.ended && program.is_option() {
            return Err(unknown(program));
        }
        // The account's shell gets the words again, and only `$` stays what it is.
        if head.through_shell && inner.iter().any(|word| word.text.contains(&b'$')) {
            return Err("its words are read once more by a shell".to_owned());
        }
        let own = if self.whole { given.words } else { own };
        Ok(Unwrapped::of(own, vec![(Within::Command(inner.to_vec()), head.change)]))
    }
}

// What was read before the command.
struct Head<'a> {
    at: usize,
    ended: bool,
    line: Option<Word<'a>>,
    through_shell: bool,
    change: Change,
}

impl<'a> Head<'a> {
    fn apply(&mut self, met: Met<'a>, given: &Given<'_, 'a>) {
        match (met.mark, met.value) {
            (Mark::Line, Some(code)) => self.line = Some(code),
            (Mark::Folder, Some(folder)) => self.change.folder = Some(path_of(&folder, given.around)),
            (Mark::Unset, Some(name)) => {
                self.change.sets.push(Set { name: name.text.into_owned(), value: Word::exact(Vec::new()) });
            }
            (Mark::Shell, _) => {
                self.through_shell = true;
                self.change.in_shell = true;
                self.change.folder = Some(None::<PathBuf>);
            }
            _ => {}
        }
    }
}

/// The variable that a word `NAME=VALUE` sets.
pub(super) fn set(word: &Word<'_>, equals: usize) -> Set {
    let name = word.text.get(..equals).unwrap_or_default().to_vec();
    let value = options::tail(word, equals + 1);
    Set { name, value: Word { text: value.text.into_owned().into(), sure: value.sure } }
}

/// The words joined by spaces, as programs do that hand them to a shell; one word only known in part when
/// one of them is.
pub(super) fn joined<'a>(words: &[Word<'a>]) -> Word<'a> {
    if let [word] = words {
        return word.clone();
    }
    let sure = if words.iter().all(|word| word.sure == Sure::Exact) { Sure::Exact } else { Sure::Split(0) };
    let texts: Vec<&[u8]> = words.iter().map(|word| &*word.text).collect();
    Word { text: texts.join(&b' ').into(), sure }
}
