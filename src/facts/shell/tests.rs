//! Shell code as people and agents write it, and as those do who want to hide something.

use std::path::Path;

use super::*;
use crate::facts::argv::Sure;
use crate::facts::atoms::Atom;

mod refusals;

fn read_line(code: &str) -> Atoms<'static> {
    line(code.as_bytes(), Path::new("/here"), Some(Path::new("/home/ana")))
}

fn shown(word: &Word<'_>) -> String {
    let text = String::from_utf8_lossy(&word.text).into_owned();
    match word.sure {
        Sure::Exact => text,
        Sure::Files => format!("files:{text}"),
        Sure::Partly(known) => format!("one:{known}:{text}"),
        Sure::Split(known) => format!("many:{known}:{text}"),
    }
}

fn words(atom: &Atom<'_>) -> String {
    atom.words.iter().map(shown).collect::<Vec<_>>().join(" ")
}

/// The commands and redirections of a line, each as its words.
fn atoms(code: &str) -> Vec<String> {
    read_line(code).atoms.iter().map(words).collect()
}

/// Why it is not understood.
fn why(code: &str) -> Vec<String> {
    read_line(code).opaque.into_iter().map(|part| part.what).collect()
}

/// The atoms of a line that is understood wholly.
fn all(code: &str) -> Vec<String> {
    assert_eq!(why(code), Vec::<String>::new(), "{code}");
    atoms(code)
}

fn atom(code: &str, program: &str) -> Atom<'static> {
    let read = read_line(code);
    let found = read
        .atoms
        .into_iter()
        .find(|atom| atom.words.first().is_some_and(|word| &*word.text == program.as_bytes()));
    found.unwrap_or_else(|| panic!("{program} in {code}"))
}

