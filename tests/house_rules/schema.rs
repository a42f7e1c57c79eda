//! The tables of the schema have the columns that the facts say they have.

use facts::{ColumnType, Kind, hashes};
use store::Value;

use crate::support::store_in;

#[test]
fn the_tables_have_exactly_the_columns_of_the_facts() {
    let folder = tempfile::tempdir().unwrap();
    let store = store_in(&folder);
    for kind in Kind::ALL {
        let found = store
            .query(
                "select column_name, data_type from duckdb_columns()
                where schema_name = 'facts' and table_name = ? order by column_index",
                &[Value::Text(kind.to_string())],
            )
            .unwrap();
        let found: Vec<(String, String)> = found
            .rows
            .into_iter()
            .map(|row| match &row[..] {
                [Value::Text(name), Value::Text(sql_type)] => (name.clone(), sql_type.clone()),
                other => panic!("{other:?}"),
            })
            .collect();
        let own = kind.spec().columns.iter().map(|column| {
            let sql_type = match column.column_type {
                ColumnType::Text | ColumnType::Person | ColumnType::Choice(_) => "VARCHAR",
                ColumnType::Time => "TIMESTAMP",
                ColumnType::Day => "DATE",
                ColumnType::Integer => "BIGINT",
                ColumnType::Real => "DOUBLE",
                ColumnType::Boolean => "BOOLEAN",
            };
            (column.name.to_owned(), sql_type.to_owned())
        });
        let hashes = ["fact_hash"].into_iter().chain(hashes(kind).iter().map(|(name, _)| *name));
        let expected: Vec<(String, String)> = own
            .chain(hashes.map(|name| (name.to_owned(), "UBIGINT".to_owned())))
            .chain([("ingested_at".to_owned(), "TIMESTAMP".to_owned())])
            .collect();
        assert_eq!(found, expected, "facts.{kind}");
    }
}
