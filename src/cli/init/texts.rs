//! The files `init` writes, as texts.
//! Pure.

use std::path::PathBuf;

use crate::facts::glob::Glob;
use crate::ids::{Origin, Principal, TicketId};
use crate::policy::pack_names;

/// The policy a new account begins with: every pack, for what a pack does not know is reviewed anyway.
#[must_use]
pub fn policy(principal: &Principal, uid: u32, own_folders: &[PathBuf]) -> String {
    let packs = pack_names().join("\", \"");
    let trusted = trusted(own_folders);
    format!(
        "# The root policy of this account: which packs of rules count, and your own rules beside them.\n\
         # Whatever no rule allows is reviewed. After a change: handoff policy test\n\
         \n\
         version = \"1\"\n\
         packs = [\"{packs}\"]\n\
         \n\
         # Joined into every review; a rule may only ask for more.\n\
         # [defaults]\n\
         # approvals = 1\n\
         # deadline = \"15m\"\n\
         # validity = \"10m\"\n\
         \n\
         # Which reviewer is which account of this machine, so that approving one's own request is known.\n\
         [accounts]\n\
         \"{principal}\" = {uid}\n\
         \n\
         {trusted}\
         # A rule of your own; take the marks away to use it.\n\
         # [[rule]]\n\
         # id = \"deploy\"\n\
         # verdict = \"review\"\n\
         # program = [\"deploy\"]\n\
         # risk = \"high\"\n\
         # approvals = 1\n\
         # why = \"Changes what customers see\"\n\
         # match = [\"deploy production\"]\n\
         # not_match = [\"ls\"]\n"
    )
}

// For a person to decide: who runs as this account could put anything there.
fn trusted(own_folders: &[PathBuf]) -> String {
    let below = own_folders.iter().filter_map(|folder| Some(format!("{}/**", folder.to_str()?)));
    let globs: Vec<String> = below.filter(|glob| Glob::new(glob).is_some()).collect();
    if globs.is_empty() {
        return String::new();
    }
    let list: Vec<String> = globs.into_iter().map(|glob| toml::Value::String(glob).to_string()).collect();
    format!(
        "# Programs that this account could replace are always reviewed. Take the marks away from folders where\n\
         # rules may let them through all the same.\n\
         # [programs]\n\
         # trusted = [{}]\n\
         \n",
        list.join(", ")
    )
}

/// `<host>-<4 random>`, from whatever the machine calls itself.
#[must_use]
pub fn queue_name(host: &[u8]) -> Option<Origin> {
    let host = name_part(host, 59);
    let random: String = TicketId::random().as_str().chars().take(4).collect();
    format!("{host}-{}", random.to_ascii_lowercase()).parse().ok()
}

/// `<user>@<host>`.
#[must_use]
pub fn principal(user: &[u8], host: &[u8]) -> Option<Principal> {
    format!("{}@{}", name_part(user, 60), name_part(host, 60)).parse().ok()
}

/// The first label of a name, in the alphabet of queues and reviewers.
#[must_use]
pub fn name_part(name: &[u8], longest: usize) -> String {
    let label = name.split(|&byte| byte == b'.').next().unwrap_or_default();
    let fit = |&byte: &u8| if byte.is_ascii_alphanumeric() || byte == b'_' { char::from(byte) } else { '-' };
    let text: String = label.iter().map(fit).collect();
    let text: String = text.trim_matches(['-', '_']).chars().take(longest).collect();
    if text.is_empty() { "host".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::policy::{Policy, PolicyFile, check_satisfiable};

    fn load(text: &str) -> Policy {
        let file = PolicyFile { file: "policy.toml", bytes: text.as_bytes() };
        Policy::load(file, None, &BTreeSet::new()).unwrap()
    }

    #[test]
    fn the_policy_of_a_new_account_loads_and_its_one_reviewer_satisfies_it() {
        let ana: Principal = "ana@laptop".parse().unwrap();
        let loaded = load(&policy(&ana, 1000, &[]));
        assert_eq!(loaded.accounts().get(&ana), Some(&1000));
        assert!(check_satisfiable(&loaded, &BTreeSet::from([ana])).is_ok());
    }

    #[test]
    fn its_example_is_a_rule_once_the_marks_are_taken_away() {
        let own = ["/home/ana/.cargo/bin".into(), "/odd/[x]".into(), "/odd/\"q".into()];
        let text = policy(&"ana@laptop".parse().unwrap(), 1000, &own);
        let used = |line: &str| {
            let bare = line.strip_prefix("# ").filter(|rest| rest.contains(" = ") || rest.starts_with('['));
            format!("{}\n", bare.unwrap_or(line))
        };
        let loaded = load(&text.lines().map(used).collect::<String>());
        assert!(loaded.rules().any(|rule| rule.id.as_str().ends_with("deploy")));
        let trusted: Vec<&str> = loaded.trusted_programs().iter().map(Glob::as_str).collect();
        assert_eq!(trusted, ["/home/ana/.cargo/bin/**", "/odd/\"q/**"]);
    }

    #[test]
    fn names_fit_whatever_the_machine_is_called() {
        for host in ["laptop", "db1.corp.example", "-x-", "", "Ünïcode", "a b\nc", &"x".repeat(300)] {
            let name = queue_name(host.as_bytes()).unwrap();
            assert!(name.as_str().len() <= 64, "{name}");
            assert!(principal(host.as_bytes(), host.as_bytes()).is_some(), "{host}");
        }
        assert!(queue_name(b"db1.corp").unwrap().as_str().starts_with("db1-"));
        assert_eq!(principal(b"ana", b"laptop.local").unwrap().as_str(), "ana@laptop");
    }
}
