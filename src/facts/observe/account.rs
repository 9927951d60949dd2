//! Which account runs the command, and whose person asks for it.
//! Reads the process's ids and the user database.

use std::cell::OnceCell;
use std::ffi::OsStr;

use nix::unistd::{Gid, Uid, User, getgrouplist};

use crate::files::Groups;
use crate::record::Text;
use crate::request::Account;

/// The account a command would run as: the one this process has.
#[must_use]
pub fn execution() -> Account {
    named(execution_uid())
}

/// The same, when `asker` is known already and most often it.
#[must_use]
pub fn execution_beside(asker: &Account) -> Account {
    if asker.uid == rustix::process::geteuid().as_raw() { asker.clone() } else { execution() }
}

/// The account that asks. Only root's word on who called is taken: `sudo_uid` (sudo(8)) is anybody's to set.
#[must_use]
pub fn requester(sudo_uid: Option<&OsStr>) -> Account {
    named(requester_uid(sudo_uid))
}

/// The uid of [`requester`], without asking the user database for a name.
#[must_use]
pub fn requester_uid(sudo_uid: Option<&OsStr>) -> u32 {
    let own = rustix::process::getuid().as_raw();
    let caller = sudo_uid.filter(|_| own == 0).and_then(OsStr::to_str).and_then(|uid| uid.parse().ok());
    caller.unwrap_or(own)
}

/// The groups of an account, for what it could write; looked up when first asked for.
#[derive(Debug)]
pub struct GroupsOf {
    uid: u32,
    gids: OnceCell<Vec<u32>>,
}

impl GroupsOf {
    /// Those of this account.
    #[must_use]
    pub const fn uid(uid: u32) -> Self {
        Self { uid, gids: OnceCell::new() }
    }
}

impl Groups for GroupsOf {
    fn hold(&self, gid: u32) -> bool {
        self.gids.get_or_init(|| groups(self.uid)).binary_search(&gid).is_ok()
    }
}

// Empty when the system does not know the account.
fn groups(uid: u32) -> Vec<u32> {
    let known = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    let listed = known.and_then(|user| {
        let name = std::ffi::CString::new(user.name).ok()?;
        getgrouplist(&name, user.gid).ok()
    });
    let mut groups: Vec<u32> = listed.unwrap_or_default().into_iter().map(Gid::as_raw).collect();
    if uid == rustix::process::getuid().as_raw() {
        groups.push(rustix::process::getgid().as_raw());
        groups.extend(rustix::process::getgroups().unwrap_or_default().iter().map(|gid| gid.as_raw()));
    }
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// The account a command would run as, by number only.
#[must_use]
pub fn execution_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The account's name in the user database, or its number.
fn named(uid: u32) -> Account {
    let known = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    Account { uid, name: known.map_or_else(|| uid.to_string(), |user| user.name).into() }
}

/// The machine's name (uname(2)).
#[must_use]
pub fn host() -> Text {
    rustix::system::uname().nodename().to_bytes().to_vec().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_may_say_on_whose_behalf_it_asks() {
        let own = rustix::process::getuid().as_raw();
        let said = requester(Some(OsStr::new("54321")));
        assert_eq!(said.uid, if own == 0 { 54_321 } else { own });
        assert_eq!(requester(Some(OsStr::new("54321; id"))).uid, own);
        assert_eq!(requester(None).uid, own);
    }

    #[test]
    fn an_account_without_a_name_has_its_number() {
        assert_eq!(named(54_321).name.plain(), Some("54321"));
        assert_eq!(named(0).name.plain(), Some("root"));
    }

    #[test]
    fn our_own_group_is_among_our_groups() {
        let groups = GroupsOf::uid(requester_uid(None));
        assert!(groups.hold(rustix::process::getgid().as_raw()));
        assert!(!groups.hold(54_321));
    }
}
