//! How a sandbox is laid out: the published tables as views, and what the catalogue tells of them.

use std::fmt::Write as _;

use store::TABLE_MACRO;

use super::catalogue::POSTGRES;
use super::relation::{ColumnKind, Relations};
use super::session::Session;

const MACROS: &str = include_str!("../../../sql/catalogue/macros.sql");

/// Kinds of value: number, name, long name, size, category, number of the element, DuckDB's word.
const KINDS: &[(u32, &str, &str, i16, &str, u32, &str)] = &[
    (16, "bool", "boolean", 1, "B", 0, "BOOLEAN"),
    (17, "bytea", "bytea", -1, "U", 0, "BLOB"),
    (18, "char", "\"char\"", 1, "Z", 0, ""),
    (19, "name", "name", 64, "S", 0, ""),
    (20, "int8", "bigint", 8, "N", 0, "BIGINT"),
    (21, "int2", "smallint", 2, "N", 0, "SMALLINT"),
    (23, "int4", "integer", 4, "N", 0, "INTEGER"),
    (25, "text", "text", -1, "S", 0, "VARCHAR"),
    (26, "oid", "oid", 4, "N", 0, ""),
    (114, "json", "json", -1, "U", 0, "JSON"),
    (700, "float4", "real", 4, "N", 0, "FLOAT"),
    (701, "float8", "double precision", 8, "N", 0, "DOUBLE"),
    (705, "unknown", "unknown", -2, "X", 0, ""),
    (1000, "_bool", "boolean[]", -1, "A", 16, "BOOLEAN[]"),
    (1005, "_int2", "smallint[]", -1, "A", 21, "SMALLINT[]"),
    (1007, "_int4", "integer[]", -1, "A", 23, "INTEGER[]"),
    (1009, "_text", "text[]", -1, "A", 25, "VARCHAR[]"),
    (1016, "_int8", "bigint[]", -1, "A", 20, "BIGINT[]"),
    (1021, "_float4", "real[]", -1, "A", 700, "FLOAT[]"),
    (1022, "_float8", "double precision[]", -1, "A", 701, "DOUBLE[]"),
    (1043, "varchar", "character varying", -1, "S", 0, ""),
    (1082, "date", "date", 4, "D", 0, "DATE"),
    (1083, "time", "time without time zone", 8, "D", 0, "TIME"),
    (1114, "timestamp", "timestamp without time zone", 8, "D", 0, "TIMESTAMP"),
    (1115, "_timestamp", "timestamp without time zone[]", -1, "A", 1114, "TIMESTAMP[]"),
    (1182, "_date", "date[]", -1, "A", 1082, "DATE[]"),
    (1184, "timestamptz", "timestamp with time zone", 8, "D", 0, "TIMESTAMP WITH TIME ZONE"),
    (1185, "_timestamptz", "timestamp with time zone[]", -1, "A", 1184, "TIMESTAMP WITH TIME ZONE[]"),
    (1186, "interval", "interval", 16, "T", 0, "INTERVAL"),
    (1231, "_numeric", "numeric[]", -1, "A", 1700, ""),
    (1700, "numeric", "numeric", -1, "N", 0, "HUGEINT"),
];

/// The first number of a published table; the catalogue's own are below.
const FIRST_NUMBER: u32 = 16_400;

/// The statements that lay a sandbox out.
pub(super) fn layout(relations: &Relations) -> String {
    // In one transaction: each statement by itself would be one more.
    let mut sql = String::from(
        "begin;
        set default_null_order = 'nulls_last_on_asc_first_on_desc';
        set integer_division = true;
        create schema public; create schema pg; create schema info;
        create table pg.self (database varchar);
        insert into pg.self values ('cairn');
        create table pg.object (number bigint, name varchar, schema_number bigint, kind varchar, n_columns smallint);
        create table pg.attribute (number bigint, place smallint, name varchar, type_number bigint);
        create table pg.described (number bigint, place integer, description varchar);
        create table pg.kind (
            number bigint, name varchar, long_name varchar, size smallint, category varchar, element bigint,
            duckdb_name varchar
        );
        create table pg.setting (name varchar, setting varchar);\n",
    );
    let rows = |rows: Vec<String>| rows.join(",\n");
    let kinds = KINDS.iter().map(|(number, name, long_name, size, category, element, duckdb)| {
        format!("({number}, '{name}', '{long_name}', {size}, '{category}', {element}, '{duckdb}')")
    });
    add(&mut sql, "pg.kind", &rows(kinds.collect()));
    let settings = Session::default().all_settings();
    let settings = settings.iter().map(|(name, value)| format!("({}, {})", quoted(name), quoted(value)));
    add(&mut sql, "pg.setting", &rows(settings.collect()));
    let of_postgres = POSTGRES.iter().zip(1_000_u32..);
    let objects = of_postgres.map(|(name, number)| {
        // Clients know some of the catalogue's tables by their numbers.
        let number = match *name {
            "pg_class" => 1259,
            "pg_type" => 1247,
            "pg_proc" => 1255,
            "pg_namespace" => 2615,
            "pg_constraint" => 2606,
            "pg_database" => 1262,
            "pg_attrdef" => 2604,
            "pg_am" => 2601,
            _ => number + 20_000,
        };
        format!("({number}, '{name}', 11, 'v', 0)")
    });
    let mut objects: Vec<String> = objects.collect();
    let (mut attributes, mut described) = (Vec::new(), Vec::new());
    for (relation, number) in relations.iter().zip(FIRST_NUMBER..) {
        objects.push(format!("({number}, {}, 2200, 'v', {})", quoted(&relation.name), relation.columns.len()));
        described.push(format!("({number}, 0, {})", quoted(&relation.comment)));
        for (column, place) in relation.columns.iter().zip(1..) {
            let type_number = match column.kind {
                ColumnKind::Instant => 1184,
                ColumnKind::Text => 25,
                ColumnKind::Number => 701,
                ColumnKind::Whole => 20,
                ColumnKind::Truth => 16,
            };
            attributes.push(format!("({number}, {place}, {}, {type_number})", quoted(&column.name)));
            described.push(format!("({number}, {place}, {})", quoted(&column.comment)));
        }
        writeln!(sql, "create view public.\"{0}\" as select * from {TABLE_MACRO}('{0}', '[]');", relation.name)
            .expect("writing to a string");
    }
    add(&mut sql, "pg.object", &rows(objects));
    add(&mut sql, "pg.attribute", &rows(attributes));
    add(&mut sql, "pg.described", &rows(described));
    for part in [MACROS, POSTGRES_SQL, INFORMATION_SQL] {
        sql += part;
    }
    sql + "commit;"
}

const POSTGRES_SQL: &str = include_str!("../../../sql/catalogue/postgres.sql");
const INFORMATION_SQL: &str = include_str!("../../../sql/catalogue/information.sql");

fn add(sql: &mut String, table: &str, rows: &str) {
    writeln!(sql, "insert into {table} values {rows};").expect("writing to a string");
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
