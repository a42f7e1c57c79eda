//! Real clients in other languages read the same figures.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::running::Wire;

/// A program, if it is here. In CI it must be; elsewhere its test is left out, and says so.
pub fn program(name: &str) -> Option<PathBuf> {
    works(name, Command::new(name).arg("--version")).then(|| PathBuf::from(name))
}

#[expect(clippy::disallowed_methods, reason = "in CI a missing program is a failure")]
pub fn works(what: &str, command: &mut Command) -> bool {
    let found = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_here = found.is_ok_and(|status| status.success());
    if !is_here {
        assert!(std::env::var("CI").is_err(), "{what} is not installed");
        eprintln!("SKIPPED: {what} is not installed, so nothing was tried with it");
    }
    is_here
}

pub fn said(command: &mut Command) -> String {
    let said = command.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

/// A Python with the clients, made once; none where they cannot be installed.
fn python(wire: &Wire, script: &str) -> Option<String> {
    static MADE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let python = MADE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres-clients");
        let python = folder.join("bin/python");
        let mut check = Command::new(&python);
        check.args(["-c", "import psycopg, pg8000, sqlalchemy"]).stderr(Stdio::null());
        if check.status().is_ok_and(|status| status.success()) {
            return Some(python);
        }
        let is_made = works("Python's venv", Command::new("python3").args(["-m", "venv"]).arg(&folder))
            && works(
                "psycopg, pg8000 and SQLAlchemy by pip",
                Command::new(&python)
                    .args(["-m", "pip", "install", "--quiet", "psycopg[binary]==3.2.*", "pg8000==1.31.*"])
                    .arg("sqlalchemy>=2.0"),
            );
        is_made.then_some(python)
    });
    let python = python.as_ref()?;
    Some(said(Command::new(python).args(["-c", script, &wire.uri(), &wire.port.to_string(), &wire.token])))
}

#[test]
fn psql_reads_figures() {
    let Some(psql) = program("psql") else { return };
    let wire = Wire::start();
    let read = said(Command::new(psql).args([
        "-X",
        "-A",
        "-t",
        "-c",
        "select team, n from metric('deployment_frequency', 'all', 'team', '2025-09-01', '2025-10-06') order by team",
        &wire.uri(),
    ]));
    assert_eq!(read, "checkout|11\npayments|15");
}

#[test]
fn psycopg_reads_figures_by_name_and_by_parameter_in_text_and_binary() {
    let wire = Wire::start();
    let script = "
import sys, datetime, psycopg
with psycopg.connect(sys.argv[1]) as connection:
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            cursor.execute('select time, id, is_failed from deployment where service = %s and time >= %s order by time limit %s',
                ('api', datetime.datetime(2025, 9, 1, tzinfo=datetime.timezone.utc), 2))
            print(cursor.fetchall())
            cursor.execute(\"select count(*), sum(value), max(n) from metric('deployment_frequency', 'week', '', '2025-09-01', '2025-12-01')\")
            print([type(value).__name__ for value in cursor.fetchone()])
    try:
        connection.execute('delete from deployment')
    except psycopg.errors.InsufficientPrivilege as error:
        print('refused', error.diag.message_hint is not None)
    connection.rollback()
    print(connection.execute('select 1').fetchone(), connection.info.server_version)
";
    let Some(said) = python(&wire, script) else { return };
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].contains("api-4-0") && lines[0].contains("2025, 9, 1, 10, 0"), "{said}");
    assert_eq!(lines[0], lines[2]);
    assert_eq!(lines[1], "['int', 'float', 'int']");
    assert_eq!(lines[4..], ["refused True", "(1,) 150000"]);
}

#[test]
fn the_name_of_a_prepared_statement_is_free_again_once_it_is_deallocated() {
    let wire = Wire::start();
    let script = "
import sys, psycopg
connection = psycopg.connect(sys.argv[1], autocommit=True).pgconn
def state(result):
    return (result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b'-').decode()
def prepare(name, sql):
    return state(connection.prepare(name, sql))
print(prepare(b'a', b'select 1'), prepare(b'a', b'select 2'), prepare(b'', b'select 1'), prepare(b'', b'select 2'))
print(state(connection.exec_(b'deallocate a')), state(connection.exec_(b'deallocate a')), prepare(b'a', b'select 3'))
print(connection.exec_prepared(b'a', []).get_value(0, 0).decode())
for forget in [b'deallocate all', b'discard all']:
    print(state(connection.exec_(forget)), prepare(b'a', b'select 4'))
";
    let Some(said) = python(&wire, script) else { return };
    assert_eq!(said.lines().collect::<Vec<_>>(), ["- 42P05 - -", "- 26000 -", "3", "- -", "- -"]);
}

