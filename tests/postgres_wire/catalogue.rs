//! How clients find their way: the catalogue, and the queries that they send to it.

use super::house;
use super::running::{Client, Wire};

#[test]
fn grafanas_query_builder_finds_tables_and_columns() {
    let house = house();
    let constraint = "quote_ident(table_schema) IN (
          SELECT CASE WHEN trim(s[i]) = '\"$user\"' THEN user ELSE trim(s[i]) END
          FROM generate_series(
              array_lower(string_to_array(current_setting('search_path'),','),1),
              array_upper(string_to_array(current_setting('search_path'),','),1)
            ) as i,
            string_to_array(current_setting('search_path'),',') s
          )";
    let tables = house
        .rows(&format!(
            "SELECT CASE WHEN {constraint} THEN quote_ident(table_name)
            ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS \"table\"
            FROM information_schema.tables
            WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache')
            ORDER BY CASE WHEN {constraint} THEN 0 ELSE 1 END, 1"
        ))
        .unwrap();
    let tables: Vec<&str> = tables.iter().map(|row| row[0].as_str()).collect();
    assert!(tables.contains(&"metric_value") && tables.contains(&"deployment"), "{tables:?}");
    let columns = house
        .rows(&format!(
            "SELECT quote_ident(column_name) AS \"column\", data_type AS \"type\"
            FROM information_schema.columns
            WHERE CASE WHEN array_length(parse_ident('incident'),1) = 2
                THEN quote_ident(table_schema) = (parse_ident('incident'))[1] AND quote_ident(table_name) = (parse_ident('incident'))[2]
                ELSE quote_ident(table_name) = 'incident' AND {constraint} END"
        ))
        .unwrap();
    assert!(columns.contains(&vec!["\"time\"".into(), "timestamp with time zone".into()]), "{columns:?}");
    assert!(columns.contains(&vec!["severity".into(), "text".into()]));
    assert_eq!(house.rows("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'").unwrap().len(), 0);
    let schemas = house.rows("select schema_name from information_schema.schemata where schema_name not in ('information_schema', 'pg_catalog') order by schema_name");
    assert_eq!(schemas.unwrap(), [["public"]]);
}

#[test]
fn every_column_has_a_lower_case_name_a_type_and_a_comment() {
    let house = house();
    let bad = house
        .rows("select table_name, column_name from information_schema.columns where udt_name is null or data_type is null or column_name != lower(column_name)")
        .unwrap();
    assert!(bad.is_empty(), "{bad:?}");
    let silent = house
        .rows(
            "select c.relname, a.attname from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid
            left join pg_description d on d.objoid = c.oid and d.objsubid = a.attnum
            where n.nspname = 'public' and d.description is null",
        )
        .unwrap();
    assert!(silent.is_empty(), "{silent:?}");
    let told = house.rows("select obj_description('public.metric_value'::regclass, 'pg_class'), col_description('metric_value'::regclass::oid, 1)").unwrap();
    assert!(told[0][0].starts_with("Figures of all metrics") && told[0][1].starts_with("The metric"), "{told:?}");
}

#[test]
fn the_words_of_postgresqls_catalogue_are_understood() {
    let house = house();
    let found = house
        .rows(
            "SELECT c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname OPERATOR(pg_catalog.~) '^(metric_value)$' COLLATE pg_catalog.default
            AND pg_catalog.pg_table_is_visible(c.oid) AND c.relkind::pg_catalog.text <> 'x' ORDER BY 1",
        )
        .unwrap();
    assert_eq!(found, [["metric_value"]]);
    assert_eq!(house.rows("select 'team'::regclass::oid = 'public.team'::regclass").unwrap(), [["true"]]);
    assert_eq!(
        house.rows("select current_schemas(false), pg_backend_pid(), current_database()").unwrap()[0][1..],
        ["7", "cairn"]
    );
    assert_eq!(
        house.rows("select 'abc' ~ 'b', 'abc' ~* 'B', 'abc' !~ 'b', 'abc' !~* 'x'").unwrap(),
        [["true", "true", "false", "true"]]
    );
    assert_eq!(house.rows("select Team from Service where SERVICE = 'api'").unwrap(), [["payments"]]);
}

#[test]
fn columns_without_a_name_are_called_as_postgresql_calls_them() {
    let names = |sql: &str| -> Vec<String> {
        house().plan(sql).unwrap().columns.into_iter().map(|column| column.name).collect()
    };
    assert_eq!(
        names(
            "select n::int, coalesce(n, 0), n + 1, current_user, case when true then 1 end, extract(year from now()),
                'x'::text, current_setting('search_path'), '1'::regclass
            from metric('deployment_frequency')"
        ),
        ["n", "coalesce", "?column?", "current_user", "case", "extract", "text", "current_setting", "regclass"]
    );
    assert_eq!(
        names("select count, max, '?' from (select count(*), max(n) from metric('deployment_frequency')) as inner_one"),
        ["count", "max", "?column?"]
    );
}

