//! The same tables in PostgreSQL itself: what clients ask of its catalogue, and what Grafana makes of its macros, is answered
//! alike in columns, types and rows. Only `extract` and what is computed of it is a double here and a numeric there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dashboards::published::{ColumnKind, Relation};

use super::house;
use super::running::{Client, Wire};

const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A PostgreSQL that runs until this is dropped.
struct Real {
    folder: PathBuf,
    port: u16,
}

/// A command as a user who may run PostgreSQL: it refuses to be run by root.
fn as_anyone(program: &str) -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout == b"0\n");
    let program = format!("{BIN}/{program}");
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", &program]);
    command
}

impl Real {
    #[expect(clippy::disallowed_methods, reason = "in CI a missing PostgreSQL is a failure")]
    fn start() -> Option<Real> {
        if !Path::new(BIN).join("initdb").exists() {
            assert!(std::env::var("CI").is_err(), "PostgreSQL 15 is not installed");
            eprintln!("SKIPPED: PostgreSQL 15 is not installed, so nothing was compared with it");
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = std::env::temp_dir().join(format!("cairn-postgres-{port}"));
        std::fs::create_dir(&folder).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        let data = folder.join("data");
        let run = |command: &mut Command| {
            let ran = command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            assert!(ran.success(), "{command:?}");
        };
        run(as_anyone("initdb").args(["-U", "reader", "-A", "trust", "--locale=C", "-E", "UTF8", "-D"]).arg(&data));
        let settings = format!("-p {port} -k {} -c listen_addresses=127.0.0.1 -c timezone=UTC", folder.display());
        run(as_anyone("pg_ctl")
            .args(["-w", "start", "-o", &settings, "-l"])
            .arg(folder.join("log"))
            .arg("-D")
            .arg(&data));
        run(as_anyone("createdb").args(["-h", "127.0.0.1", "-U", "reader", "-p", &port.to_string(), "cairn"]));
        Some(Real { folder, port })
    }

    fn client(&self) -> Client {
        Client::by(&format!("postgresql://reader@127.0.0.1:{}/cairn", self.port).parse().unwrap()).unwrap()
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let _ = as_anyone("pg_ctl")
            .current_dir("/")
            .args(["-m", "immediate", "stop", "-D"])
            .arg(data)
            .stdout(Stdio::null())
            .status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn sql_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Instant => "timestamptz",
        ColumnKind::Text => "text",
        ColumnKind::Number => "double precision",
        ColumnKind::Whole => "bigint",
        ColumnKind::Truth => "boolean",
    }
}

/// A published table as a view over a table of PostgreSQL's own.
fn made(relation: &Relation) -> String {
    let columns: Vec<String> =
        relation.columns.iter().map(|column| format!("\"{}\" {}", column.name, sql_type(column.kind))).collect();
    let name = &relation.name;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut sql = format!(
        "create schema if not exists hidden; create table hidden.\"{name}\" ({});
        create view public.\"{name}\" as select * from hidden.\"{name}\";
        comment on view public.\"{name}\" is {};",
        columns.join(", "),
        quoted(&relation.comment)
    );
    for column in &relation.columns {
        sql += &format!("comment on column public.\"{name}\".\"{}\" is {};", column.name, quoted(&column.comment));
    }
    sql
}

const SEARCH_PATH: &str = "quote_ident(table_schema) in (
    select case when trim(s[i]) = '\"$user\"' then user else trim(s[i]) end
    from generate_series(
        array_lower(string_to_array(current_setting('search_path'), ','), 1),
        array_upper(string_to_array(current_setting('search_path'), ','), 1)
    ) as i, string_to_array(current_setting('search_path'), ',') s)";

