//! One line of an `allowed_signers` file (ssh-keygen(1), ALLOWED SIGNERS), narrower than stock:
//! one literal principal, literal namespaces always, times in UTC. Pure.

use std::collections::BTreeSet;
use std::fmt;

use time::{Date, Month, OffsetDateTime, Time};

use super::is_namespace;
use super::public::{PublicKey, PublicKeyError};
use crate::clock::Timestamp;
use crate::ids::Principal;

/// What is wrong with a line, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineProblem {
    /// A tab, carriage return or other control character.
    #[error("it holds a tab or another control character; write single blanks, and end lines with LF only")]
    Control,
    /// Blanks at its start or end, or several in a row between fields.
    #[error("it has a blank too many; write PRINCIPAL OPTIONS KEYTYPE KEY with one blank between each")]
    Blanks,
    /// The first field is a pattern, a list, quoted, or no name at all.
    #[error("{0:?} is not one literal name; write a name such as ana@laptop, and a line for each reviewer")]
    Principal(String),
    /// No `namespaces=`: the key would count for everything.
    #[error("it does not say what the key is for; write namespaces=\"decision.v1@QUEUE\" after the name")]
    NoNamespaces,
    /// A certificate authority.
    #[error("certificate authorities are not accepted; write each reviewer's own key")]
    CertAuthority,
    /// An option we do not know.
    #[error(
        "option {0:?} is not known; write namespaces=, valid-after= or valid-before=, separated by commas"
    )]
    Option(String),
    /// An option without `="…"`.
    #[error("the value of {0} is not in double quotes; write {0}=\"…\"")]
    Unquoted(&'static str),
    /// The same option twice.
    #[error("{0} stands there twice; write it once")]
    Repeated(&'static str),
    /// A pattern or an empty name among the namespaces.
    #[error("{0:?} is not a literal namespace; write names such as decision.v1@laptop-7f3k, without * ? !")]
    Namespace(String),
    /// Not a UTC time in one of two forms.
    #[error("{1:?} is not a time for {0}; write YYYYMMDDHHMMSSZ or YYYYMMDDZ (UTC), such as 20261122154007Z")]
    Time(&'static str, String),
    /// The key would never be valid.
    #[error("valid-before is not later than valid-after; write a later one, or leave one out")]
    Window,
    /// The key itself.
    #[error("{0}")]
    Key(#[from] PublicKeyError),
}

/// A reviewer's key: whose it is, for what, and from when until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    principal: Principal,
    namespaces: BTreeSet<String>,
    valid_after: Option<Timestamp>,
    valid_before: Option<Timestamp>,
    key: PublicKey,
    comment: String,
}

/// The options as they are met, each at most once.
#[derive(Default)]
struct Options {
    namespaces: Option<BTreeSet<String>>,
    valid_after: Option<Timestamp>,
    valid_before: Option<Timestamp>,
}

impl Entry {
    /// A line for `key trust` to add.
    ///
    /// # Errors
    /// When a namespace is not literal, there is none, or the comment holds control characters.
    pub fn new(
        principal: Principal,
        namespaces: impl IntoIterator<Item = String>,
        key: PublicKey,
        comment: &str,
    ) -> Result<Self, LineProblem> {
        let namespaces: BTreeSet<String> = namespaces.into_iter().collect();
        if let Some(bad) = namespaces.iter().find(|name| !is_namespace(name)) {
            return Err(LineProblem::Namespace(bad.clone()));
        }
        if namespaces.is_empty() {
            return Err(LineProblem::NoNamespaces);
        }
        if comment.chars().any(char::is_control) {
            return Err(LineProblem::Control);
        }
        let comment = comment.trim().to_owned();
        Ok(Self { principal, namespaces, valid_after: None, valid_before: None, key, comment })
    }

    /// The same key, valid from `after` on and until `before`; both to the second.
    ///
    /// # Errors
    /// When no second lies between them.
    pub fn valid(self, after: Option<Timestamp>, before: Option<Timestamp>) -> Result<Self, LineProblem> {
        let (valid_after, valid_before) = (after.map(to_second), before.map(to_second));
        if let (Some(after), Some(before)) = (valid_after, valid_before)
            && before <= after
        {
            return Err(LineProblem::Window);
        }
        Ok(Self { valid_after, valid_before, ..self })
    }

    /// Reads one line that is neither blank nor a comment.
    ///
    /// # Errors
    /// When it is wider than what this module's head says.
    pub fn parse(line: &str) -> Result<Self, LineProblem> {
        if line.chars().any(char::is_control) {
            return Err(LineProblem::Control);
        }
        let fields: Vec<&str> = line.splitn(5, ' ').collect();
        let comment = fields.get(4).copied().unwrap_or_default();
        if fields.iter().take(4).any(|field| field.is_empty())
            || comment.starts_with(' ')
            || line.ends_with(' ')
        {
            return Err(LineProblem::Blanks);
        }
        let field = |index| fields.get(index).copied().unwrap_or_default();
        let principal = field(0).parse().map_err(|_| LineProblem::Principal(field(0).to_owned()))?;
        let is_key = |text: &str| text.starts_with("ssh-") || text.starts_with("sk-");
        if field(1).is_empty() || is_key(field(1)) {
            return Err(LineProblem::NoNamespaces);
        }
        let options = Options::parse(field(1))?;
        let key = PublicKey::from_fields(field(2), field(3))?;
        let namespaces = options.namespaces.ok_or(LineProblem::NoNamespaces)?;
        Self::new(principal, namespaces, key, comment)?.valid(options.valid_after, options.valid_before)
    }

    /// Whose key it is.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What it counts for.
    #[must_use]
    pub const fn namespaces(&self) -> &BTreeSet<String> {
        &self.namespaces
    }

    /// The first instant it counts.
    #[must_use]
    pub const fn valid_after(&self) -> Option<Timestamp> {
        self.valid_after
    }

    /// The first instant it no longer counts. Stock takes this very second still; we do not.
    #[must_use]
    pub const fn valid_before(&self) -> Option<Timestamp> {
        self.valid_before
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// What follows the key on its line; means nothing.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// Whether the key counts for `namespace` at `at`.
    #[must_use]
    pub fn counts(&self, namespace: &str, at: Timestamp) -> bool {
        self.namespaces.contains(namespace)
            && self.valid_after.is_none_or(|after| after <= at)
            && self.valid_before.is_none_or(|before| at < before)
    }
}

impl Options {
    fn parse(text: &str) -> Result<Self, LineProblem> {
        let mut options = Self::default();
        let mut rest = text;
        loop {
            rest = options.take(rest)?;
            if rest.is_empty() {
                return Ok(options);
            }
            rest = rest.strip_prefix(',').ok_or_else(|| LineProblem::Option(rest.to_owned()))?;
        }
    }

    /// Takes one option off the front; gives what is left.
    fn take<'a>(&mut self, text: &'a str) -> Result<&'a str, LineProblem> {
        if let Some(rest) = text.strip_prefix("namespaces=") {
            let (value, rest) = quoted("namespaces", rest)?;
            once("namespaces", &mut self.namespaces, literal_namespaces(value)?)?;
            return Ok(rest);
        }
        if let Some(rest) = text.strip_prefix("valid-after=") {
            let (value, rest) = quoted("valid-after", rest)?;
            once("valid-after", &mut self.valid_after, time_of("valid-after", value)?)?;
            return Ok(rest);
        }
        if let Some(rest) = text.strip_prefix("valid-before=") {
            let (value, rest) = quoted("valid-before", rest)?;
            once("valid-before", &mut self.valid_before, time_of("valid-before", value)?)?;
            return Ok(rest);
        }
        let name = text.split([',', '=']).next().unwrap_or_default();
        Err(match name.to_ascii_lowercase().as_str() {
            "cert-authority" => LineProblem::CertAuthority,
            _ => LineProblem::Option(name.to_owned()),
        })
    }
}

fn quoted<'a>(option: &'static str, text: &'a str) -> Result<(&'a str, &'a str), LineProblem> {
    let inner = text.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    inner.ok_or(LineProblem::Unquoted(option))
}

