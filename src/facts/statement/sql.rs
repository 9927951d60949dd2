//! What SQL statements do, by their words.
//! Pure. A verb counts wherever it may begin something: within `WITH`, behind `EXPLAIN ANALYZE`, in a block.

use super::lexer::{Dialect, Token, lex};
use super::{Kind, Kinds};

// Of a longer statement this many words are read at a time, and so many of them again with the next.
const LONGEST: usize = 256;
const AGAIN: usize = 64;
// How deep code lies in quotes of code.
const DEEPEST: usize = 3;

/// The kinds of statement in this code.
#[must_use]
pub fn kinds(code: &[u8], dialect: Dialect) -> Kinds {
    read(code, dialect, 0)
}

/// The kinds of statement in this code, whose lines may be commands of the client that begin with `sign`.
#[must_use]
pub fn kinds_with_commands(code: &[u8], dialect: Dialect, sign: u8) -> Kinds {
    let is_command = |line: &&[u8]| line.trim_ascii_start().first() == Some(&sign);
    let (commands, rest): (Vec<&[u8]>, Vec<&[u8]>) = code.split(|&b| b == b'\n').partition(is_command);
    if commands.is_empty() {
        return kinds(code, dialect);
    }
    let of_commands = commands.iter().fold(Kinds::default(), |all, line| all.or(kinds(line, dialect)));
    of_commands.or(kinds(&rest.join(&b'\n'), dialect))
}

fn read(code: &[u8], dialect: Dialect, depth: usize) -> Kinds {
    let (tokens, whole) = lex(code, dialect);
    let mut all = Kinds::default();
    for statement in tokens.split(|token| *token == Token::Sign(b';')).filter(|tokens| !tokens.is_empty()) {
        all = all.or(if statement.len() > LONGEST { in_parts(statement) } else { one(statement) });
        if depth < DEEPEST && holds_code(statement) {
            let texts = statement.iter().filter_map(|token| match token {
                Token::Text(text) => Some(*text),
                _ => None,
            });
            all = texts.fold(all, |all, text| all.or(read(text, dialect, depth + 1)));
        }
    }
    if whole { all } else { all.and(Kind::Other) }
}

