//! What the statements given to a database client do: read, change, drop, run programs.
//! Pure. Every kind that some database may see in the text is named, so the lists are wide; a text is of one
//! kind only when nothing in it can be anything else.

mod lexer;
mod mongo;
mod sql;

use lexer::Dialect;

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Shows data, and changes nothing.
    Read,
    /// Adds rows.
    Insert,
    /// Changes rows.
    Update,
    /// Changes all rows: there is no condition, or one that always holds.
    UpdateAll,
    /// Deletes rows.
    Delete,
    /// Deletes all rows.
    DeleteAll,
    /// Makes tables and other objects.
    Create,
    /// Changes them.
    Alter,
    /// Takes them away.
    Drop,
    /// Empties tables.
    Truncate,
    /// Changes who may do what.
    Grant,
    /// Runs a program, or reads or writes files where the database runs.
    Run,
    /// Anything else.
    Other,
}

impl Kind {
    /// Every kind, by the name policies give it.
    pub const ALL: [(&'static str, Self); 13] = [
        ("read", Self::Read),
        ("insert", Self::Insert),
        ("update", Self::Update),
        ("update-all", Self::UpdateAll),
        ("delete", Self::Delete),
        ("delete-all", Self::DeleteAll),
        ("create", Self::Create),
        ("alter", Self::Alter),
        ("drop", Self::Drop),
        ("truncate", Self::Truncate),
        ("grant", Self::Grant),
        ("run", Self::Run),
        ("other", Self::Other),
    ];
}

/// Several kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u16);

impl Kinds {
    /// Of these.
    #[must_use]
    pub fn of(kinds: &[Kind]) -> Self {
        kinds.iter().fold(Self::default(), |all, kind| all.and(*kind))
    }

    /// With this one too.
    #[must_use]
    pub const fn and(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    /// Those of both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// Whether one of the others is among them.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there are some, and all are among the others.
    #[must_use]
    pub const fn lie_in(self, other: Self) -> bool {
        self.0 != 0 && self.0 & !other.0 == 0
    }
}

/// What a client takes its code for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// SQL, as these databases read it.
    Sql(&'static [Dialect]),
    /// SQL, and commands that begin with `\`.
    Psql,
    /// SQL, and commands that begin with a dot.
    Sqlite,
    /// The shell of MongoDB.
    Mongo,
}

// Which client takes what: unknown databases are read in every way there is.
const CLIENTS: &[(&str, Language)] = &[
    ("psql pgcli", Language::Psql),
    ("mysql mariadb mycli", Language::Sql(&[lexer::MYSQL, Dialect { backslash: false, ..lexer::MYSQL }])),
    ("sqlite3 sqlite litecli duckdb", Language::Sqlite),
    ("mongosh mongo", Language::Mongo),
    (
        "clickhouse-client clickhouse-local clickhouse cqlsh bq sqlcmd usql trino presto snowsql beeline hive \
         spark-sql impala-shell vsql cockroach isql sqlplus",
        Language::Sql(&[lexer::POSTGRES, lexer::MYSQL, lexer::PLAIN]),
    ),
];

/// What the client of this base name takes its code for; none when it is no such client.
#[must_use]
pub fn language(name: &[u8]) -> Option<Language> {
    let of = |names: &str| names.split(' ').any(|known| known.as_bytes() == name);
    CLIENTS.iter().find(|(names, _)| of(names)).map(|(_, language)| *language)
}

/// Every kind of statement that some reading of this code holds.
#[must_use]
pub fn kinds(code: &[u8], language: Language) -> Kinds {
    match language {
        Language::Mongo => mongo::kinds(code),
        Language::Sql(dialects) => {
            dialects.iter().fold(Kinds::default(), |all, dialect| all.or(sql::kinds(code, *dialect)))
        }
        Language::Psql => sql::kinds_with_commands(code, lexer::POSTGRES, b'\\'),
        // DuckDB takes dollar quotes, SQLite none.
        Language::Sqlite => {
            let of = |dialect: Dialect| sql::kinds_with_commands(code, dialect, b'.');
            of(lexer::PLAIN).or(of(Dialect { dollar: true, ..lexer::PLAIN }))
        }
    }
}

#[cfg(test)]
mod tests;
