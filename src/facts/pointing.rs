//! Which environment a command points at by its own words: variables, options, addresses and folders.
//! Pure; wide, for rules that stop: a value only known at run time may name any environment.

use super::Observed;
use super::argv::{Sure, Word};
use super::atoms::Atom;

// Variables that say where a program works; `*` stands at an end. What is not among them counts only when its value
// is certain and set for the command.
const TELLING: &str = "*_ENV ENV ENVIRONMENT *_ENVIRONMENT STAGE *_STAGE *_PROFILE *_PROFILES_ACTIVE *_SETTINGS_MODULE \
    KUBECONFIG *_CONTEXT KUBECONTEXT *_WORKSPACE *DATABASE_URL *_DSN PGHOST PGSERVICE *_DATABASE_HOST DB_HOST DB_URL \
    *_NAMESPACE *_CLUSTER *_PROJECT *_SUBSCRIPTION *_SUBSCRIPTION_ID *_ACTIVE_CONFIG_NAME DOCKER_HOST *_ACCOUNT \
    *_INVENTORY *_REMOTE";
// Options whose value says so, the value joined or the next word.
const OPTIONS: &str = "--context --kube-context --kubeconfig --profile --namespace -n --environment --env -e -E --stage \
    --workspace --project --cluster --account --subscription --resource-group -g --host -h --database -d --dbname --url \
    --uri --dsn --settings --config --config-name --var-file -chdir --stack --app -a --target --inventory -i --limit -l \
    --hub --org --configuration --connection --remote --var -var -x -D --conf --schema";
// These read none of it.
const DEAF: &str = "rm grm srm dd gdd shred mkfs wipefs fdisk sfdisk gdisk parted";

/// Whether the command may point at one of these environments, whatever its declared one.
#[must_use]
pub fn may_point_at(atom: &Atom<'_>, seen: &Observed, environments: &[String]) -> bool {
    let named = |text: &[u8]| names(text, environments);
    let may = |text: &[u8], sure: Sure| sure != Sure::Exact && sure != Sure::Files || named(text);
    let Some(command) = atom.as_command() else { return false };
    let listens = !has(DEAF, command.name());
    let words = command.words();
    let set = |name: &[u8], value: &Word<'_>| match value.certain() {
        Some(text) => named(text),
        None => is_telling(name),
    };
    let bound = |(name, value): (&[u8], Option<&[u8]>)| is_telling(name) && value.is_none_or(named);
    let within = |word: &Word<'_>| {
        let address = holds(&word.text, b"://") || word.text.contains(&b'@');
        let at = word.text.iter().position(|&b| b == b'=').map(|at| at + 1);
        let value = at.and_then(|at| word.text.get(at..)).filter(|_| word.sure == Sure::Exact);
        value.is_some_and(named) || (address && named(&word.text))
    };
    let folder = || below_the_checkout(atom, seen).is_some_and(|folder| named(&folder));
    let variable = || {
        let handed_on = seen.variables.iter().map(|(name, value)| (&**name, value.as_deref()));
        atom.sets.iter().any(|here| set(&here.name, &here.value)) || handed_on.into_iter().any(bound)
    };
    let option = |name: &str| values(words, name).any(|(text, sure)| may(text, sure));
    (listens && variable())
        || words.iter().any(within)
        || OPTIONS.split_ascii_whitespace().any(option)
        || folder()
}

/// The values that some reading of the words gives the option `name`: joined, behind `=`, or the next word.
pub fn values<'w>(words: &'w [Word<'_>], name: &'w str) -> impl Iterator<Item = (&'w [u8], Sure)> {
    let given = move |(at, word): (usize, &'w Word<'_>)| -> Option<(&'w [u8], Sure)> {
        match place(word, name)? {
            Some(start) => Some((word.text.get(start..)?, word.sure.from(start))),
            None => words.get(at + 1).map(|word| (&*word.text, word.sure)),
        }
    };
    words.iter().enumerate().filter_map(given)
}

