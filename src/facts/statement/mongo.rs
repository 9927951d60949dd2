//! What code for the shell of MongoDB does, by the names it calls.
//! Pure; no JavaScript is run or understood beyond names, quotes and brackets.

use super::{Kind, Kinds};

const READING: [&str; 41] = [
    "find",
    "findOne",
    "aggregate",
    "countDocuments",
    "estimatedDocumentCount",
    "count",
    "distinct",
    "getIndexes",
    "stats",
    "serverStatus",
    "getCollectionNames",
    "getCollectionInfos",
    "getCollection",
    "getSiblingDB",
    "getName",
    "explain",
    "pretty",
    "limit",
    "sort",
    "skip",
    "toArray",
    "hello",
    "isMaster",
    "version",
    "hostInfo",
    "listDatabases",
    "getMongo",
    "getDBs",
    "getDBNames",
    "printjson",
    "print",
    "ObjectId",
    "ISODate",
    "Date",
    "itcount",
    "size",
    "next",
    "hasNext",
    "projection",
    "dataSize",
    "forEach",
];
const CALLS: &[(&str, &[Kind])] = &[
    ("drop", &[Kind::Drop]),
    ("dropDatabase", &[Kind::Drop]),
    ("dropIndex", &[Kind::Alter]),
    ("dropIndexes", &[Kind::Alter]),
    ("deleteOne", &[Kind::Delete]),
    ("deleteMany", &[Kind::Delete]),
    ("remove", &[Kind::Delete]),
    ("findOneAndDelete", &[Kind::Delete]),
    ("findAndModify", &[Kind::Update, Kind::Delete]),
    ("bulkWrite", &[Kind::Insert, Kind::Update, Kind::Delete]),
    ("updateOne", &[Kind::Update]),
    ("updateMany", &[Kind::Update]),
    ("update", &[Kind::Update]),
    ("replaceOne", &[Kind::Update]),
    ("findOneAndUpdate", &[Kind::Update]),
    ("findOneAndReplace", &[Kind::Update]),
    ("save", &[Kind::Insert, Kind::Update]),
    ("insert", &[Kind::Insert]),
    ("insertOne", &[Kind::Insert]),
    ("insertMany", &[Kind::Insert]),
    ("createCollection", &[Kind::Create]),
    ("createView", &[Kind::Create]),
    ("createIndex", &[Kind::Create]),
    ("createIndexes", &[Kind::Create]),
    ("ensureIndex", &[Kind::Create]),
    ("renameCollection", &[Kind::Alter]),
    ("collMod", &[Kind::Alter]),
    ("createUser", &[Kind::Grant]),
    ("updateUser", &[Kind::Grant]),
    ("dropUser", &[Kind::Grant]),
    ("dropAllUsers", &[Kind::Grant]),
    ("changeUserPassword", &[Kind::Grant]),
    ("createRole", &[Kind::Grant]),
    ("dropRole", &[Kind::Grant]),
    ("load", &[Kind::Run]),
    ("require", &[Kind::Run]),
    ("eval", &[Kind::Run]),
    ("Function", &[Kind::Run]),
    ("exec", &[Kind::Run]),
    ("execSync", &[Kind::Run]),
    ("run", &[Kind::Run]),
    ("runProgram", &[Kind::Run]),
];

/// The kinds of statement in this code.
#[must_use]
pub fn kinds(code: &[u8]) -> Kinds {
    let tokens = tokens(code);
    let mut all = Kinds::default();
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at..).unwrap_or_default();
        // A name in brackets is called as one behind a dot: db.c["drop"]().
        let (name, after) = match (token, rest.get(1), rest.get(2)) {
            (Token::Word(name), Some(Token::Sign(b'(')), _) => (*name, rest.get(2..)),
            (Token::Text(name), Some(Token::Sign(b']')), Some(Token::Sign(b'('))) => (*name, rest.get(3..)),
            (Token::Text(text), ..) if text.starts_with(b"$out") || text.starts_with(b"$merge") => {
                all = all.and(Kind::Insert);
                continue;
            }
            (Token::Word(b"$out" | b"$merge"), ..) => {
                all = all.and(Kind::Insert);
                continue;
            }
            _ => continue,
        };
        all = all.or(call(name, after.unwrap_or_default()));
    }
    let unknown = tokens.iter().any(|token| match token {
        Token::Word(word) => {
            matches!(*word, b"function" | b"eval" | b"process" | b"globalThis" | b"this" | b"import")
        }
        Token::Sign(sign) => matches!(sign, b'`' | b'=' | b'\\'),
        Token::Text(_) => false,
    });
    if unknown || all == Kinds::default() { all.or(bare(&tokens)) } else { all }
}

fn call(name: &[u8], arguments: &[Token<'_>]) -> Kinds {
    let known = CALLS.iter().find(|(known, _)| known.as_bytes() == name);
    let Some((_, kinds)) = known else {
        let reads = READING.iter().any(|known| known.as_bytes() == name);
        return Kinds::of(&[if reads { Kind::Read } else { Kind::Other }]);
    };
    let kinds = Kinds::of(kinds);
    let everything =
        matches!(arguments, [Token::Sign(b'{'), Token::Sign(b'}'), ..] | [Token::Sign(b')'), ..] | []);
    match () {
        () if everything && kinds.has(Kind::Delete) => kinds.and(Kind::DeleteAll),
        () if everything && kinds.has(Kind::Update) => kinds.and(Kind::UpdateAll),
        () => kinds,
    }
}

// `show dbs`, `use x`: the shell's own words; anything else is not known.
fn bare(tokens: &[Token<'_>]) -> Kinds {
    let shows = matches!(tokens, [Token::Word(b"show" | b"use" | b"help"), ..]);
    let plain = tokens.iter().all(|token| matches!(token, Token::Word(_) | Token::Sign(b'.')));
    Kinds::of(&[if plain && (shows || tokens.len() == 3) { Kind::Read } else { Kind::Other }])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a [u8]),
    Text(&'a [u8]),
    Sign(u8),
}

fn tokens(code: &[u8]) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = code.get(at) {
        let rest = code.get(at..).unwrap_or_default();
        let word = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$')).count();
        let comment = rest.starts_with(b"//") || rest.starts_with(b"/*");
        if word > 0 {
            tokens.extend(rest.get(..word).map(Token::Word));
            at += word;
        } else if matches!(first, b'"' | b'\'') {
            let inner = rest.get(1..).unwrap_or_default();
            let end = inner.iter().position(|b| *b == first).unwrap_or(inner.len());
            tokens.extend(inner.get(..end).map(Token::Text));
            // With an escape, where the quote ends is another matter.
            tokens.extend(inner.get(..end).filter(|text| text.contains(&b'\\')).map(|_| Token::Sign(b'\\')));
            at += end + 2;
        } else {
            // What a comment hides is not looked at: its sign makes the rest unknown.
            if !first.is_ascii_whitespace() {
                tokens.push(Token::Sign(if comment { b'\\' } else { first }));
            }
            at += 1;
        }
    }
    tokens
}
