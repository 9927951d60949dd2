//! The level of trust a set-up reaches, in the words of SECURITY.md: what it gives, and what would make it more.
//! Pure, from the kinds of the keys that count.

/// How a signing key is kept, as far as this account can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kept {
    /// A file without a passphrase.
    Plain,
    /// A file with a passphrase.
    Passphrase,
    /// In an ssh-agent, or on another machine.
    Elsewhere,
    /// In hardware that asks for a touch.
    Hardware,
}

/// The level of trust. L3 and L4 need separate accounts, which this version does not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// One account, plain key.
    L0,
    /// Passphrase, or agent with confirmation.
    L1,
    /// Hardware key with touch.
    L2,
}

impl Level {
    /// The level of keys kept so: that of the weakest. Without any key there is nothing to rely on.
    #[must_use]
    pub fn of(keys: impl IntoIterator<Item = Kept>) -> Self {
        match keys.into_iter().min() {
            None | Some(Kept::Plain) => Self::L0,
            Some(Kept::Passphrase | Kept::Elsewhere) => Self::L1,
            Some(Kept::Hardware) => Self::L2,
        }
    }

    /// `L0`, `L1` or `L2`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::L0 => "L0",
            Self::L1 => "L1",
            Self::L2 => "L2",
        }
    }

    /// What the set-up is, and what it gives.
    #[must_use]
    pub const fn gives(self) -> &'static str {
        match self {
            Self::L0 => "one account, plain key: a record for honest agents only",
            Self::L1 => "passphrase, or agent with confirmation: more effort, no guarantee",
            Self::L2 => "hardware key with touch: no recorded decision without a human's touch",
        }
    }

    /// What would make it more.
    #[must_use]
    pub const fn more(self) -> &'static str {
        match self {
            Self::L0 => {
                "give the key a passphrase: ssh-keygen -p -f KEY; or use a hardware key: \
                 ssh-keygen -t ed25519-sk, then handoff key trust NAME KEY.pub"
            }
            Self::L1 => {
                "for the next level let every reviewer use a hardware key: ssh-keygen -t ed25519-sk, then \
                 handoff key trust NAME KEY.pub, and handoff key revoke for the old one; \
                 an ssh-agent asks each time for keys added with: ssh-add -c"
            }
            Self::L2 => "the next level needs separate accounts, which this version does not make",
        }
    }

    /// The sentence at the end of `init`.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::L0 => {
                "Level L0: the key has no passphrase, so whatever runs as you can sign. A record for honest \
                 agents only: `handoff doctor` says what would make it more."
            }
            Self::L1 => {
                "Level L1: you ask and you approve from one account. A record, not a barrier: `handoff \
                 doctor` says what would make it one."
            }
            Self::L2 => {
                "Level L2: no recorded decision without a touch of the hardware key. The gate itself is in \
                 your account: `handoff doctor` says what that means."
            }
        }
    }
}

/// What no level below L3 keeps out.
pub const NOT_KEPT_OUT: &str = "at L0-L2 a hostile agent in the same account can bypass the gate, choose another \
    policy, type into the reviewer's terminal (TIOCSTI) or use the ssh-agent; only recorded decisions are protected";

/// Words in lines of at most `width` columns, the later ones indented by two.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_key_decides_the_level() {
        assert_eq!(Level::of([]), Level::L0);
        assert_eq!(Level::of([Kept::Hardware, Kept::Plain]), Level::L0);
        assert_eq!(Level::of([Kept::Hardware, Kept::Elsewhere]), Level::L1);
        assert_eq!(Level::of([Kept::Hardware, Kept::Passphrase]), Level::L1);
        assert_eq!(Level::of([Kept::Hardware]), Level::L2);
    }

    #[test]
    fn lines_are_broken_between_words_and_lose_none() {
        let text = "one two three four";
        assert_eq!(wrapped(text, 9), ["one two", "  three", "  four"]);
        for level in [Level::L0, Level::L1, Level::L2] {
            let lines = wrapped(level.sentence(), 96);
            assert!(lines.iter().all(|line| line.chars().count() <= 96), "{lines:?}");
            let back: Vec<&str> = lines.iter().map(|line| line.trim_start()).collect();
            assert_eq!(back.join(" "), level.sentence());
        }
    }

    #[test]
    fn the_words_are_those_of_the_security_page() {
        let page = include_str!("../../SECURITY.md").replace('\n', " ");
        for level in [Level::L0, Level::L1, Level::L2] {
            let (what, gives) = level.gives().split_once(": ").unwrap();
            let row = format!("| **{}** | {what} | {gives} |", level.word());
            assert!(page.contains(&row), "{row}");
        }
        let not_kept_out = NOT_KEPT_OUT.strip_prefix("at L0-L2 ").unwrap();
        assert!(page.contains(not_kept_out), "{not_kept_out}");
    }
}