/// What clients ask.
fn questions() -> Vec<String> {
    let mut all = vec![
        "select current_setting('server_version_num')::int / 100 as version".into(),
        "select extversion from pg_extension where extname = 'timescaledb'".into(),
        "select schema_name as \"name\" from information_schema.schemata where schema_name not in ('information_schema', 'pg_catalog', 'pg_toast', 'hidden') order by schema_name".into(),
        format!("select case when {SEARCH_PATH} then quote_ident(table_name) else quote_ident(table_schema) || '.' || quote_ident(table_name) end as \"table\" from information_schema.tables where quote_ident(table_schema) not in ('information_schema', 'pg_catalog', 'hidden') order by case when {SEARCH_PATH} then 0 else 1 end, 1"),
        "select table_name, column_name, ordinal_position, data_type, is_nullable, udt_name from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position".into(),
        "select c.relname, c.relkind, n.nspname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' order by 1".into(),
        "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnum from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relnamespace = 'public'::regnamespace and a.attnum > 0 order by 1, 4".into(),
        "select obj_description('public.team'::regclass, 'pg_class'), col_description('public.team'::regclass, 1)".into(),
        "select typname, typlen, typtype from pg_type where oid in (16, 20, 23, 25, 701, 1184, 1700) order by oid".into(),
        "select current_schema::text, current_schemas(false)::text[], current_database()::text".into(),
        "select quote_ident('time'), quote_ident('a b'), quote_ident('team'), 1 / 2, 7 % 3, 2 ^ 3, 'a' || 'b', null is null".into(),
        "select \"time\", id, is_failed from deployment order by id".into(),
        "select service, count(*), count(distinct team), max(\"time\"), min(id) from deployment group by service order by service".into(),
        "select date_trunc('week', \"time\") as \"time\", count(*) from deployment where \"time\" between '2025-08-01T00:00:00Z' and '2025-09-01T00:00:00Z' group by 1 order by 1".into(),
        "select \"time\" as \"time\", is_live, 'x' as metric from deployment where \"time\" >= '2025-08-05T00:00:00Z' order by 1, 2 limit 5".into(),
        "select x, x is null from (values (2), (null), (1)) as t(x) order by x desc".into(),
        "with a as (select 1 as x union all select 2) select sum(x)::int8, avg(x)::float8, count(*) from a".into(),
        "select 'abc' ~ 'b', 'abc' ilike 'A%', 'abc' like 'b', 'abc' not like '%c'".into(),
        "select array['a', 'b c', null], array[1, 2], true, false, null::text, 1.50::numeric(5, 2), date '2025-01-31'".into(),
        "select coalesce(null, 'x'), nullif(1, 1), case when 1 = 1 then 'y' end, greatest(1, 2), length('é'), upper('a')".into(),
        "select \"time\" at time zone 'UTC' from deployment order by id limit 1".into(),
    ];
    // Patterns, and what a backslash does to them.
    all.extend([
        r"select 'a_b' like 'a\_b', 'axb' like 'a\_b', 'a%b' like 'a\%%', 'a\b' like 'a\\b', 'a\b' like 'a\b', 'ab' like 'a\b'".into(),
        r"select 'ABC' ilike 'a\bc', 'ABC' ilike 'a_c', 'É' ilike '_', 'abc' not like 'a\_c', 'abc' not ilike '%C', null like 'a'".into(),
        r"select 'a%c' like 'a!%c' escape '!', 'a\c' like 'a\c' escape '', 'a.c' like 'a._', 'a(c' like '%(_', 'a
b' like 'a_b'".into(),
        r"select x, 'a_b\c' like x, 'A_B\C' ilike x from (values ('a\_b%'), ('%\\c'), ('a[_]b%'), ('%_b__'), ('')) as t(x) order by 1".into(),
        r"select x, 'a_b\c' like x escape '/', 'a/b' like x || '%' escape '/' from (values ('a/_b%'), ('a//'), ('a_b\'), ('%c')) as t(x) order by 1".into(),
        r"select 'a\b' like x escape '' from (values ('a\b'), ('a_b'), ('a\_')) as t(x) order by x".into(),
        r"select 'a\' like 'a\'".into(),
        r"select x like x from (values ('ab\')) as t(x)".into(),
        r"select 'a' like 'b' escape 'xy'".into(),
        r"select distinct relname from pg_class where relname like 'metric\_val%' order by 1".into(),
    ]);
    // Instants and spans as they may be written.
    all.extend([
        "select timestamptz '2026-03-29 00:00+00', '2026-03-29T00:00Z'::timestamptz, '2026-03-29 02:00+02:00'::timestamptz".into(),
        "select interval 'P1D', interval 'P1Y2M3DT4H5M6S', 'P2W'::interval, 'PT1.5H'::interval".into(),
        "select 'today'::date = current_date, 'yesterday'::date = current_date - 1, 'tomorrow'::timestamptz > now(), 'now'::timestamptz = now(), 'today'::timestamptz <= now()".into(),
        "select count(*) from deployment where time >= '2025-08-11 00:00+00' and time < '2025-08-12T00:00Z'".into(),
        "select count(*) from deployment where time < 'today' and time not between 'yesterday' and 'tomorrow'".into(),
    ]);
    // Functions that BI tools send.
    all.extend([
        "select lpad('a', 3, 'xy'), lpad('abc', 2), rpad('a', 3), rpad('é', 3, '-'), repeat('ab', 2), repeat('a', -1)".into(),
        "select date_bin('15 minutes', timestamptz '2026-01-01 00:17:00+00', '2026-01-01'), date_bin(interval '7 days', timestamp '2025-12-31 00:17:00', timestamp '2026-01-01')".into(),
        "select to_date('04.03.2026', 'DD.MM.YYYY'), to_date('2026-03', 'YYYY-MM')".into(),
        "select make_interval(days => 10), make_interval(0, 1), make_interval(hours => 2, mins => 3)".into(),
        "values (1, 'a'), (2, 'b')".into(),
        "select * from (values (1, 'a')) v".into(),
        "select column1 + 1 as x from (values (1), (2)) v order by 1".into(),
        "select g from generate_series(timestamptz '2026-01-01', timestamptz '2026-01-03', '1 day') g".into(),
        "select g::date from generate_series(timestamp '2026-01-01', timestamp '2026-01-03', interval '1 day') g".into(),
        "select initcap('ab CD-ef'), btrim(' a '), btrim('xax', 'x'), format('%s-%I-%%', 1, 'A b'), array_remove(array[1, 2, 1], 1)".into(),
        "select every(x > 0), count(*) from (values (1), (2)) v(x)".into(),
    ]);
    // `$__timeGroup(time, '1w')`, and `$__timeEpoch(time)`.
    all.push("select floor(extract(epoch from \"time\") / 604800) * 604800 as \"time\", count(*) as n from deployment group by 1 order by 1".into());
    all.push("select extract(epoch from \"time\") as \"time\" from deployment order by id limit 3".into());
    all
}