fn once<T>(option: &'static str, slot: &mut Option<T>, value: T) -> Result<(), LineProblem> {
    if slot.replace(value).is_some() { Err(LineProblem::Repeated(option)) } else { Ok(()) }
}

fn literal_namespaces(list: &str) -> Result<BTreeSet<String>, LineProblem> {
    list.split(',')
        .map(|name| {
            is_namespace(name).then(|| name.to_owned()).ok_or_else(|| LineProblem::Namespace(name.to_owned()))
        })
        .collect()
}

fn time_of(option: &'static str, text: &str) -> Result<Timestamp, LineProblem> {
    utc(text).ok_or_else(|| LineProblem::Time(option, text.to_owned()))
}

// Second zero is refused: stock reads it as "no time given".
fn utc(text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 8 | 14) {
        return None;
    }
    let (day, hour) = digits.split_at(8);
    let number = |text: &str, range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let month = Month::try_from(u8::try_from(number(day, 4..6)?).ok()?).ok()?;
    let date =
        Date::from_calendar_date(number(day, 0..4)?.into(), month, u8::try_from(number(day, 6..8)?).ok()?);
    let part = |range| number(hour, range).and_then(|n| u8::try_from(n).ok());
    let time = match hour {
        "" => Some(Time::MIDNIGHT),
        _ => Time::from_hms(part(0..2)?, part(2..4)?, part(4..6)?).ok(),
    };
    let seconds = OffsetDateTime::new_utc(date.ok()?, time?).unix_timestamp();
    (seconds > 0).then(|| Timestamp::from_millis(seconds * 1000))
}