#[test]
fn pg8000_reads_figures() {
    let wire = Wire::start();
    let script = "
import sys, pg8000.native
connection = pg8000.native.Connection('reader', host='127.0.0.1', port=int(sys.argv[2]), database='cairn', password=sys.argv[3])
print(connection.run('select service, count(*) from deployment where team = :team group by service', team='payments'))
print(connection.run(\"select value from metric_value where metric = 'deployment_frequency' and grain = 'quarter' and grouped_by = 'all' order by time desc limit 1\"))
connection.close()
";
    let Some(said) = python(&wire, script) else { return };
    assert!(said.starts_with("[['api', 60]]\n[["), "{said}");
}

#[test]
fn sqlalchemys_inspector_finds_views_columns_and_comments() {
    let wire = Wire::start();
    let script = "
import sys, sqlalchemy
engine = sqlalchemy.create_engine(sys.argv[1].replace('postgresql://', 'postgresql+psycopg://'))
inspector = sqlalchemy.inspect(engine)
print(inspector.get_schema_names())
print('deployment' in inspector.get_view_names(), inspector.get_table_names())
print([(column['name'], str(column['type'])) for column in inspector.get_columns('team')][:3])
print(inspector.get_pk_constraint('team')['constrained_columns'], inspector.get_foreign_keys('team'), inspector.get_indexes('team'))
table = sqlalchemy.Table('deployment', sqlalchemy.MetaData(), autoload_with=engine)
with engine.connect() as connection:
    print(connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(table).where(table.c.team == 'payments')).scalar())
";
    let Some(said) = python(&wire, script) else { return };
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].contains("'public'"), "{said}");
    assert_eq!(lines[1], "True []");
    assert_eq!(lines[2], "[('team', 'TEXT'), ('kind', 'TEXT'), ('parent', 'TEXT')]");
    assert_eq!(lines[3..], ["[] [] []", "60"]);
}

#[test]
fn nodes_pg_reads_figures() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node-pg");
    std::fs::create_dir_all(&folder).unwrap();
    let is_there = folder.join("node_modules/pg").exists();
    let mut install = Command::new("npm");
    install.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix", ".", "pg@8"]).current_dir(&folder);
    if !is_there && !works("node's pg by npm", &mut install) {
        return;
    }
    let wire = Wire::start();
    let script = "
const { Client } = require('pg');
(async () => {
    const client = new Client({ connectionString: process.argv[1] });
    await client.connect();
    const found = await client.query('select time, service, is_live from deployment where service = $1 order by time limit 1', ['api']);
    console.log(JSON.stringify(found.rows));
    const named = { name: 'x', text: 'select n from metric($1, $2)', values: ['deployment_frequency', 'all'] };
    console.log((await client.query(named)).rows.length, (await client.query(named)).command);
    await client.end();
})();
";
    let read = said(Command::new("node").args(["-e", script, &wire.uri()]).current_dir(&folder));
    assert_eq!(read, "[{\"time\":\"2025-08-04T10:00:00.000Z\",\"service\":\"api\",\"is_live\":true}]\n1 SELECT");
}

#[test]
fn jdbc_finds_tables_columns_and_rows() {
    let jar = Path::new("/usr/share/java/postgresql.jar");
    if !works("Java", Command::new("java").arg("-version")) || !works("the JDBC driver", Command::new("ls").arg(jar)) {
        return;
    }
    let wire = Wire::start();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/postgres/Read.java");
    let address = format!("jdbc:postgresql://127.0.0.1:{}/cairn", wire.port);
    let read = said(Command::new("java").arg("-cp").arg(jar).arg(source).args([&address, &wire.token]));
    let lines: Vec<&str> = read.lines().map(str::trim).collect();
    assert_eq!(
        lines,
        [
            "PostgreSQL 15",
            "true true",
            "team:text kind:text parent:text engineers:int8 valid_from:timestamptz valid_until:timestamptz url:text",
            "false",
            "false",
            "false",
            "information_schema pg_catalog public",
            "api 48",
        ]
    );
}
