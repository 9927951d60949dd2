//! `[notify]` of the settings: whom to start, on which occasions; the bell and the desktop as ready choices.
//! Pure; a mistake is told at the word it was made in.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use crate::ids::Label;
use crate::occasion::Occasion;

/// The name under which the desktop's own notifications are recorded.
pub const DESKTOP: &str = "desktop";
const BELL: &str = "bell";

/// What `[notify]` says; nobody is told anything where it is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Rings the terminal of whoever watches or waits.
    #[serde(default)]
    pub bell: Choice,
    /// Shows a notification on the desktop.
    #[serde(default)]
    pub desktop: Choice,
    /// Commands of the account's own.
    #[serde(default)]
    pub command: Vec<Notifier>,
}

/// A command that tells somebody.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notifier {
    /// Its name, in the log and in `doctor`.
    pub name: Spanned<Label>,
    /// Program and arguments, as they are; no shell reads them.
    pub run: Argv,
    /// On which occasions; on all of them when it does not say.
    #[serde(default = "Choice::all")]
    pub on: Choice,
}

/// A program with its arguments, one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argv(Vec<String>);

impl Argv {
    /// Program first.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// The program: a plain name, or an absolute path.
    #[must_use]
    pub fn program(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }
}

impl<'de> Deserialize<'de> for Argv {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(from)?;
        let program = words.first().map_or("", String::as_str);
        let problem = if program.is_empty() {
            "names no program; write run = [\"PROGRAM\", \"ARGUMENT\", …]"
        } else if program.contains('/') && !program.starts_with('/') {
            "names its program by a path that depends on the folder; write the whole path, or a name in PATH"
        } else if words.iter().any(|word| word.contains('\0')) {
            "holds a zero byte, which no argument can; take it out"
        } else {
            return Ok(Self(words));
        };
        Err(de::Error::custom(problem))
    }
}

/// `true` for every occasion, `false` for none, or a list of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice(BTreeSet<Occasion>);

impl Choice {
    /// Every occasion.
    #[must_use]
    pub fn all() -> Self {
        Self(Occasion::ALL.into())
    }

    /// No occasion.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether nothing was chosen.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this occasion was.
    #[must_use]
    pub fn has(&self, occasion: Occasion) -> bool {
        self.0.contains(&occasion)
    }

    /// What was chosen, in order.
    pub fn iter(&self) -> impl Iterator<Item = Occasion> + '_ {
        self.0.iter().copied()
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Chosen)
    }
}

struct Chosen;

impl<'de> de::Visitor<'de> for Chosen {
    type Value = Choice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false, or a list such as [\"new\", \"late\", \"decided\"]")
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<Choice, E> {
        Ok(if on { Choice::all() } else { Choice::none() })
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Choice, A::Error> {
        let mut chosen = BTreeSet::new();
        while let Some(occasion) = list.next_element()? {
            chosen.insert(occasion);
        }
        Ok(Choice(chosen))
    }
}

impl Notify {
    /// The first thing in it that cannot be: where in the text, and what to write instead.
    #[must_use]
    pub fn fault(&self) -> Option<(usize, String)> {
        let mut names = BTreeSet::from([DESKTOP, BELL]);
        let again = self.command.iter().find(|notifier| !names.insert(notifier.name.get_ref().as_str()))?;
        let name = again.name.get_ref();
        let problem = format!("the notifier's name {name} is taken; give each one a name of its own");
        Some((again.name.span().start, problem))
    }

    /// Whether anybody is to be told of this by a program.
    #[must_use]
    pub fn wants(&self, occasion: Occasion) -> bool {
        self.desktop.has(occasion) || self.command.iter().any(|notifier| notifier.on.has(occasion))
    }

    /// Everybody who is told by a program, by name, with the occasions.
    ///
    /// The desktop first, then the commands as they stand in the file.
    pub fn told(&self) -> impl Iterator<Item = (Label, &Choice)> + '_ {
        let desktop = DESKTOP.parse().ok().filter(|_| !self.desktop.is_off());
        let commands =
            self.command.iter().filter(|it| !it.on.is_off()).map(|it| (it.name.get_ref().clone(), &it.on));
        desktop.map(|name| (name, &self.desktop)).into_iter().chain(commands)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;
    use crate::occasion::Occasion;

    fn notify(text: &str) -> Result<super::Notify, String> {
        Settings::parse("config.toml", text)
            .map(|settings| settings.notify)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn one_word_switches_bell_and_desktop_on() {
        let on = notify("[notify]\nbell = true\ndesktop = true\n").unwrap();
        assert!(Occasion::ALL.into_iter().all(|occasion| on.bell.has(occasion) && on.desktop.has(occasion)));
        let off = notify("[notify]\n").unwrap();
        assert!(off.told().next().is_none() && off.bell.is_off());
    }

    #[test]
    fn a_command_is_told_what_it_asks_for() {
        let text = "[[notify.command]]\nname = \"ntfy\"\nrun = [\"curl\", \"-d\", \"@-\"]\non = [\"late\", \"new\"]\n\
                    [[notify.command]]\nname = \"all\"\nrun = [\"/bin/tell\"]\n";
        let notify = notify(text).unwrap();
        assert!(notify.wants(Occasion::Unknown), "who names no occasion is told of all");
        let told: Vec<String> =
            notify.told().map(|(name, on)| format!("{name} {}", on.iter().count())).collect();
        assert_eq!(told, ["ntfy 2", "all 6"]);
        assert_eq!(notify.command[0].run.words(), ["curl", "-d", "@-"]);
    }

    #[test]
    fn mistakes_are_told_at_their_place_and_with_what_to_write() {
        let command = |lines: &str| format!("[[notify.command]]\nname = \"a\"\n{lines}\n");
        for (text, place, words) in [
            (command("run = [\"x\"]\non = [\"new\", \"desided\"]"), "4:6", "write new, half, late"),
            (command("run = []"), "3:7", "names no program"),
            (command("run = [\"bin/tell\"]"), "3:7", "write the whole path"),
            (command("run = \"tell me\""), "3:7", "a sequence"),
            (command("run = [\"x\"]\nwhen = [\"new\"]"), "4:1", "unknown field `when`"),
            (command("on = true"), "1:1", "missing field `run`"),
            ("[notify]\nbell = 1\n".to_owned(), "2:8", "true, false, or a list"),
            (
                command("run = [\"x\"]") + "[[notify.command]]\nname = \"a\"\nrun = [\"y\"]\n",
                "5:8",
                "a name of its own",
            ),
            ("[[notify.command]]\nname = \"desktop\"\nrun = [\"y\"]\n".to_owned(), "2:8", "is taken"),
            ("[[notify.command]]\nname = \"a b\"\nrun = [\"y\"]\n".to_owned(), "2:8", "name"),
        ] {
            let error = notify(&text).unwrap_err();
            assert!(error.starts_with(&format!("config.toml:{place}: ")), "{text}\n{error}");
            assert!(error.contains(words), "{text}\n{error}");
        }
    }
}