#[test]
fn psql_lists_and_describes_tables() {
    let Some(psql) = super::clients::program("psql") else { return };
    let wire = Wire::start();
    let ask = |command: &str| {
        let said = std::process::Command::new(&psql)
            .args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", command, &wire.uri()])
            .output()
            .unwrap();
        let (out, err) =
            (String::from_utf8_lossy(&said.stdout).into_owned(), String::from_utf8_lossy(&said.stderr).into_owned());
        assert!(said.status.success() && (err.is_empty() || err.starts_with("Did not find any")), "{command}: {err}");
        out
    };
    assert!(ask("\\d").contains("public|metric_value|view|cairn"));
    assert!(ask("\\dv+ team").contains("Teams and their history"));
    let described = ask("\\d deployment");
    assert!(described.contains("time|timestamp with time zone"), "{described}");
    assert!(ask("\\d+ incident").contains("Its severity, as its source names it."));
    for command in [
        "\\dt",
        "\\dn",
        "\\dn+",
        "\\l",
        "\\du",
        "\\dT",
        "\\df",
        "\\di",
        "\\ds",
        "\\dp",
        "\\dx",
        "\\conninfo",
        "\\dd",
        "\\des",
        "\\db",
        "\\encoding",
        "\\dv",
        "\\dm",
        "\\dRp",
        "\\dew",
        "\\deu",
        "\\dy",
        "\\dc",
        "\\dC",
        "\\dF",
        "\\dFd",
        "\\dFp",
        "\\dFt",
        "\\dO",
        "\\do",
        "\\dL",
        "\\drds",
        "\\dconfig",
    ] {
        ask(command);
    }
}

#[test]
fn the_numbers_of_types_are_those_of_the_catalogue() {
    let wire = Wire::start();
    let Client { runtime, client } = Client::of(&wire);
    let statement =
        runtime.block_on(client.prepare("select oid, relname, relkind, relnamespace from pg_class")).unwrap();
    let oids: Vec<u32> = statement.columns().iter().map(|column| column.type_().oid()).collect();
    assert_eq!(oids, [26, 19, 18, 26]);
    let statement = runtime
        .block_on(client.prepare("select table_name, data_type, ordinal_position from information_schema.columns"))
        .unwrap();
    let oids: Vec<u32> = statement.columns().iter().map(|column| column.type_().oid()).collect();
    assert_eq!(oids, [19, 1043, 23]);
}

#[test]
fn types_are_told_apart_by_the_functions_that_read_them() {
    let house = house();
    let arrays = house
        .rows("select typname from pg_type where typinput = 'array_in'::regproc and typname like '\\_%8' order by 1");
    assert_eq!(arrays.unwrap(), [["_float8"], ["_int8"]]);
    // As pgjdbc asks for a type, and Npgsql for all of them.
    let asked = "SELECT typinput='array_in'::regproc as is_array, typtype, typname, pg_type.oid FROM pg_catalog.pg_type
        LEFT JOIN (select ns.oid as nspoid, ns.nspname, r.r from pg_namespace as ns
            join (select s.r, (current_schemas(false))[s.r] as nspname
                from generate_series(1, array_upper(current_schemas(false), 1)) as s(r)) as r
            using (nspname)) as sp ON sp.nspoid = typnamespace
        WHERE typname = 'text' ORDER BY sp.r, pg_type.oid DESC";
    assert_eq!(house.rows(asked).unwrap(), [["false", "b", "text", "25"]]);
    let asked = "select typ.typname from pg_type as typ left join pg_proc as proc on proc.oid = typ.typreceive
        where proc.proname = 'array_recv' and typ.typelem = 25";
    assert_eq!(house.rows(asked).unwrap(), [["_text"]]);
    assert_eq!(
        house.rows("select proname from pg_proc where oid = 'pg_catalog.boolin'::regproc").unwrap(),
        [["boolin"]]
    );
}

#[test]
fn functions_that_there_are_not_are_not_called_forbidden() {
    let house = house();
    for call in ["nvl(1, 2)", "justify_days(interval '40 days')", "no_such_function()"] {
        assert_eq!(house.refusal(&format!("select {call}")).sqlstate, "42883", "{call}");
    }
}