// What a word says may hang on any other, so the time would grow with the square of the length. Nothing is certain
// of so long a statement.
fn in_parts(tokens: &[Token<'_>]) -> Kinds {
    let starts = (0..tokens.len()).step_by(LONGEST - AGAIN);
    let parts = starts.map(|at| tokens.get(at..tokens.len().min(at + LONGEST)).unwrap_or_default());
    parts.fold(Kinds::of(&[Kind::Other]), |all, part| all.or(one(part)))
}

fn one(tokens: &[Token<'_>]) -> Kinds {
    let first = |words: &[&str]| tokens.first().is_some_and(|token| words.iter().any(|word| token.is(word)));
    let asks = first(&["show", "describe", "desc", "help"]) || (first(&["explain"]) && !analyzes(tokens));
    let start = commands_of_the_client(tokens).unwrap_or_else(|| head(tokens));
    if asks {
        return start;
    }
    let each = |at: usize| verb(tokens, at).or(by_function(tokens, at)).or(escape(tokens, at));
    let kinds = (0..tokens.len()).map(each).fold(start, Kinds::or);
    if kinds == Kinds::default() && !first(&WRAPPING) && !first(&["start"]) {
        return Kinds::of(&[Kind::Other]);
    }
    // Who may do what is said with the verbs it is about.
    if first(&["grant", "revoke"]) {
        return [Kind::Drop, Kind::Truncate]
            .into_iter()
            .filter(|kind| kinds.has(*kind))
            .fold(Kinds::of(&[Kind::Grant]), Kinds::and);
    }
    kinds
}

fn analyzes(tokens: &[Token<'_>]) -> bool {
    has(tokens, "analyze") || has(tokens, "analyse")
}

// mysql(1) takes commands of its own within a statement; `\G` ends one.
fn escape(tokens: &[Token<'_>], at: usize) -> Kinds {
    let ends = |next: &Token<'_>| matches!(next, Token::Word(b"G" | b"g"));
    let escapes = at > 0 && tokens.get(at) == Some(&Token::Sign(b'\\'));
    match tokens.get(at + 1) {
        Some(next) if escapes && ends(next) && tokens.len() == at + 2 => Kinds::default(),
        _ if escapes => Kinds::of(&[Kind::Run, Kind::Other]),
        _ => Kinds::default(),
    }
}

const READING: [&str; 11] =
    ["select", "show", "describe", "desc", "values", "table", "with", "help", "explain", "use", "from"];
const WRAPPING: [&str; 5] = ["begin", "commit", "end", "rollback", "abort"];
const OF_VERBS: [&str; 14] = [
    "insert", "update", "delete", "merge", "replace", "upsert", "drop", "truncate", "alter", "create",
    "grant", "revoke", "copy", "comment",
];
const PRAGMAS: [&str; 14] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "database_list",
    "integrity_check",
    "quick_check",
    "compile_options",
    "function_list",
    "collation_list",
];

// What the first word says.
fn head(tokens: &[Token<'_>]) -> Kinds {
    let first = tokens.iter().find(|token| **token != Token::Sign(b'('));
    let Some(Token::Word(word)) = first else { return Kinds::of(&[Kind::Other]) };
    let is = |list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    if is(&WRAPPING) || (is(&["start"]) && has(tokens, "transaction")) {
        return Kinds::default();
    }
    if is(&READING) {
        // `EXPLAIN ANALYZE` runs what it explains; locks are held for others to wait on.
        let reads = if locks(tokens) || has(tokens, "into") { Kind::Other } else { Kind::Read };
        return Kinds::of(&[reads]);
    }
    if is(&["pragma"]) {
        let sets = tokens.contains(&Token::Sign(b'='));
        let asks = tokens.iter().any(|token| PRAGMAS.iter().any(|known| token.is(known)));
        let plain = !tokens.contains(&Token::Sign(b'('));
        return Kinds::of(&[if !sets && (asks || plain) { Kind::Read } else { Kind::Other }]);
    }
    if is(&["rename"]) {
        return Kinds::of(&[Kind::Alter]);
    }
    if is(&["reassign"]) {
        return Kinds::of(&[Kind::Grant]);
    }
    if is(&["load"]) && has(tokens, "data") {
        return Kinds::of(&[Kind::Insert]);
    }
    if is(&["copy"]) {
        return copy(tokens);
    }
    if is(&OF_VERBS) { Kinds::default() } else { Kinds::of(&[Kind::Other]) }
}

fn has(tokens: &[Token<'_>], word: &str) -> bool {
    tokens.iter().any(|token| token.is(word))
}

fn locks(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).any(|pair| match pair {
        [first, second] => {
            first.is("for") && ["update", "share", "no", "key"].iter().any(|word| second.is(word))
        }
        _ => false,
    })
}

// What a verb at this place does, if it begins something.
fn verb(tokens: &[Token<'_>], at: usize) -> Kinds {
    const BEFORE: [&str; 12] =
        ["on", "for", "after", "before", "of", "or", "grant", "revoke", "no", "key", "instead", "if"];
    let rest = tokens.get(at..).unwrap_or_default();
    let Some(token @ Token::Word(_)) = rest.first() else { return Kinds::default() };
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let calls = rest.get(1) == Some(&Token::Sign(b'('));
    // `ON DELETE CASCADE`, `FOR UPDATE`, `replace(…)`, `t.update`: no verbs.
    let named = before == Some(&Token::Sign(b'.'));
    let part = before.is_some_and(|before| BEFORE.iter().any(|word| before.is(word)));
    if named || part && !(token.is("update") && is_upsert(tokens, at)) || (calls && token.is("replace")) {
        return Kinds::default();
    }
    let upserts = is_upsert(tokens, at);
    let kinds: &[Kind] = if token.is("insert") || token.is("upsert") || (token.is("replace") && at == 0) {
        &[Kind::Insert]
    } else if token.is("merge") {
        &[Kind::Insert, Kind::Update]
    } else if token.is("update") && !upserts && is_for_all(rest) {
        &[Kind::Update, Kind::UpdateAll]
    } else if token.is("update") {
        &[Kind::Update]
    } else if token.is("delete") && !in_merge(tokens, at) && is_for_all(rest) {
        &[Kind::Delete, Kind::DeleteAll]
    } else if token.is("delete") {
        &[Kind::Delete]
    } else if token.is("truncate") && !calls {
        &[Kind::Truncate]
    } else if token.is("grant") || token.is("revoke") {
        &[Kind::Grant]
    } else if token.is("alter") && at == 0 && has(tokens, "privileges") || token.is("comment") && at == 0 {
        &[Kind::Alter]
    } else {
        return of_objects(tokens, at);
    };
    Kinds::of(kinds)
}

fn of_objects(tokens: &[Token<'_>], at: usize) -> Kinds {
    let rest = tokens.get(at..).unwrap_or_default();
    let (Some(token), next) = (rest.first(), rest.get(1)) else { return Kinds::default() };
    let object = next.is_some_and(|next| matches!(next, Token::Word(_) | Token::Name(_)));
    let of_people = next
        .is_some_and(|next| ["role", "user", "group", "login"].iter().any(|word| next.is(word)))
        || (has(rest, "default") && has(rest, "privileges"));
    let grant = |kind: Kind| if of_people { Kinds::of(&[kind, Kind::Grant]) } else { Kinds::of(&[kind]) };
    if !object {
        return Kinds::default();
    }
    if token.is("drop") {
        return if drops_a_rule(tokens, at) { Kinds::default() } else { grant(Kind::Drop) };
    }
    match () {
        () if token.is("create") => grant(Kind::Create),
        () if token.is("alter") => grant(Kind::Alter),
        () => Kinds::default(),
    }
}

// `ALTER … DROP CONSTRAINT`: no data goes with it.
fn drops_a_rule(tokens: &[Token<'_>], at: usize) -> bool {
    const RULES: [&str; 9] =
        ["constraint", "default", "not", "index", "key", "foreign", "check", "expression", "identity"];
    let alters = tokens.iter().take(at).any(|token| token.is("alter"));
    alters && tokens.get(at + 1).is_some_and(|next| RULES.iter().any(|word| next.is(word)))
}

fn copy(tokens: &[Token<'_>]) -> Kinds {
    if has(tokens, "program") {
        return Kinds::of(&[Kind::Run]);
    }
    if has(tokens, "stdout") && !has(tokens, "from") {
        return Kinds::of(&[Kind::Read]);
    }
    Kinds::of(&[if has(tokens, "to") { Kind::Other } else { Kind::Insert }])
}

// `ON CONFLICT … DO UPDATE`, `ON DUPLICATE KEY UPDATE`, `WHEN MATCHED THEN UPDATE`: of some rows only.
fn is_upsert(tokens: &[Token<'_>], at: usize) -> bool {
    let before = tokens.get(..at).unwrap_or_default();
    let last = before.last();
    last.is_some_and(|last| last.is("do")) && has(before, "conflict")
        || last.is_some_and(|last| last.is("key")) && has(before, "duplicate")
        || in_merge(tokens, at)
}

fn in_merge(tokens: &[Token<'_>], at: usize) -> bool {
    let before = tokens.get(..at).unwrap_or_default();
    before.last().is_some_and(|last| last.is("then")) && has(before, "merge")
}

// Whether what begins here has no condition, or one that always holds.
fn is_for_all(rest: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    let mut end = rest.len();
    let mut start = None;
    for (at, token) in rest.iter().enumerate() {
        match token {
            Token::Sign(b'(') => depth += 1,
            Token::Sign(b')') if depth == 0 => {
                end = at;
                break;
            }
            Token::Sign(b')') => depth -= 1,
            token if depth == 0 && start.is_none() && token.is("where") => start = Some(at + 1),
            token if depth == 0 && start.is_some() && ends_condition(token) => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let Some(start) = start else { return true };
    let condition = rest.get(start..end).unwrap_or_default();
    condition.split(|token| token.is("or")).any(always_holds)
}

fn ends_condition(token: &Token<'_>) -> bool {
    ["returning", "order", "limit", "option"].iter().any(|word| token.is(word))
}

// A condition about no column, or in which a thing is compared with itself.
fn always_holds(condition: &[Token<'_>]) -> bool {
    const PLAIN: [&str; 8] = ["true", "false", "and", "or", "not", "null", "is", "like"];
    let bare: Vec<&Token<'_>> =
        condition.iter().filter(|token| !matches!(token, Token::Sign(b'(' | b')'))).collect();
    if let [left, Token::Sign(b'='), right] = bare.as_slice() {
        return left == right || !(is_column(left) || is_column(right));
    }
    let column = |token: &&&Token<'_>| is_column(token) && !PLAIN.iter().any(|word| token.is(word));
    !bare.iter().any(|token| column(&token))
}

fn is_column(token: &Token<'_>) -> bool {
    match token {
        Token::Name(_) => true,
        Token::Word(word) => !word.first().is_some_and(u8::is_ascii_digit) && !token.is("true"),
        _ => false,
    }
}

// Functions that run programs, or read or write files where the database runs.
const RUNNING: [&str; 16] = [
    "xp_cmdshell",
    "sys_exec",
    "sys_eval",
    "sys_bineval",
    "load_file",
    "load_extension",
    "writefile",
    "readfile",
    "edit",
    "lo_import",
    "lo_export",
    "pg_read_file",
    "pg_read_binary_file",
    "pg_write_file",
    "sp_oacreate",
    "shellfs",
];
// Functions that change something, or that take code.
const CHANGING: [&str; 32] = [
    "pg_terminate_backend",
    "pg_cancel_backend",
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_switch_wal",
    "pg_promote",
    "pg_ls_dir",
    "pg_notify",
    "pg_advisory_lock",
    "pg_advisory_xact_lock",
    "pg_try_advisory_lock",
    "pg_file_write",
    "pg_logical_emit_message",
    "pg_create_restore_point",
    "pg_create_physical_replication_slot",
    "pg_create_logical_replication_slot",
    "pg_drop_replication_slot",
    "pg_replication_slot_advance",
    "pg_stat_reset",
    "pg_stat_statements_reset",
    "set_config",
    "setval",
    "nextval",
    "lo_unlink",
    "lo_create",
    "lo_from_bytea",
    "lo_put",
    "query_to_xml",
    "cursor_to_xml",
    "get_lock",
    "sp_configure",
    "release_all_locks",
];

fn by_function(tokens: &[Token<'_>], at: usize) -> Kinds {
    let rest = tokens.get(at..).unwrap_or_default();
    let (Some(Token::Word(word) | Token::Name(word)), next) = (rest.first(), rest.get(1)) else {
        return Kinds::default();
    };
    let is = |known: &&str| word.eq_ignore_ascii_case(known.as_bytes());
    let starts =
        |start: &str| word.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()));
    if RUNNING.iter().any(is) || is(&"outfile") || is(&"dumpfile") {
        return Kinds::of(&[Kind::Run]);
    }
    let calls = next == Some(&Token::Sign(b'('));
    if calls && (CHANGING.iter().any(is) || starts("dblink") || starts("xp_") || starts("http_")) {
        return Kinds::of(&[Kind::Other]);
    }
    Kinds::default()
}

// `\d` of psql, `\!` of mysql, `.shell` of sqlite3: no statements at all.
fn commands_of_the_client(tokens: &[Token<'_>]) -> Option<Kinds> {
    let kinds = |kinds: &[Kind]| Some(Kinds::of(kinds));
    let second = tokens.get(1);
    let word = match second {
        Some(Token::Word(word)) => std::str::from_utf8(word).ok()?,
        _ => "",
    };
    let pipes = tokens.contains(&Token::Sign(b'|'));
    match tokens.first()? {
        Token::Sign(b'\\') if second == Some(&Token::Sign(b'!')) || pipes => kinds(&[Kind::Run]),
        Token::Sign(b'\\') if word == "copy" && has(tokens, "program") => kinds(&[Kind::Run]),
        Token::Sign(b'\\') if word == "copy" && has(tokens, "from") => kinds(&[Kind::Insert]),
        Token::Sign(b'\\') if word == "password" => kinds(&[Kind::Grant]),
        Token::Sign(b'\\')
            if is_listing(word) && !tokens.iter().skip(1).any(|t| *t == Token::Sign(b'\\')) =>
        {
            kinds(&[Kind::Read])
        }
        Token::Sign(b'\\') if word.eq_ignore_ascii_case("p") || matches!(word, "e" | "ev" | "ef") => {
            kinds(&[Kind::Run])
        }
        Token::Sign(b'\\') => kinds(&[Kind::Other]),
        Token::Sign(b'.') => kinds(&[dot(word, pipes)]),
        Token::Sign(b'!' | b':') if has(tokens, "!") || tokens.contains(&Token::Sign(b'!')) => {
            kinds(&[Kind::Run])
        }
        // mysql(1) takes these words for its own.
        token if ["system", "pager", "edit", "tee"].iter().any(|word| token.is(word)) => {
            kinds(&[Kind::Run, Kind::Other])
        }
        _ => None,
    }
}

// psql's ways to list things; `\d`, and what begins with it.
fn is_listing(word: &str) -> bool {
    word.starts_with('d') && word.len() <= 5
        || matches!(word, "l" | "list" | "z" | "conninfo" | "sf" | "sv" | "h" | "encoding" | "x" | "timing")
}

fn dot(word: &str, pipes: bool) -> Kind {
    const SHOWING: [&str; 22] = [
        "tables",
        "schema",
        "fullschema",
        "indexes",
        "indices",
        "databases",
        "dump",
        "headers",
        "header",
        "mode",
        "width",
        "show",
        "help",
        "stats",
        "timer",
        "echo",
        "nullvalue",
        "separator",
        "explain",
        "print",
        "dbinfo",
        "eqp",
    ];
    match word {
        _ if pipes => Kind::Run,
        "shell" | "system" | "sh" | "sys" | "load" | "edit" | "excel" | "www" => Kind::Run,
        "import" => Kind::Insert,
        _ if SHOWING.contains(&word) => Kind::Read,
        _ => Kind::Other,
    }
}

// Statements whose quoted texts are code that they run.
fn holds_code(tokens: &[Token<'_>]) -> bool {
    let first = tokens.first();
    let runs = ["do", "execute", "exec", "prepare", "call", "set", "begin", "declare"];
    first.is_some_and(|first| runs.iter().any(|word| first.is(word)))
        || ["execute", "immediate", "dblink", "dblink_exec", "query_to_xml"]
            .iter()
            .any(|word| has(tokens, word))
}