fn to_second(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis().div_euclid(1000) * 1000)
}

fn stamp(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    seconds.chars().filter(char::is_ascii_digit).chain(['Z']).collect()
}

/// The line, in its one form.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let namespaces: Vec<&str> = self.namespaces.iter().map(String::as_str).collect();
        write!(f, "{} namespaces=\"{}\"", self.principal, namespaces.join(","))?;
        if let Some(after) = self.valid_after {
            write!(f, ",valid-after=\"{}\"", stamp(after))?;
        }
        if let Some(before) = self.valid_before {
            write!(f, ",valid-before=\"{}\"", stamp(before))?;
        }
        write!(f, " {}", self.key.to_openssh())?;
        if self.comment.is_empty() { Ok(()) } else { write!(f, " {}", self.comment) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQew9z2uC/8ZOwD4tZE9GqQC7tNFIp";

    fn key() -> PublicKey {
        let point = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        PublicKey::from_point(point)
    }

    fn line(options: &str) -> String {
        format!("ana@laptop {options} {} her laptop", key().to_openssh())
    }

    #[test]
    fn a_line_says_whose_key_it_is_for_what_and_when() {
        let options = "valid-before=\"20270101Z\",namespaces=\"decision.v1@q,clock.v1@q\",valid-after=\"20261122154007Z\"";
        let entry = Entry::parse(&line(options)).unwrap();
        assert_eq!(entry.principal().as_str(), "ana@laptop");
        assert_eq!(entry.namespaces().len(), 2);
        assert_eq!(entry.valid_after().unwrap().to_string(), "2026-11-22T15:40:07.000Z");
        assert_eq!(entry.valid_before().unwrap().to_string(), "2027-01-01T00:00:00.000Z");
        assert_eq!((entry.key(), entry.comment()), (&key(), "her laptop"));
    }

    #[test]
    fn what_is_written_is_read_back_the_same() {
        let at = Timestamp::from_millis(1_795_361_000_120);
        let new = Entry::new("bo".parse().unwrap(), ["b".into(), "a".into()], key(), "").unwrap();
        for entry in
            [new.clone(), new.valid(Some(at), Some(at.plus(std::time::Duration::from_secs(2)))).unwrap()]
        {
            assert_eq!(Entry::parse(&entry.to_string()), Ok(entry));
        }
    }

    #[test]
    fn a_key_counts_from_its_first_second_and_not_in_its_last() {
        let options = "namespaces=\"n\",valid-after=\"20261122Z\",valid-before=\"20261123Z\"";
        let entry = Entry::parse(&line(options)).unwrap();
        let counts = |time: &str| entry.counts("n", time.parse().unwrap());
        assert!(counts("2026-11-22T00:00:00Z") && counts("2026-11-22T23:59:59.999Z"));
        assert!(!counts("2026-11-21T23:59:59.999Z") && !counts("2026-11-23T00:00:00Z"));
        assert!(!entry.counts("m", "2026-11-22T12:00:00Z".parse().unwrap()));
    }

    #[test]
    fn what_is_wider_than_one_name_and_literal_purposes_is_refused() {
        let namespaces = |list: &str| line(&format!("namespaces=\"{list}\""));
        let named = |name: &str| namespaces("n").replace("ana@laptop", name);
        for name in ["*", "ana,bo", "\"ana\"", "!ana", "an?", "caf\u{e9}"] {
            assert_eq!(Entry::parse(&named(name)), Err(LineProblem::Principal(name.into())));
        }
        for list in ["*", "n*", "!n", "n,", "", "n, m", "n\u{e9}"] {
            assert!(Entry::parse(&namespaces(list)).is_err(), "{list:?}");
        }
        assert_eq!(Entry::parse(&line("cert-authority")), Err(LineProblem::CertAuthority));
        assert_eq!(Entry::parse(&line("Cert-Authority,namespaces=\"n\"")), Err(LineProblem::CertAuthority));
    }

    #[test]
    fn a_key_for_everything_is_refused() {
        let bare = format!("ana {}", key().to_openssh());
        assert_eq!(Entry::parse(&bare), Err(LineProblem::NoNamespaces));
        assert_eq!(Entry::parse("ana"), Err(LineProblem::NoNamespaces));
        assert_eq!(Entry::parse(&line("valid-after=\"20261122Z\"")), Err(LineProblem::NoNamespaces));
    }

    #[test]
    fn options_are_known_quoted_and_said_once() {
        use LineProblem::{Option, Repeated, Unquoted};
        assert_eq!(Entry::parse(&line("namespaces=n")), Err(Unquoted("namespaces")));
        assert_eq!(Entry::parse(&line("namespaces=\"n")), Err(Unquoted("namespaces")));
        assert_eq!(Entry::parse(&line("namespaces=\"n\",namespaces=\"m\"")), Err(Repeated("namespaces")));
        for other in ["no-touch-required", "Namespaces=\"n\"", "", ",", "namespaces=\"n\","] {
            assert!(Entry::parse(&line(other)).is_err(), "{other:?}");
        }
        assert_eq!(Entry::parse(&line("namespaces=\"n\"x")), Err(Option("x".into())));
    }

    #[test]
    fn times_are_utc_real_and_in_order() {
        let after = |text: &str| line(&format!("namespaces=\"n\",valid-after=\"{text}\""));
        for bad in
            ["20261122", "20261122154007", "202611221540Z", "20261322Z", "20260230Z", "20261122156007Z"]
        {
            assert_eq!(Entry::parse(&after(bad)), Err(LineProblem::Time("valid-after", bad.into())));
        }
        for bad in ["", "Z", "19700101Z", "19691231Z", "+2026112Z", "2026-11-22T15:40:07Z"] {
            assert!(Entry::parse(&after(bad)).is_err(), "{bad:?}");
        }
        let never = line("namespaces=\"n\",valid-after=\"20261122Z\",valid-before=\"20261122Z\"");
        assert_eq!(Entry::parse(&never), Err(LineProblem::Window));
    }

    #[test]
    fn blanks_and_control_characters_have_one_place() {
        let good = line("namespaces=\"n\"");
        assert!(Entry::parse(&good).is_ok());
        for bad in [
            format!(" {good}"),
            format!("{good} "),
            good.replacen(' ', "  ", 1),
            good.replace(" her", "  her"),
        ] {
            assert_eq!(Entry::parse(&bad), Err(LineProblem::Blanks), "{bad:?}");
        }
        for bad in [format!("{good}\r"), good.replacen(' ', "\t", 1), format!("{good}\0")] {
            assert_eq!(Entry::parse(&bad), Err(LineProblem::Control));
        }
    }

    #[test]
    fn a_new_line_cannot_smuggle_in_another() {
        let new = |namespace: &str, comment: &str| {
            Entry::new("ana".parse().unwrap(), [namespace.to_owned()], key(), comment).map(|_| ())
        };
        assert_eq!(new("n", "a\nbo namespaces"), Err(LineProblem::Control));
        assert_eq!(new("n\",x=\"", ""), Err(LineProblem::Namespace("n\",x=\"".into())));
        assert_eq!(
            Entry::new("ana".parse().unwrap(), [], key(), "").map(|_| ()),
            Err(LineProblem::NoNamespaces)
        );
    }

    #[test]
    fn every_problem_says_what_to_write() {
        let text = Entry::parse(&format!("ana {KEY}")).unwrap_err().to_string();
        assert!(text.contains("write namespaces="), "{text}");
    }
}