// Where in a word the value of the option stands, if the word is that option; none inside when it is the next word.
fn place(word: &Word<'_>, name: &str) -> Option<Option<usize>> {
    let text = word.text.strip_prefix(b"-").filter(|rest| !rest.is_empty())?;
    let body = name.trim_start_matches('-').as_bytes();
    let head = word.text.iter().position(|&b| b == b'=');
    if let ([letter], true) = (body, !text.starts_with(b"-")) {
        let rest = text.strip_prefix(&[*letter]);
        let cluster =
            || text.ends_with(&[*letter]) && text.len() < 5 && text.iter().all(u8::is_ascii_alphabetic);
        return match rest {
            Some(b"") => Some(None),
            Some([b'=', ..]) => Some(Some(3)),
            Some(_) => Some(Some(2)),
            None => cluster().then_some(None),
        };
    }
    let given = word.text.get(..head.unwrap_or(word.text.len()))?;
    let is_long = given.starts_with(b"--");
    let given = given.strip_prefix(b"--").unwrap_or(given.get(1..)?);
    let same = given == body || (is_long && given.len() > 2 && body.starts_with(given));
    (same && body.len() > 1).then_some(head.map(|at| at + 1))
}

// What is below the top of the checkout: its own name says nothing of where a command works.
fn below_the_checkout(atom: &Atom<'_>, seen: &Observed) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    let folder = atom.folder.as_deref().unwrap_or(&seen.cwd);
    let rest = folder.strip_prefix(seen.repository.as_deref()?).ok()?;
    Some(rest.as_os_str().as_bytes().to_vec())
}

/// Whether some word of the text names one of these environments: `eks-prod-1`, `settings.production`, not `preprod`.
#[must_use]
pub fn names(text: &[u8], environments: &[String]) -> bool {
    let lower = text.to_ascii_lowercase();
    let parts: Vec<&[u8]> =
        lower.split(|b| !b.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let is = |part: &[u8]| {
        let part = part.strip_suffix(b"s").filter(|part| part.ends_with(b"prod")).unwrap_or(part);
        let end = part.iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |at| at + 1);
        let name = part.get(..end).unwrap_or(part);
        let same = |wanted: &String| {
            let before = name.len().checked_sub(wanted.len()).and_then(|at| name.split_at_checked(at));
            before.is_some_and(|(before, rest)| {
                rest.eq_ignore_ascii_case(wanted.as_bytes()) && !NOT.contains(&before) && wanted.len() > 3
                    || name.eq_ignore_ascii_case(wanted.as_bytes())
            })
        };
        environments.iter().any(same)
    };
    parts.iter().enumerate().any(|(at, part)| {
        let before = at.checked_sub(1).and_then(|at| parts.get(at));
        is(part) && !before.is_some_and(|before| NOT.contains(before))
    })
}

const NOT: [&[u8]; 5] = [b"non", b"pre", b"not", b"no", b"re"];

fn is_telling(name: &[u8]) -> bool {
    TELLING.split_ascii_whitespace().any(|known| match known.strip_prefix('*') {
        Some(end) => name.ends_with(end.as_bytes()),
        None => name == known.as_bytes(),
    })
}

fn has(list: &str, name: &[u8]) -> bool {
    list.split_ascii_whitespace().any(|known| known.as_bytes() == name)
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        let production = ["prod".to_owned(), "production".to_owned()];
        for text in [
            "prod",
            "Production",
            "eks-prod-1",
            "app.settings.production",
            "arn:aws:eks:eu:1:cluster/prod2",
            "postgres://u:p@prod-db.internal/x",
            "eksprod",
            "envs/prod/main.tfvars",
            "x=prod",
        ] {
            assert!(names(text.as_bytes(), &production), "{text}");
        }
        for text in [
            "",
            "product",
            "products",
            "preprod",
            "pre-prod",
            "non_prod",
            "staging",
            "reproduction",
            "produce",
        ] {
            assert!(!names(text.as_bytes(), &production), "{text}");
        }
        assert!(names(b"stg-eu", &["stg".to_owned()]) && !names(b"postg", &["stg".to_owned()]));
    }

    fn given(line: &str, name: &str) -> Vec<String> {
        let words: Vec<Word<'_>> = line.split(' ').map(Word::from).collect();
        values(&words, name).map(|(text, _)| String::from_utf8(text.to_vec()).unwrap()).collect()
    }

    #[test]
    fn the_value_of_an_option_is_joined_or_the_next_word() {
        for line in ["--context=a", "--context a", "-context=a", "-context a", "--cont=a", "x --context a b"]
        {
            assert_eq!(given(line, "--context"), ["a"], "{line}");
        }
        for line in ["-n a", "-na", "-n=a", "-itn a", "x -n a"] {
            assert_eq!(given(line, "-n"), ["a"], "{line}");
        }
        assert_eq!(given("-chdir=a", "-chdir"), ["a"]);
        for (line, name) in
            [("--contexts=a", "--context"), ("n a", "-n"), ("--n a", "--context"), ("-n", "-n")]
        {
            assert!(given(line, name).is_empty(), "{line}");
        }
    }
}