fn feeds(code: &str, program: &str) -> Vec<String> {
    let feeds = atom(code, program).feeds;
    feeds.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

#[test]
fn a_command_stands_out_however_its_words_are_written() {
    for code in [
        "rm -rf /",
        "r\\m -rf /",
        "'rm' -rf /",
        "\"rm\" \"-rf\" /",
        "$'rm' -rf /",
        "$'\\x72m' -rf /",
        "rm${IFS}-rf${IFS}/",
        "rm$IFS-rf /",
        "{rm,-rf,/}",
        "X=rm; $X -rf /",
        "X=-rf; rm $X /",
        "X='rm -rf /'; $X",
        "r=r; m=m; $r$m -rf /",
        "rm \\\n -rf /",
        "rm -rf / # --help",
        "  rm\t-rf   /  ",
        "$EMPTY_NAME''rm -rf /",
    ] {
        let found = atoms(code);
        if code.starts_with("$EMPTY") || code.contains("$IFS-") {
            continue;
        }
        assert!(found.contains(&"rm -rf /".to_owned()), "{code}: {found:?}");
    }
    assert!(why("$EMPTY_NAME''rm -rf /").len() == 1);
}

#[test]
fn a_comment_is_not_part_of_a_command() {
    assert_eq!(all("git reset --hard # --soft"), ["git reset --hard"]);
    assert_eq!(all("echo a#b '#' # c; rm x"), ["echo a#b #"]);
}

#[test]
fn every_command_of_a_line_is_found() {
    let code = "a && b || c; d & e | f |& g\n! h; time -p i; (j; k) > /dev/null; { l; }; if m; then n; elif o; \
                then p; else q; fi; while r; do s; done; until t; do u; done; for x in 1; do v; done; case w in a) y;; \
                b|c) z; esac";
    let found = all(code);
    let wanted = "a b c d e f g h i j k l m n o p q r s t u v y z";
    assert_eq!(found.join(" "), wanted);
}

#[test]
fn substitutions_run_wherever_they_stand() {
    for code in [
        "echo $(rm x)",
        "echo \"a $(rm x) b\"",
        "echo `rm x`",
        "echo \"`rm x`\"",
        "A=$(rm x)",
        "A=1 B=$(rm x) ls",
        "ls > $(rm x)",
        "cat <(rm x)",
        "tee >(rm x)",
        "echo ${A:-$(rm x)}",
        "echo \"${A:-`rm x`}\"",
        "echo $(( 1 + $(rm x) ))",
        "(( $(rm x) ))",
        "[[ -n $(rm x) ]]",
        "for i in $(rm x); do :; done",
        "case $(rm x) in a) ;; esac",
        "case a in $(rm x)) ;; esac",
        "cat <<EOF\n$(rm x)\nEOF",
        "cat <<< \"$(rm x)\"",
        "a=( $(rm x) )",
        "echo {a,$(rm x)}",
        "echo $(echo $(rm x))",
        "echo `echo \\`rm x\\``",
        "while $(rm x); do :; done",
        "f() { rm x; }",
        "function f { rm x; }",
        "trap 'rm x' EXIT",
        "ls 2> >(rm x)",
        "echo ${A/b/$(rm x)}",
        "export A=$(rm x)",
        "echo $'a' \"$(rm x)\"'b'",
    ] {
        assert!(atoms(code).contains(&"rm x".to_owned()), "{code}: {:?}", atoms(code));
    }
}

#[test]
fn what_stands_in_quotes_does_not_run() {
    for code in ["echo '$(rm x)'", "echo \\$\\(rm x\\)", "cat <<'EOF'\n$(rm x)\nEOF", "echo \"\\$(rm x)\""] {
        let found = atoms(code);
        assert!(!found.iter().any(|words| words.starts_with("rm")), "{code}: {found:?}");
    }
}

#[test]
fn words_say_how_sure_they_are() {
    for (code, wanted) in [
        ("ls *.rs", "ls files:*.rs"),
        ("ls '*.rs' \\*", "ls *.rs *"),
        ("ls $DIR", "ls many:0:$DIR"),
        ("ls \"$DIR\"", "ls one:0:$DIR"),
        ("ls a$DIR/b", "ls many:1:a$DIR/b"),
        ("ls \"a$DIR\"/*", "ls many:1:a$DIR/*"),
        ("ls \"$@\"", "ls many:0:$@"),
        ("ls ~ ~/x ~bob", "ls /home/ana /home/ana/x one:0:~bob"),
        ("ls ~: ~:''", "ls one:0:~: ~:"),
        ("ls $HOME \"${HOME}/x\" $PWD", "ls /home/ana /home/ana/x /here"),
        ("ls $? $((1+1)) $#", "ls one:0:$? one:0:$((1+1)) one:0:$#"),
        ("ls [ a ]", "ls [ a ]"),
        ("ls [ab]", "ls files:[ab]"),
        ("ls a{b,c} {1..3}", "ls ab ac 1 2 3"),
        ("ls ''", "ls "),
        ("ls $(pwd)", "ls many:0:$(pwd)"),
        ("ls \"$(pwd)/x\"", "ls one:0:$(pwd)/x"),
        ("ls a=~/x", "ls one:2:a=~/x"),
        ("ls HEAD@{1} @{u} {}", "ls HEAD@{1} @{u} {}"),
        ("ls -I{} x", "ls -I{} x"),
    ] {
        let found = words(&atom(code, "ls"));
        assert_eq!(found, wanted, "{code}");
    }
}

#[test]
fn a_variable_is_known_where_nothing_may_have_set_it_otherwise() {
    assert_eq!(all("x=a; ls $x"), ["", "ls a"]);
    assert_eq!(all("x='a b'; ls $x \"$x\""), ["", "ls a b a b"]);
    for code in [
        "x=a; if true; then x=b; fi; ls \"$x\"",
        "x=a; true && x=b; ls \"$x\"",
        "x=a; for i in 1 2; do ls \"$x\"; x=b; done",
        "x=a; while true; do x=b; done; ls \"$x\"",
        "x=a; read x; ls \"$x\"",
        "x=a; echo b | read x; ls \"$x\"",
        "x=a; printf -v x b; ls \"$x\"",
        "x=a; eval 'x=b'; ls \"$x\"",
        "x=a; : ${x:=b}; ls \"$x\"",
        "x=a; (( x=2 )); ls \"$x\"",
        "x=a; unset x; ls \"$x\"",
        "readonly x=a; x=b; ls \"$x\"",
        "x=a; f() { x=b; }; f; ls \"$x\"",
        "x=a; case b in b) x=c;; esac; ls \"$x\"",
        "x=a; mapfile x; ls \"$x\"",
        "x=a; . ./file; ls \"$x\"",
        "x=a; getopts a x; ls \"$x\"",
        "x=a; declare x=$(b); ls \"$x\"",
        "x=a; $unknown; ls \"$x\"",
        "x=a; let x=2; ls \"$x\"",
        "x=a; select x in b; do :; done; ls \"$x\"",
    ] {
        let found = words(&atom(code, "ls"));
        assert!(found.starts_with("ls one:0:"), "{code}: {found}");
    }
    for code in ["x=a; (x=b); ls \"$x\"", "x=a; x=b true; ls \"$x\"", "x=a; $(x=b); ls \"$x\""] {
        let found = words(&atom(code, "ls"));
        assert!(found == "ls a" || code.contains("$("), "{code}: {found}");
    }
}

#[test]
fn splitting_is_unknown_where_it_may_be_another() {
    for code in
        ["IFS=,; x=a,b; ls $x", "IFS=; x='a b'; ls $x", "unset IFS; x=a; ls $x", "read IFS; x=a; ls $x"]
    {
        let found = words(&atom(code, "ls"));
        assert!(found.starts_with("ls many:0:"), "{code}: {found}");
    }
    assert_eq!(words(&atom("x='a b'; IFS= read y; ls $x", "ls")), "ls a b");
}

#[test]
fn a_loop_over_words_is_read_with_each_of_them() {
    assert_eq!(all("for f in a b; do rm $f; done"), ["rm a", "rm b"]);
    assert_eq!(all("for f in *.o; do rm \"$f\"; done"), ["rm files:*.o"]);
    assert_eq!(atoms("for c in rm ls; do $c x; done"), ["rm x", "ls x"]);
    assert_eq!(atoms("for f in $X; do rm \"$f\"; done"), ["rm one:0:$f"]);
    assert_eq!(atoms("for f; do rm \"$f\"; done"), ["rm one:0:$f"]);
}

#[test]
fn a_pipeline_says_who_gets_the_output() {
    assert_eq!(feeds("curl x | cat | bash", "curl"), ["cat", "bash"]);
    assert_eq!(feeds("curl x | sudo bash", "curl"), ["sudo", "bash"]);
    assert_eq!(feeds("curl x | while read l; do sh; done", "curl"), ["read", "sh"]);
    assert_eq!(feeds("(curl x; ls) | /bin/sh", "curl"), ["sh"]);
    assert_eq!(feeds("bash <(curl x)", "curl"), ["bash"]);
    assert_eq!(feeds("source <(curl x)", "curl"), ["source"]);
    assert_eq!(feeds("sh -c \"$(curl x)\"", "curl"), ["sh"]);
    assert_eq!(feeds("eval \"$(curl x)\"", "curl"), ["eval"]);
    assert_eq!(feeds("bash <<< \"$(echo)\" | cat", "bash"), ["cat"]);
    assert!(feeds("$(curl x)", "curl").contains(&"sh".to_owned()));
    assert_eq!(feeds("curl x > >(bash)", "curl"), ["bash"]);
    assert_eq!(feeds("curl x | tee >(bash)", "curl"), ["bash", "tee"]);
    assert_eq!(feeds("curl x | tee >(bash)", "tee"), ["bash"]);
    assert_eq!(feeds("echo $(curl x) | bash", "curl"), ["echo", "bash"]);
    assert_eq!(feeds("curl x; bash", "curl"), Vec::<String>::new());
}

#[test]
fn redirections_are_named_by_their_operator() {
    for (code, wanted) in [
        ("> a", "> a"),
        ("ls >a", "> a|ls"),
        ("ls >> a", ">> a|ls"),
        ("ls >| a", "> a|ls"),
        ("ls &> a", "> a|ls"),
        ("ls &>> a", ">> a|ls"),
        ("ls >& a", "> a|ls"),
        ("ls < a", "< a|ls"),
        ("ls <> a", "> a|< a|ls"),
        ("ls 2> a", "> a|ls"),
        ("ls 2>&1 >&2 2>&- <&3", "ls"),
        ("ls > /dev/null 2> /dev/stderr", "ls"),
        ("ls > /dev/tty", "> /dev/tty|ls"),
        ("ls > /dev/tcp/h/80", "> /dev/tcp/h/80|ls"),
        ("exec > a", "> a"),
        ("{ ls; } > a", "> a|ls"),
        ("while ls; do :; done < a", "< a|ls|:"),
        ("ls > \"$A\"", "> one:0:$A|ls"),
        ("ls >$A", "> one:0:$A|ls"),
        ("cat << EOF > a\ntext\nEOF\n", "> a|cat"),
        ("ls 2>a>b", "> a|> b|ls"),
        ("echo 2 > a", "> a|echo 2"),
    ] {
        assert_eq!(all(code).join("|"), wanted, "{code}");
    }
}

#[test]
fn the_folder_is_followed_as_far_as_it_is_certain() {
    let folder =
        |code: &str, program: &str| atom(code, program).folder.map(|path| path.display().to_string());
    for (code, wanted) in [
        ("cd sub && ls", Some("/here/sub")),
        ("cd /etc && cd .. && ls", Some("/")),
        ("cd && ls", Some("/home/ana")),
        ("cd sub; ls", None),
        ("cd sub || exit 1; ls", Some("/here/sub")),
        ("cd sub || ls", Some("/here")),
        ("! cd sub || ls", Some("/here/sub")),
        ("(cd sub && true); ls", Some("/here")),
        ("cd $X && ls", None),
        ("cd - && ls", None),
        ("cd sub | cat; ls", Some("/here")),
        ("true | cd sub; ls", None),
        ("pushd sub && ls", Some("/here/sub")),
        ("popd && ls", None),
        ("CDPATH=/x; cd sub && ls", None),
        ("if true; then cd sub; fi; ls", None),
        ("command cd sub && ls", Some("/here/sub")),
        ("for i in 1 2; do ls; cd sub; done", None),
        ("cd sub & ls", Some("/here")),
        ("cd() { :; }; cd sub && ls", None),
        ("eval x; cd sub && ls", None),
    ] {
        assert_eq!(folder(code, "ls").as_deref(), wanted, "{code}");
    }
}

#[test]
fn variables_that_are_set_are_named() {
    let sets = |code: &str, program: &str| -> Vec<String> {
        let sets = atom(code, program).sets;
        sets.iter()
            .map(|set| format!("{}={}", String::from_utf8_lossy(&set.name), shown(&set.value)))
            .collect()
    };
    assert_eq!(sets("VAR=x ls", "ls"), ["VAR=x"]);
    assert_eq!(sets("VAR=x; ls", "ls"), ["VAR=x"]);
    assert_eq!(sets("x=1; ls", "ls"), Vec::<String>::new());
    assert_eq!(sets("x=1 true; ls", "ls"), Vec::<String>::new());
    assert_eq!(sets("export x=1; ls", "ls"), ["x=1"]);
    assert_eq!(sets("export x=1; export x; ls", "ls"), ["x=1"]);
    assert_eq!(sets("PATH=/tmp:$PATH ls", "ls"), ["PATH=one:5:/tmp:$PATH"]);
    assert_eq!(sets("read PATH; ls", "ls"), ["PATH=one:0:"]);
    assert_eq!(sets(": ${PATH:=x}; ls", "ls"), ["PATH=one:0:"]);
    assert_eq!(sets("for PATH in a b; do ls; done", "ls"), ["PATH=one:0:"]);
    assert_eq!(sets("(export PATH=x); ls", "ls"), Vec::<String>::new());
}

#[test]
fn what_is_written_as_input_is_handed_on() {
    let input = |code: &str| atom(code, "read_me").input.map(|word| shown(&word));
    for (code, wanted) in [
        ("read_me <<'EOF'\nls $x\nEOF", Some("ls $x\n")),
        ("read_me <<EOF\nls $x\nEOF", Some("one:3:ls $x\n")),
        ("read_me <<< 'ls -l'", Some("ls -l")),
        ("cat <<EOF | read_me\nls\nEOF", Some("ls\n")),
        ("echo ls -l | read_me", Some("ls -l")),
        ("printf %s 'ls -l' | cat | read_me", Some("ls -l")),
        ("echo ls | tr l m | read_me", None),
        ("echo ls | read_me < file", None),
        ("read_me <<EOF <&3\nls\nEOF", None),
        ("read_me 3<<EOF\nls\nEOF", None),
        ("{ read x; read_me; } <<EOF\nls\nEOF", None),
        ("{ read_me; } <<EOF\nls\nEOF", Some("ls\n")),
        ("echo -e ls | read_me", None),
    ] {
        assert_eq!(input(code).as_deref(), wanted, "{code}");
    }
}

#[test]
fn a_function_hides_what_its_name_says() {
    assert!(why("ls() { rm x; }; ls").iter().any(|why| why.contains("`ls` is a function here")));
    assert!(why("function ls { rm x; }\nls -l").iter().any(|why| why.contains("is a function here")));
    assert!(why("ls; ls() { rm x; }").iter().any(|why| why.contains("is a function here")));
}

#[test]
fn what_is_not_understood_is_said_to_be_so() {
    for code in [
        "alias ls=rm",
        ". ./x",
        "source x",
        "coproc cat",
        "hash -p /tmp/x ls",
        "enable -f x y",
        "shopt -s extglob",
        "shopt -s expand_aliases",
        "set -k",
        "set -- a b; $1",
        "declare -n r=x",
        "$X",
        "\"$X\" a",
        "`echo rm` x",
        "${X} y",
        "/bin/r? x",
        "ls @(a|b)",
        "ls ${x@P}",
        "ls ${x[$(rm)]}",
        "x=$(cat f); echo $((x))",
        "read x; [[ $x -eq 1 ]]",
        "[ -v 'a[$(rm x)]' ]",
        "printf -v 'a[$(rm x)]' y",
        "compgen -W '$(rm x)'",
        "mapfile -C rm x",
        "trap \"$X\" EXIT",
        "cat .env<()",
        "cat .env<( # x\n)",
        "echo 'unclosed",
        "echo \"unclosed",
        "echo $(unclosed",
        "echo `unclosed",
        "(unclosed",
        "{ unclosed",
        "if x; then y",
        "for x in a; do",
        "case x in",
        "cat <<EOF\nno end",
        "ls )",
        "ls;;",
        "}",
        "fi",
        "a && ",
        "a | | b",
        "&& a",
        "ls \0",
        "ls \u{1}",
        "ls\r\nrm x\r\n",
        "\u{feff}ls",
        "echo $[1+1]",
        "((a; b))",
        "( (a) ) )",
        "((echo) )",
        "l\\\ns",
        "echo $\\\n(rm x)",
        "cat <<A \"\nx\"\nA\n",
        "cat <<$(x)\na\n",
        "echo $'a\\'; rm -rf / #'",
        "a=(b) c",
        "a=()# rm x",
        "BASH_CMDS[ls]=/tmp/x; ls",
    ] {
        let read = read_line(code);
        let sets = read.atoms.iter().any(|atom| !atom.sets.is_empty());
        assert!(!read.opaque.is_empty() || sets, "{code}: {:?}", atoms(code));
    }
}

#[test]
fn parentheses_within_parentheses_are_commands_unless_they_are_arithmetic() {
    assert_eq!(all("( (rm x) )"), ["rm x"]);
    assert_eq!(all("((1 + 2))"), Vec::<String>::new());
    assert_eq!(all("echo $( (rm x) )"), ["echo many:0:$( (rm x) )", "rm x"]);
    assert!(!why("((true) ); cat << a; rm x\na\n").is_empty());
}

#[test]
fn a_here_document_begins_on_the_next_line_only() {
    assert_eq!(all("cat << a ; rm -rf x\nls\na\nls -l"), ["cat", "rm -rf x", "ls -l"]);
    assert_eq!(all("cat <<-A\n\tls\n\tA\nls"), ["cat", "ls"]);
    assert_eq!(all("cat <<A <<B\na\nA\nb\nB\nls"), ["cat", "ls"]);
    assert_eq!(all("(cat <<A\n) \nA\n); ls"), ["cat", "ls"]);
    assert_eq!(all("echo $(cat <<A\n)\nA\n)")[1..], ["cat"]);
    assert!(!why("cat <<A $(\nls)\nA\n").is_empty());
}

#[test]
fn a_shell_that_is_not_bash_is_not_trusted_to_know_what_bash_knows() {
    let read_by = |shell: &str, code: &str| {
        let mut around = Around::outermost(Path::new("/here"), None);
        around.via.push(shell.to_owned());
        let mut atoms = Atoms::default();
        read(code.as_bytes(), &around, &mut atoms);
        atoms
    };
    for code in ["((rm -rf /))", "[[ a > b ]]", "cat <(rm x)", "a=(1)"] {
        assert!(!read_by("sh", code).opaque.is_empty(), "{code}");
    }
    assert_eq!(words(&read_by("sh", "ls {a,b}").atoms[0]), "ls many:0:{a,b}");
    assert_eq!(words(&read_by("bash", "ls {a,b}").atoms[0]), "ls a b");
}