#[test]
fn questions_of_the_catalogue_and_of_macros_are_answered_as_postgresql_answers_them() {
    let Some(real) = Real::start() else { return };
    let (there, wire) = (real.client(), Wire::start());
    let here = Client::of(&wire);
    for relation in house().published.relations() {
        there.simple(&made(relation)).unwrap();
    }
    let rows = here.simple("select \"time\", id, service, team, is_live, is_failed from deployment").unwrap();
    for row in rows.iter().filter_map(|row| row.strip_prefix("row ")) {
        let values: Vec<String> = row.split('|').map(|text| format!("'{text}'")).collect();
        let sql = format!(
            "insert into hidden.deployment (\"time\", id, service, team, is_live, is_failed) values ({})",
            values.join(", ")
        );
        there.simple(&sql).unwrap();
    }
    let mut wrong = Vec::new();
    for sql in questions() {
        let (own, other) = (here.simple(&sql), there.simple(&sql));
        let columns = |client: &Client| -> Vec<(String, u32)> {
            let statement = client.runtime.block_on(client.client.prepare(&sql)).unwrap();
            let number = |oid: u32| if sql.contains("extract(") && oid == 701 { 1700 } else { oid };
            statement.columns().iter().map(|column| (column.name().to_owned(), number(column.type_().oid()))).collect()
        };
        let plain = |found: Result<Vec<String>, String>| -> Vec<String> {
            let without_zeros = |row: String| if sql.contains("extract(") { row.replace(".000000", "") } else { row };
            found.map_or_else(|state| vec![state], |rows| rows.into_iter().map(without_zeros).collect())
        };
        let (own, other) = (plain(own), plain(other));
        if own != other {
            let first = own.iter().zip(&other).find(|(own, other)| own != other);
            wrong.push(format!("{sql}\n   {} rows here, {} there; {first:?}", own.len(), other.len()));
        } else if other[0].len() != 5 && columns(&here) != columns(&there) {
            wrong.push(format!("{sql}\n   here  {:?}\n   there {:?}", columns(&here), columns(&there)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
