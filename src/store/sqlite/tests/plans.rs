//! Every query walks an index, so that a million tickets cost what a thousand do.

use rusqlite::{Connection, StatementStatus, ToSql};

use super::*;
use crate::store::sqlite::{events, finding, listing, tickets, walking};

fn plan(connection: &Connection, query: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
    let values = vec![&1_i64 as &dyn ToSql; statement.parameter_count()];
    let rows = statement.query_map(&values[..], |row| row.get::<_, String>("detail")).unwrap();
    rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
}

fn is_backed(plan: &str) -> bool {
    plan.split("; ").all(|step| !step.starts_with("SCAN") || step == "SCAN CONSTANT ROW")
}

fn queries() -> impl Iterator<Item = &'static str> {
    let listings = listing::QUERIES.into_iter().chain(walking::QUERIES).chain(finding::QUERIES);
    events::QUERIES.into_iter().chain(tickets::QUERIES).chain(listings)
}

#[test]
fn no_query_is_planned_anew_for_another_value() {
    let (_keep, mut store) = open_queue();
    let connection = store.connected().unwrap();
    let one = ["seq", "id"].map(|key| format!("{} WHERE {key} = ?1", tickets::COLUMNS));
    for query in queries().map(str::to_owned).chain(one) {
        let mut statement = connection.prepare(&query).unwrap();
        for value in 1_i64..4 {
            let values = vec![&value as &dyn ToSql; statement.parameter_count()];
            let _row = statement.query(&values[..]).unwrap().next().unwrap();
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{query}");
    }
}

#[test]
fn every_query_uses_an_index_and_none_sorts_but_the_short_one() {
    let (_keep, mut store) = open_queue();
    let connection = store.connected().unwrap();
    let mut sorting = Vec::new();
    for query in queries() {
        let plan = plan(connection, query);
        // The table's own order, ended by the limit.
        let walks_newest_first = plan == "SCAN tickets" && query.contains("ORDER BY seq DESC LIMIT");
        assert!(is_backed(&plan) || walks_newest_first, "{query}: {plan}");
        if plan.contains("TEMP B-TREE") {
            sorting.push(query);
        }
    }
    assert_eq!(sorting, [listing::QUERIES[2]], "only the pending tickets of one requester are sorted");
}

#[test]
fn columns_that_are_read_by_their_place_stand_there() {
    let (_keep, mut store) = open_queue();
    let connection = store.connected().unwrap();
    let (mut events, mut tickets, mut decisions) = (0, 0, 0);
    for query in queries() {
        let statement = connection.prepare(query).unwrap();
        let names = statement.column_names().collect::<Vec<_>>().join(" ");
        events += usize::from(names == events::EVENT.join(" "));
        tickets += usize::from(names == tickets::ROW.join(" "));
        decisions += usize::from(names == tickets::DECISION.join(" "));
    }
    assert_eq!((events, tickets, decisions), (events::QUERIES.len(), 1, 1));
}

#[test]
fn this_test_can_fail() {
    let (_keep, mut store) = open_queue();
    let connection = store.connected().unwrap();
    assert!(!is_backed(&plan(connection, "SELECT * FROM tickets WHERE version = ?1")));
    assert!(!is_backed(&plan(connection, "SELECT * FROM events WHERE kind = ?1")));
}
