//! What commands of every kind come down to.

use super::*;
use crate::facts::argv::Sure;

// What a command comes down to: the wrapper's own words, then each part within.
fn read(words: &[Word<'_>]) -> Vec<String> {
    let around = Around::outermost(Path::new("/srv"), None);
    let unwrapped = unwrap(words, &around);
    let line = |words: &[Word<'_>]| {
        let words = words.iter().map(|word| match word.sure {
            Sure::Exact => String::from_utf8_lossy(&word.text).into_owned(),
            sure => format!("{}<{sure:?}>", String::from_utf8_lossy(&word.text)),
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let mut said = vec![line(unwrapped.own.as_deref().unwrap_or(words))];
    for (within, change) in &unwrapped.within {
        let marks = [(change.privileged, "!"), (change.elsewhere, "@"), (change.in_shell, "$")];
        let marks: String = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
        said.push(match within {
            Within::Command(words) => format!("{marks}> {}", line(words)),
            Within::Line(code) => format!("{marks}% {}", line(std::slice::from_ref(code))),
            Within::Opaque(_) => "?".to_owned(),
        });
    }
    said
}

fn of(line: &str) -> Vec<String> {
    let words = shlex::split(line).unwrap();
    read(&words.iter().map(|word| Word::from(word.as_str())).collect::<Vec<_>>())
}

#[track_caller]
fn holds(cases: &[(&str, &[&str])]) {
    for (line, expected) in cases {
        assert_eq!(of(line), *expected, "{line}");
    }
}

#[track_caller]
fn opaque(lines: &[&str]) {
    for line in lines {
        assert!(of(line).iter().any(|part| part == "?"), "{line}: {:?}", of(line));
    }
}

#[track_caller]
fn plain(lines: &[&str]) {
    for line in lines {
        assert_eq!(of(line).len(), 1, "{line}: {:?}", of(line));
    }
}

#[test]
fn the_command_is_found_behind_options_and_operands() {
    holds(&[
        ("timeout 5 rm -rf /", &["timeout 5", "> rm -rf /"]),
        ("timeout -k 1 --signal=KILL 5s rm x", &["timeout -k 1 --signal=KILL 5s", "> rm x"]),
        ("nice -n 5 /bin/rm -f x", &["nice -n 5", "> /bin/rm -f x"]),
        ("nice -5 rm x", &["nice -5", "> rm x"]),
        ("nohup -- rm x", &["nohup --", "> rm x"]),
        ("sudo rm -rf /", &["sudo", "!> rm -rf /"]),
        ("sudo -nu root -E A=1 -- rm x", &["sudo -nu root -E A=1 --", "!> rm x"]),
        ("sudo A=1 -u root rm x", &["sudo A=1 -u root", "!> rm x"]),
        ("sudo -i rm x", &["sudo -i", "!$> rm x"]),
        ("env -i A=1 B=2 rm x", &["env -i A=1 B=2", "> rm x"]),
        ("env -S 'A=1 rm -rf' /", &["env -S A=1 rm -rf", "> env A=1 rm -rf /"]),
        ("env - rm x", &["env -", "> rm x"]),
        ("command -p rm x", &["command -p", "> rm x"]),
        ("busybox rm -rf /", &["busybox rm -rf /", "> rm -rf /"]),
        ("taskset -c 0 rm x", &["taskset -c 0", "> rm x"]),
        ("chroot /x rm y", &["chroot /x", "!@> rm y"]),
        ("setarch x86_64 -R rm x", &["setarch x86_64 -R", "> rm x"]),
        ("flock /l rm x", &["flock /l", "> rm x"]),
        ("flock -n /l -c 'rm x'", &["flock -n /l -c", "$% rm x"]),
        ("watch -n1 rm x", &["watch -n1", "$% rm x"]),
        ("watch -x rm x", &["watch -x", "> rm x"]),
        ("uv run --frozen pytest -q", &["uv run --frozen pytest -q", "> pytest -q"]),
        ("bundle exec rake x", &["bundle exec rake x", "> rake x"]),
        ("sshpass -p x ssh h ls", &["sshpass -p x", "> ssh h ls"]),
    ]);
}

#[test]
fn shell_code_is_found_wherever_it_is_given() {
    holds(&[
        ("sh -c 'rm x'", &["sh -c", "$% rm x"]),
        ("bash -lc 'rm x'", &["bash -lc", "$% rm x"]),
        ("bash -euo pipefail -c 'rm x'", &["bash -euo pipefail -c", "$% rm x"]),
        ("bash -c -e 'rm x'", &["bash -c -e", "$% rm x"]),
        ("bash -c -- 'rm x' name", &["bash -c --", "$% rm x"]),
        ("bash -c 'rm $1' x /", &["bash -c", "$% rm $1", "?"]),
        ("eval rm -rf /", &["eval", "$% rm -rf /"]),
        ("su - ana -c 'rm x'", &["su - ana -c rm x", "!$% rm x"]),
        ("runuser -u ana -- rm x", &["runuser -u ana --", "!> rm x"]),
        ("script -qc 'rm x' /dev/null", &["script -qc rm x /dev/null", "$% rm x"]),
        ("ssh -p 22 h rm -rf /", &["ssh -p 22 h", "@$% rm -rf /"]),
        ("ssh h -v 'cd / && rm x'", &["ssh h -v", "@$% cd / && rm x"]),
        ("entr -s 'rm x'", &["entr -s", "$% rm x"]),
    ]);
}

#[test]
fn what_is_found_or_read_is_known_in_part() {
    holds(&[
        ("xargs -0 rm -rf", &["xargs -0", "> rm -rf {}<Split(0)>"]),
        ("xargs -I% rm /x/%", &["xargs -I%", "> rm /x/%<Partly(3)>"]),
        ("find . -name x -exec rm {} ; -print", &["find . -name x -exec -print", "> rm ./{}<Partly(1)>"]),
        ("find /etc -exec rm -rf {} +", &["find /etc -exec", "> rm -rf /etc<Partly(4)>"]),
        ("find a b -exec rm {} ;", &["find a b -exec", "> rm {}<Partly(0)>"]),
        ("find . -exec a ; -exec b {} +", &["find . -exec -exec", "> a", "> b .<Partly(1)>"]),
        ("find . -execdir rm {} ;", &["find . -execdir", "> rm {}<Partly(0)>"]),
        ("fd -e rs -x rm", &["fd -e rs -x", "> rm {}<Split(0)>"]),
        ("fd -X rm {//}", &["fd -X", "> rm {//}<Partly(0)>"]),
    ]);
}

#[test]
fn what_runs_elsewhere_is_found() {
    holds(&[
        ("docker exec -it c rm x", &["docker exec -it c", "@> rm x"]),
        ("docker -H h run --rm -v /:/h img sh -c ls", &["docker -H h run --rm -v /:/h img", "@> sh -c ls"]),
        ("docker compose -f x exec db psql", &["docker compose -f x exec db", "@> psql"]),
        ("kubectl -n prod exec -it p -- rm x", &["kubectl -n prod exec -it p --", "@> rm x"]),
        ("kubectl exec p -c app -- sh", &["kubectl exec p -c app --", "@> sh"]),
        ("kubectl exec -n -- p -- rm x", &["kubectl exec -n -- p --", "@> rm x"]),
        ("lxc exec c -- rm x", &["lxc exec c --", "@> rm x"]),
        ("ip netns exec n rm x", &["ip netns exec n", "@> rm x"]),
    ]);
}

#[test]
fn what_git_runs_is_found() {
    holds(&[
        ("git -C x bisect run make test", &["git -C x bisect run", "> make test"]),
        ("git submodule foreach --recursive 'rm x'", &["git submodule foreach --recursive", "$% rm x"]),
        ("git submodule foreach rm x", &["git submodule foreach", "> rm x"]),
        (
            "git rebase -i --exec 'make' -x 'a b' HEAD",
            &["git rebase -i --exec make -x a b HEAD", "$% make", "$% a b"],
        ),
    ]);
    opaque(&[
        "git -c core.pager=x log",
        "git -c alias.x=!y x",
        "git --exec-path=x log",
        "git --config-env=a=b log",
        "git -ccore.sshCommand=x fetch",
        "git grep -Ox y",
        "git fetch --upload-pack=x",
        "git push --rec=x",
        "git clone -c core.pager=x y",
        "git rebase -ix y",
        "git rebase --exe y",
        "git filter-branch x",
        "git difftool -x y",
        "git submodule foreach 'rm x' y",
    ]);
    plain(&[
        "git log",
        "git -c color.ui=always -C x status",
        "git rebase main",
        "git bisect good",
        "git submodule update --init",
        "git --version",
    ]);
}

#[test]
fn what_cannot_be_told_is_not_understood() {
    opaque(&[
        "timeout --frob 5 rm x",
        "sudo -h host rm x",
        "sudo -s",
        "sudo -i echo '$HOME'",
        "env -S \"rm '-rf'\" /",
        "env A=1 -x rm",
        "bash",
        "bash x.sh",
        "bash -s",
        "bash -ic ls",
        "bash --rcfile x -c ls",
        "bash -c +x ls",
        "fish -c ls",
        "source x",
        ". x",
        "su",
        "su -c ls -s /bin/fish",
        "python3 -c 1",
        "python3.12 -Ic 1",
        "python3 -",
        "python3",
        "perl -ne 1",
        "perl -e 1 x.pl",
        "node --eval 1",
        "deno eval 1",
        "deno run https://x/y.ts",
        "awk '{system(1)}'",
        "find . -exec rm {}",
        "tar xf a --to-command=x",
        "tar xIf x y",
        "rg --pre=x y",
        "vim +x y",
        "npx x",
        "npm exec x",
        "pnpm dlx x",
        "uvx x",
        "pipx run x",
        "pipx --frob run x",
        "parallel rm ::: x",
        "tmux new -d x",
        "ssh -o ProxyCommand=x h ls",
        "ssh -F x h ls",
        "docker exec --frob c rm x",
        "docker --frob x exec c rm x",
        "docker run --entrypoint sh img -c x",
        "kubectl exec p rm x",
        "socat - EXEC:x",
        "nc -e /bin/sh h 1",
        "rsync -e x a b",
    ]);
}

#[test]
fn what_runs_nothing_else_is_plain() {
    plain(&[
        "ls -l",
        "command -v rm",
        "sudo -l",
        "env",
        "timeout --version",
        "bash --version",
        "bash -n x.sh",
        "python3 x.py -c",
        "python3 -m pytest -c x",
        "python3 --version",
        "perl -w x.pl",
        "node x.js --eval",
        "deno run x.ts",
        "bun test",
        "docker ps",
        "docker compose up -d",
        "kubectl -n prod get pods",
        "find . -name x",
        "find . -name -exec",
        "fd x",
        "tar xf a.tar -C x",
        "tar --exclude=IF -czf a b",
        "ssh host",
        "npm run build",
        "pnpm install",
        "uv sync",
        "pipx list",
        "poetry install",
        "tmux ls",
        "xargs",
        "nc -z h 1",
        "rsync -a a b",
    ]);
}

#[test]
fn a_word_only_known_at_run_time_begins_no_command() {
    let word = |text: &'static str, sure| Word { text: text.as_bytes().into(), sure };
    for words in [
        vec!["timeout".into(), word("$T", Sure::Split(0)), "rm".into()],
        vec!["timeout".into(), word("$T", Sure::Partly(0)), "rm".into()],
        vec!["sudo".into(), word("$X", Sure::Split(0)), "rm".into()],
        vec!["env".into(), word("A=$X", Sure::Split(2)), "rm".into()],
        vec!["find".into(), ".".into(), word("$X", Sure::Split(0))],
        vec!["find".into(), ".".into(), "-exec".into(), "rm".into(), word("$X", Sure::Split(0)), ";".into()],
        vec!["docker".into(), word("$X", Sure::Split(0)), "c".into()],
        vec!["docker".into(), "exec".into(), word("$X", Sure::Split(0)), "c".into()],
        vec!["ssh".into(), word("$X", Sure::Split(0)), "ls".into()],
        vec!["bash".into(), word("$X", Sure::Split(0))],
        vec!["rg".into(), word("$X", Sure::Partly(0))],
        vec!["python3".into(), word("$X", Sure::Partly(0))],
    ] {
        assert!(read(&words).contains(&"?".to_owned()), "{words:?} {:?}", read(&words));
    }
}

#[test]
fn what_is_changed_for_the_command_is_told() {
    let around = Around::outermost(Path::new("/srv"), None);
    let change = |line: &str| {
        let words: Vec<String> = shlex::split(line).unwrap();
        let words: Vec<Word<'_>> = words.iter().map(|word| Word::from(word.as_str())).collect();
        unwrap(&words, &around).within.into_iter().next().unwrap().1
    };
    let sets = |line: &str| {
        let sets = change(line).sets.into_iter();
        let text = sets.map(|set| [&set.name[..], b"=", &set.value.text].concat());
        text.map(|text| String::from_utf8(text).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(sets("env A=1 B= ls"), ["A=1", "B="]);
    assert_eq!(sets("env -u DRY_RUN ls"), ["DRY_RUN="]);
    assert_eq!(sets("sudo A=1 ls"), ["A=1"]);
    assert_eq!(change("env -C sub ls").folder, Some(Some("/srv/sub".into())));
    assert_eq!(change("sudo -D /x ls").folder, Some(Some("/x".into())));
    assert_eq!(change("sudo -i ls").folder, Some(None));
    assert_eq!(change("find . -execdir ls ;").folder, Some(None));
}

#[test]
fn the_words_within_are_found_behind_quotes_and_separators() {
    let found = pieces(b"cd /tmp; r'm' -rf \"x\" && (echo)", 99);
    let found: Vec<_> = found.iter().map(|word| String::from_utf8_lossy(word)).collect();
    assert_eq!(found, ["cd", "/tmp", "rm", "-rf", "x", "echo"]);
}
