//! The law of wrappers: whatever runs a command, what stops the command stops it there too.

use proptest::prelude::*;

use super::laws::{PIECES, as_facts, facts, load, no_milder, packs, words};
use super::{Policy, Verdict};

// Spellings of wrappers; `…` is the command within, `'…'` the same as one word of shell code.
const WRAPPERS: &str = "\
    sudo … | sudo -nu root -E … | sudo A=1 -- … | sudo -i … | sudo --user=root … | doas -u x … | pkexec … | \
    run0 --user=x … | runuser -u x -- … | env … | env -i A=1 … | env -u A - … | env -C . … | timeout 5 … | \
    timeout -k 1 --signal=KILL 5s … | nice … | nice -n 5 … | nice -5 … | ionice -c2 -n7 … | nohup … | \
    setsid -w … | stdbuf -oL … | time … | time -p … | command … | exec -a x … | builtin … | xargs … | \
    xargs -0n1 … | xargs -I% … | watch -x … | flock -n /l … | strace -f … | busybox … | taskset -c 0 … | \
    chrt -f 1 … | numactl -N 0 … | prlimit --nofile=1 … | setpriv --reuid=1 … | chroot /r … | \
    setarch x86_64 -R … | linux32 … | unshare -r … | nsenter -t 1 -m … | systemd-run --scope … | \
    find . -name x -exec … ; | find . -ok … ; -print | find /x -execdir … ; | fd -x … | docker exec -it c … | \
    docker run --rm -v /:/h img … | docker compose exec -T db … | kubectl -n p exec pod -- … | lxc exec c -- … | \
    poetry run … | uv run … | bundle exec … | sudo -u x env A=1 nice -n 5 … | ip netns exec n … | \
    xvfb-run -a … | fakeroot … | faketime x … | unbuffer … | entr -r … | sshpass -p x sudo … | caffeinate -i … | \
    dbus-run-session -- … | git bisect run … | git submodule foreach … | \
    sh -c '…' | bash -lc '…' | bash -euo pipefail -c '…' name | zsh -c '…' | eval '…' | su -c '…' | \
    su - x -c '…' | runuser -c '…' x | flock /l -c '…' | watch -n 1 '…' | script -qc '…' /dev/null | ssh h '…' | \
    ssh -p 22 u@h -v '…' | sudo -u x bash -c '…' | docker exec c sh -lc '…' | git rebase --exec '…' x | \
    git submodule foreach '…' | entr -s '…' | xargs -0 sh -c '…' | find . -exec sh -c '…' ; | env -i sh -c '…'";

fn spellings() -> Vec<&'static str> {
    WRAPPERS.split('|').map(str::trim).collect()
}

fn wrap(wrapper: &str, words: &[String]) -> Vec<String> {
    // A find within a find cannot be written so: the first `;` ends both.
    if wrapper.contains(';') && words.iter().any(|word| word == ";") {
        return words.to_vec();
    }
    let code = || shlex::try_join(words.iter().map(String::as_str)).unwrap();
    let word = |word: &str| match word {
        "…" => words.to_vec(),
        "'…'" => vec![code()],
        _ => vec![word.to_owned()],
    };
    wrapper.split(' ').flat_map(word).collect()
}

fn judged(policy: &Policy, words: &[String]) -> Verdict {
    policy.judge(&as_facts(words)).verdict
}

proptest! {
    #[test]
    fn wrapping_a_command_never_weakens(
        words in words().prop_filter("no program begins so", |words| !words[0].starts_with('-')),
        wrappers in prop::collection::vec(prop::sample::select(spellings()), 1..=5),
    ) {
        let policy = load(&PIECES.concat());
        let before = judged(&policy, &words);
        let wrapped = wrappers.iter().fold(words, |words, wrapper| wrap(wrapper, &words));
        let now = judged(&policy, &wrapped);
        prop_assert!(no_milder(&now, &before), "{wrapped:?}\n{before:?}\n{now:?}");
    }

    #[test]
    fn no_options_of_a_wrapper_hide_what_it_runs(
        wrapper in prop::sample::select(spellings()).prop_filter("an option is no code", |wrapper| !wrapper.contains('\'')),
        options in prop::collection::vec(prop::sample::select(vec!["-x", "--frob", "--frob=1", "-n", "--", "-c"]), 0..3),
    ) {
        // What `watch` takes for the value of an option is not run.
        prop_assume!(!(wrapper.starts_with("watch") && options.contains(&"-n")));
        let within: Vec<String> = ["rm", "-rf", "/"].map(str::to_owned).into();
        let within = options.into_iter().map(str::to_owned).chain(within).collect::<Vec<_>>();
        prop_assert_eq!(judged(&packs(), &wrap(wrapper, &within)).rank(), 2, "{} {:?}", wrapper, within);
    }
}

#[test]
fn every_spelling_keeps_a_denial_and_lets_nothing_through_that_is_not_allowed() {
    let policy = packs();
    let words = |line: &str| shlex::split(line).unwrap();
    for wrapper in spellings() {
        assert_eq!(judged(&policy, &wrap(wrapper, &words("rm -rf /"))).rank(), 2, "{wrapper}");
        assert!(judged(&policy, &wrap(wrapper, &words("git push -f"))).rank() >= 1, "{wrapper}");
        assert!(judged(&policy, &wrap(wrapper, &words("unknown"))).rank() >= 1, "{wrapper}");
    }
}

#[test]
fn code_that_cannot_be_read_still_hides_no_rule() {
    let policy = packs();
    for line in [
        "python3 -c 'import os; os.system(\"rm -rf /\")'",
        "perl -e 'system(\"rm -rf /\")'",
        "awk 'BEGIN{system(\"rm -rf /\")}'",
        "fish -c 'rm -rf /'",
        "parallel rm -rf / ::: x",
        "tmux new-session -d 'rm -rf /'",
        "env -S 'rm \"-rf\"' /",
        "bash -c '$0 $@' rm -rf /",
        "tar xf a --to-command='rm -rf /'",
        "ssh -o ProxyCommand='rm -rf /' h",
        "git -c core.pager='rm -rf /' log",
    ] {
        assert_eq!(policy.judge(&facts(line)).verdict.rank(), 2, "{line}");
    }
}
