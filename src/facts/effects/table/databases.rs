//! Clients of databases: which of their words is code.

use super::super::row::{Arguments::*, Role, Row};
use super::{N, R, RW, W};

const C: Role = Role::Code;
const H: Role = Role::Host;
const ORDERS: Role = Role::Orders;

/// The rows.
pub const ROWS: &[Row] = &[
    Row::new("psql pgcli", Each(N))
        .switches(
            "aAbeEHlnqsStVwWxXz01",
            "--echo-all --no-align --echo-errors --echo-queries --echo-hidden --html --list --no-readline --quiet \
             --single-step --single-line --tuples-only --version --no-password --password --expanded --no-psqlrc \
             --csv --single-transaction --no-align",
        )
        .valued(&[
            ("-c", C), ("--command", C), ("-d", N), ("--dbname", N), ("-f", ORDERS), ("--file", ORDERS), ("-h", H),
            ("--host", H), ("-p", N), ("--port", N), ("-U", N), ("--username", N), ("-v", N), ("--set", N),
            ("--variable", N), ("-P", N), ("--pset", N), ("-F", N), ("--field-separator", N), ("-R", N),
            ("--record-separator", N), ("-T", N), ("--table-attr", N), ("-o", Role::More), ("--output", Role::More), ("-L", W),
            ("--log-file", W),
        ]),
    Row::new("mysql mariadb mycli", Each(N))
        .switches(
            "ABbCEfGgHiLNnoqrsTtVvwXp",
            "--batch --silent --skip-column-names --table --vertical --verbose --version --xml --html --force --raw \
             --quick --compress --no-auto-rehash --password --ssl --safe-updates --skip-ssl --no-beep --wait",
        )
        .valued(&[
            ("-e", C), ("--execute", C), ("--init-command", C), ("-u", N), ("--user", N), ("-h", H), ("--host", H), ("-P", N),
            ("--port", N), ("-D", N), ("--database", N), ("-S", RW), ("--socket", RW), ("--defaults-file", ORDERS),
            ("--defaults-extra-file", ORDERS), ("--default-character-set", N), ("--protocol", N), ("--ssl-ca", R),
            ("--ssl-cert", R), ("--ssl-key", R), ("--ssl-mode", N), ("--connect-timeout", N), ("--tee", W), ("--delimiter", N),
        ]),
    // The file is made when it is not there, and written by what the code says.
    Row::new("sqlite3 sqlite litecli", Ordered(&[RW], C))
        .switches(
            "",
            "-header -noheader -csv -json -line -column -box -table -markdown -list -html -quote -tabs -ascii -bail -batch \
             -echo -readonly -safe -version -stats -interactive -help -nofollow --readonly --json --csv --header --batch",
        )
        .valued(&[
            ("-cmd", C), ("-init", ORDERS), ("-separator", N), ("-nullvalue", N), ("-newline", N), ("-mmap", N), ("-vfs", N),
            ("-maxsize", N), ("-key", N),
        ]),
    Row::new("duckdb", Ordered(&[RW], C))
        .switches("", "-header -noheader -csv -json -line -column -box -table -markdown -list -html -quote -bail -batch -echo -readonly -safe -version -ascii -unsigned")
        .valued(&[("-c", C), ("-s", C), ("-cmd", C), ("-init", ORDERS), ("-f", ORDERS), ("-separator", N), ("-nullvalue", N), ("-newline", N)]),
    Row::new("clickhouse-client clickhouse-local clickhouse", Each(N))
        .switches("mntVvEB", "--multiline --time --vertical --version --multiquery --progress --echo --secure --stacktrace --readonly --ask-password")
        .valued(&[
            ("-q", C), ("--query", C), ("--queries-file", ORDERS), ("-h", H), ("--host", H), ("--port", N), ("-u", N), ("--user", N),
            ("--password", N), ("-d", N), ("--database", N), ("-f", N), ("--format", N), ("-C", ORDERS), ("--config-file", ORDERS),
            ("--max_threads", N),
        ]),
    Row::new("cqlsh", Ordered(&[H], N))
        .switches("Cv", "--color --no-color --ssl --debug --version --tty")
        .valued(&[("-e", C), ("--execute", C), ("-f", ORDERS), ("--file", ORDERS), ("-u", N), ("--username", N), ("-p", N), ("--password", N), ("-k", N), ("--keyspace", N), ("--cqlshrc", ORDERS), ("--request-timeout", N), ("--connect-timeout", N), ("--encoding", N)]),
    // Of its words, `query` and others are subcommands.
    Row::new("bq", Each(C)).switches("nq", "--dry_run --quiet --nouse_legacy_sql --use_legacy_sql").valued(&[
        ("--format", N), ("--project_id", N), ("--location", N), ("--max_rows", N), ("-n", N), ("--dataset_id", N), ("--maximum_bytes_billed", N),
    ]),
    Row::new("sqlcmd", Each(N))
        .switches("bCeEgGIjkNrRuWxXLN", "")
        .valued(&[("-Q", C), ("-q", C), ("-i", ORDERS), ("-S", H), ("-d", N), ("-U", N), ("-P", N), ("-o", W), ("-v", N), ("-s", N), ("-h", N), ("-w", N), ("-l", N), ("-t", N), ("-y", N), ("-Y", N)]),
    Row::new("mongosh mongo", Each(N))
        .switches("", "--quiet --norc --nodb --json --tls --ssl --version --retryWrites")
        .valued(&[
            ("--eval", C), ("-f", ORDERS), ("--file", ORDERS), ("--host", H), ("--port", N), ("-u", N), ("--username", N), ("-p", N),
            ("--password", N), ("--authenticationDatabase", N), ("--tlsCAFile", R), ("--tlsCertificateKeyFile", R),
        ]),
    Row::new("usql trino presto snowsql beeline hive spark-sql impala-shell vsql cockroach isql", Each(N))
        .valued(&[
            ("-c", C), ("--command", C), ("-e", C), ("--execute", C), ("-q", C), ("--query", C), ("-f", ORDERS), ("--file", ORDERS),
            ("-h", H), ("--host", H), ("--server", Role::Url), ("-u", N), ("-d", N), ("-o", W),
        ])
        .and_more(),
];
