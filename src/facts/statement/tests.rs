//! What statements do, in every spelling that hides it.

use proptest::prelude::*;

use super::*;

fn named(kinds: Kinds) -> String {
    let names = Kind::ALL.iter().filter(|(_, kind)| kinds.has(*kind)).map(|(name, _)| *name);
    names.collect::<Vec<_>>().join(" ")
}

fn assert_kinds(client: &str, cases: &[(&str, &str)]) {
    let language = language(client.as_bytes()).unwrap();
    for (code, expected) in cases {
        assert_eq!(named(kinds(code.as_bytes(), language)), *expected, "{client}: {code}");
    }
}

#[test]
fn a_statement_is_of_the_kind_its_verbs_say() {
    assert_kinds(
        "psql",
        &[
            ("select 1", "read"),
            ("SELECT * FROM t WHERE a = 'drop table x'; -- drop", "read"),
            ("(select 1) union (select 2)", "read"),
            ("with x as (select 1) select * from x", "read"),
            ("with x as (delete from t where a = 1 returning *) select * from x", "read delete"),
            ("explain select 1", "read"),
            ("explain delete from t", "read"),
            ("explain analyze delete from t where a = 1", "read delete"),
            ("explain (analyze, buffers) delete from t", "read delete delete-all"),
            ("select * from t for update", "other"),
            ("select * into u from t", "other"),
            ("select pg_terminate_backend(1)", "read other"),
            ("select dblink_exec('x', 'drop table y')", "read drop other"),
            ("show all", "read"),
            ("insert into t values (1)", "insert"),
            ("insert into t values (1) on conflict (a) do update set b = 1", "insert update"),
            ("update t set a = 1 where b = 2", "update"),
            ("update t set a = 1", "update update-all"),
            ("update t set a = 1 where true", "update update-all"),
            ("update t set a = 1 where 1 = 1", "update update-all"),
            ("delete from t where a = 1", "delete"),
            ("delete from t", "delete delete-all"),
            ("DELETE/**/FROM t", "delete delete-all"),
            ("delete from t where a = a", "delete delete-all"),
            ("delete from t where a = 1 or 'x' = 'x'", "delete delete-all"),
            ("delete from t where (1 = 1)", "delete delete-all"),
            ("delete from t where a in (select 1)", "delete"),
            ("begin; delete from t where a = 1; commit", "delete"),
            ("drop table t", "drop"),
            ("drop index i", "drop"),
            ("drop user u", "drop grant"),
            ("alter table t add c int", "alter"),
            ("alter table t drop column c", "alter drop"),
            ("alter table t drop constraint c", "alter"),
            ("create table t (a int references u on delete cascade)", "create"),
            ("create role r", "create grant"),
            ("grant delete on t to r", "grant"),
            ("truncate t", "truncate"),
            ("copy t from stdin", "insert"),
            ("copy t to stdout", "read"),
            ("copy t to program 'sh'", "run"),
            ("copy (select 1) to '/x'", "other"),
            ("do $$ begin delete from t; end $$", "delete delete-all other"),
            ("vacuum", "other"),
            ("select 1; drop table t", "read drop"),
            ("\\d t", "read"),
            ("\\dt+ public.*", "read"),
            ("\\l", "read"),
            ("\\! ls", "run"),
            ("\\i x.sql", "other"),
            ("\\copy t from program 'sh'", "run"),
            ("\\copy t from x.csv", "insert"),
            ("select 1 \\g |sh", "read run other"),
            ("\\d\n drop table t", "read drop"),
            ("select 'a", "read other"),
        ],
    );
    assert_kinds(
        "mysql",
        &[
            ("select 1\\G", "read"),
            ("show create table t", "read"),
            ("select '\\'; drop table t -- '", "read drop"),
            ("select /*!50000 1; drop table */ t", "read drop"),
            ("select 1 # ; drop table t", "read"),
            ("select 1 into outfile '/x'", "run other"),
            ("select load_file('/etc/passwd')", "read run"),
            ("insert into t values (1) on duplicate key update a = 2", "insert update"),
            ("replace into t values (1)", "insert"),
            ("select replace(a, 'x', 'y') from t", "read"),
            ("\\! ls", "run"),
            ("system ls", "run other"),
            ("create user u", "create grant"),
            ("use x; select 1", "read"),
        ],
    );
    assert_kinds(
        "sqlite3",
        &[
            (".tables", "read"),
            (".schema t", "read"),
            (".shell ls", "run"),
            (".mode csv\ndelete from t;", "read delete delete-all"),
            (".tables\n.system ls", "read run"),
            (".output |sh", "run"),
            (".import x t", "insert"),
            (".read x.sql", "other"),
            ("pragma table_info(t)", "read"),
            ("pragma user_version", "read"),
            ("pragma journal_mode = wal", "other"),
            ("select load_extension('x')", "read run"),
            ("attach 'x' as y", "other"),
        ],
    );
    assert_kinds(
        "sqlcmd",
        &[("select 1 drop table t", "read drop"), ("exec xp_cmdshell 'dir'", "run other")],
    );
}

#[test]
fn code_for_mongodb_is_told_by_the_names_it_calls() {
    assert_kinds(
        "mongosh",
        &[
            ("db.c.find({a: 1}).limit(5)", "read"),
            ("db.c.countDocuments()", "read"),
            ("show dbs", "read"),
            ("db.c.drop()", "drop"),
            ("db['c']['drop']()", "drop"),
            ("db.dropDatabase()", "drop"),
            ("db.c.deleteMany({})", "delete delete-all"),
            ("db.c.deleteMany({a: 1})", "delete"),
            ("db.c.remove({})", "delete delete-all"),
            ("db.c.updateMany({}, {$set: {a: 1}})", "update update-all"),
            ("db.c.insertOne({a: 1})", "insert"),
            ("db.createUser({})", "grant"),
            ("require('child_process').execSync('ls')", "run"),
            ("const f = db.c.drop; f()", "other"),
            ("db.c.aggregate([{$out: 'x'}])", "read insert"),
            ("db.adminCommand({shutdown: 1})", "other"),
        ],
    );
}

proptest! {
    #[test]
    fn no_code_whatever_stops_the_reading(code in prop::collection::vec(any::<u8>(), 0..60)) {
        for client in ["psql", "mysql", "sqlite3", "mongosh", "sqlcmd"] {
            let _ = kinds(&code, language(client.as_bytes()).unwrap());
        }
    }

    #[test]
    fn what_stands_before_and_behind_hides_no_drop(
        before in prop::sample::select(vec!["", ";", "select 1;", "/* x */", "-- x\n", "begin;", "select 'a''b';", "( select 1 ) ;"]),
        between in prop::sample::select(vec![" ", "\n", "\t", "/**/", " /* x */ "]),
        after in prop::sample::select(vec!["", ";", " -- x", ";select 1", " cascade"]),
    ) {
        for client in ["psql", "mysql", "sqlite3", "bq"] {
            let code = format!("{before}DrOp{between}TABLE{between}t{after}");
            prop_assert!(kinds(code.as_bytes(), language(client.as_bytes()).unwrap()).has(Kind::Drop), "{}", code);
        }
    }
}
