//! What a batch changes: the staged rows compared with those that stand, as `delta_*` tables.

use std::fmt::Write as _;

use duckdb::Connection;
use facts::{ColumnType, Kind, hashes};

use crate::error::StoreError;
use crate::past;
use crate::query::{Value, number, rows};

/// The columns of which the marts' refresh must know what stood before, and their types.
fn old_columns(kind: Kind) -> &'static [(&'static str, &'static str)] {
    const REPOSITORY: (&str, &str) = ("repository_hash", "ubigint");
    match kind {
        Kind::Deployment => &[("service", "varchar"), ("finished_at", "timestamp"), REPOSITORY],
        Kind::Change => &[("merged_at", "timestamp"), ("merge_revision_hash", "ubigint"), REPOSITORY],
        Kind::Incident => &[("service", "varchar"), ("opened_at", "timestamp"), ("caused_by_deployment", "varchar")],
        Kind::Commit => &[("change_id", "varchar")],
        Kind::Service | Kind::DeployedCommit => &[REPOSITORY],
        _ => &[],
    }
}

/// What a batch does to a kind of fact, as [`make`] found it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Rows that were not there.
    pub new: i64,
    /// Rows that were there and differ.
    pub changed: i64,
    /// Rows that no longer hold.
    pub removed: i64,
    /// What stands near is in `near_KIND`: of listings all of the same deployments, of commits all that are told or listed.
    pub is_near: bool,
}

/// The kinds that the marts are made of.
pub(crate) const MART_KINDS: [Kind; 6] =
    [Kind::Deployment, Kind::Change, Kind::Commit, Kind::DeployedCommit, Kind::Incident, Kind::Service];

/// A column's name, quoted: some kinds have columns called `from` and `to`.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// All columns of a kind's table but `ingested_at`.
pub(crate) fn table_columns(kind: Kind) -> Vec<&'static str> {
    let own = kind.spec().columns.iter().map(|column| column.name);
    own.chain(["fact_hash"]).chain(hashes(kind).iter().map(|(name, _)| *name)).collect()
}

/// The statement that makes the staging table of a kind.
pub(crate) fn staging_table(kind: Kind) -> String {
    let mut sql = format!("create or replace temp table staged_{kind} (");
    for column in kind.spec().columns {
        let sql_type = match column.column_type {
            ColumnType::Text | ColumnType::Person | ColumnType::Choice(_) => "varchar",
            ColumnType::Time => "timestamp",
            ColumnType::Day => "date",
            ColumnType::Integer => "bigint",
            ColumnType::Real => "double",
            ColumnType::Boolean => "boolean",
        };
        write!(sql, "{} {sql_type}, ", quoted(column.name)).expect("writing to a string cannot fail");
    }
    sql.push_str("fact_hash ubigint, ");
    for (name, _) in hashes(kind) {
        write!(sql, "{name} ubigint, ").expect("writing to a string cannot fail");
    }
    sql.push_str("origin_file bigint, origin_line bigint, is_undated boolean)");
    sql
}

/// The condition under which two rows, `staged` and `stored`, differ in anything that counts.
fn differs(columns: &[&str]) -> String {
    let comparisons: Vec<String> =
        columns.iter().map(|name| format!("staged.{0} is distinct from stored.{0}", quoted(name))).collect();
    comparisons.join(" or ")
}

/// Drops staged rows that say "from now on" what the newest row already says.
pub(crate) fn drop_undated_repeats(connection: &Connection, kind: Kind) -> duckdb::Result<i64> {
    let spec = kind.spec();
    let has_undated = spec.defaults.iter().any(|(_, default)| *default == facts::DefaultValue::Now);
    if !has_undated || number(connection, &format!("select count(*) from staged_{kind} where is_undated"))? == 0 {
        return Ok(0);
    }
    let content: Vec<&str> =
        spec.columns.iter().map(|column| column.name).filter(|name| *name != "valid_from").collect();
    let dropped = connection.execute(
        &format!(
            "delete from staged_{kind} as staged using (
                select * from facts.{kind}
                qualify row_number() over (partition by source, name order by valid_from desc) = 1
            ) as stored
            where staged.is_undated and staged.source = stored.source and staged.name = stored.name and not ({})",
            differs(&content)
        ),
        [],
    )?;
    Ok(dropped as i64)
}

/// What stands and was taken away where it was told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gone<'a> {
    /// All of a source that was not staged.
    OfSource(&'a str),
    /// Commits, and what is a change by itself, that [`TRUNK_TABLES`] do not name.
    OfTrunk,
}

/// What was read of trunks: where and of which time, and the commits found there.
pub(crate) const TRUNK_TABLES: &str = "
    create or replace temp table trunk (source varchar, repository varchar, from_at timestamp, to_at timestamp);
    create or replace temp table trunk_revision (source varchar, repository varchar, revision varchar)";

impl Gone<'_> {
    /// Whether rows of a kind can be gone.
    pub(crate) fn concerns(self, kind: Kind) -> bool {
        matches!(self, Gone::OfSource(_)) || matches!(kind, Kind::Change | Kind::Commit)
    }

    /// The condition under which a row, `stored`, is gone, and what is bound to it.
    fn condition(self, kind: Kind) -> (String, Vec<String>) {
        match self {
            Gone::OfSource(source) => (
                format!("source = ? and fact_hash not in (select fact_hash from staged_{kind})"),
                vec![source.to_owned()],
            ),
            Gone::OfTrunk => {
                let (revision, change, at) = match kind {
                    Kind::Change => ("merge_revision", "id", "merged_at"),
                    _ => ("revision", "change_id", "committed_at"),
                };
                // A commit of a pull request is not on the trunk when that was squashed, and stays.
                let condition = format!(
                    "{revision} = {change}
                    and exists (
                        from trunk
                        where trunk.source = stored.source and trunk.repository = stored.repository
                        and stored.{at} between trunk.from_at and trunk.to_at
                    )
                    and not exists (
                        from trunk_revision
                        where trunk_revision.source = stored.source and trunk_revision.repository = stored.repository
                        and trunk_revision.revision = stored.{revision}
                    )"
                );
                (condition, Vec::new())
            }
        }
    }
}

/// Makes `delta_KIND`: the staged rows that are new or differ from what stands, and those of what stands that are gone,
/// marked as removed. Returns how many are new, changed and removed. `n_listed` says how many listings are staged beside them.
pub(crate) fn make(
    connection: &Connection,
    kind: Kind,
    gone: Option<Gone<'_>>,
    n_listed: Option<i64>,
) -> Result<Counts, StoreError> {
    let gone = gone.filter(|gone| gone.concerns(kind));
    let failed = |error: duckdb::Error| StoreError::database(format!("comparing {kind} facts"), &error);
    let n_staged = number(connection, &format!("select count(*) from staged_{kind}")).map_err(failed)?;
    let n_repeats = number(connection, &format!("select count(*) from ({})", repeats(kind))).map_err(failed)?;
    let n_distinct = n_staged - n_repeats;
    // Of repeats within one batch the last is heard.
    let heard = if n_repeats == 0 {
        format!("staged_{kind}")
    } else {
        format!(
            "(
                select * from staged_{kind}
                qualify row_number() over (partition by fact_hash order by origin_file desc, origin_line desc, rowid desc) = 1
            )"
        )
    };
    // Which rows stand already is found by their hashes alone: comparing at once would read every text ever stored.
    let is_beside_listings = n_listed.is_some_and(|n_listed| n_listed <= FEW);
    let near = if n_staged <= FEW { near(kind, is_beside_listings) } else { String::new() };
    // Of some the marts want to know what else stands near them.
    let kept = match kind {
        Kind::DeployedCommit => "deployment_hash, revision_hash, repository_hash",
        Kind::Commit if is_beside_listings => "revision_hash, repository_hash, authored_at",
        _ => "",
    };
    let is_near = !near.is_empty() && !kept.is_empty();
    let known = if is_near {
        format!(
            "create or replace temp table near_{kind} as
            select rowid as stored_row, fact_hash, {kept}
            from facts.{kind} as stored
            {near};
            create or replace temp table known_{kind} as
            select stored_row from near_{kind} semi join staged_{kind} using (fact_hash)"
        )
    } else {
        format!(
            "create or replace temp table known_{kind} as
            select stored.rowid as stored_row
            from facts.{kind} as stored
            semi join staged_{kind} using (fact_hash)
            {near}"
        )
    };
    connection.execute_batch(&known).map_err(failed)?;
    let n_known = number(connection, &format!("select count(*) from known_{kind}")).map_err(failed)?;
    let mut counts = Counts { new: n_distinct - n_known, is_near, ..Counts::default() };
    if n_known == 0 && gone.is_none() {
        let old: String =
            old_columns(kind).iter().map(|(name, sql_type)| format!("null::{sql_type} as old_{name}, ")).collect();
        // Nothing but new rows, which need not be copied once more.
        connection
            .execute_batch(&format!(
                "create or replace temp view delta_{kind} as
                select * exclude (is_undated), {old} 'new' as change, from {heard} as staged"
            ))
            .map_err(failed)?;
        return Ok(counts);
    }
    compare(connection, kind, &heard).map_err(failed)?;
    if let Some(gone) = gone {
        let (condition, bound) = gone.condition(kind);
        let listed: Vec<String> = table_columns(kind).iter().map(|name| quoted(name)).collect();
        let old: String = old_columns(kind).iter().map(|(name, _)| format!(", {name}")).collect();
        let sql = format!(
            "insert into delta_{kind}
            select {}, null, null {old}, 'removed', false
            from facts.{kind} as stored
            where {condition}",
            listed.join(", ")
        );
        counts.removed = connection.execute(&sql, duckdb::params_from_iter(bound)).map_err(failed)? as i64;
    }
    let collision = rows(connection, &format!("select fact_hash::varchar from delta_{kind} where is_collision"), &[])
        .map_err(failed)?;
    if let Some(Value::Text(hash)) = collision.rows.into_iter().flatten().next() {
        return Err(StoreError::HashCollision { kind: kind.to_string(), hash });
    }
    let changed = format!("select count(*) from delta_{kind} where change = 'changed'");
    counts.changed = number(connection, &changed).map_err(failed)?;
    Ok(counts)
}

/// The query that yields each repetition of an identity among the staged rows of a kind. Rows are mostly told once, and putting
/// their hashes in order takes a third of what grouping them takes.
pub(crate) fn repeats(kind: Kind) -> String {
    format!("select fact_hash from staged_{kind} qualify lag(fact_hash) over (order by fact_hash) = fact_hash")
}

/// So few rows that most of what stands has nothing to do with them.
const FEW: i64 = 10_000;

/// The condition under which a row, `stored`, may be one of the staged ones: it belongs to the same repository or
/// deployment, where the identity says to which. Rows of one mostly stand together, so that most are passed over without being
/// looked at; why `& 0 = 0` is said in `sql/marts/0_scope.sql`.
fn near(kind: Kind, is_beside_listings: bool) -> String {
    // The marts want the listed commits, too, and both are found in one look.
    if kind == Kind::Commit && is_beside_listings {
        let sought = "select repository_hash, revision_hash from staged_commit
            union all
            select repository_hash, revision_hash from staged_deployed_commit";
        let is_sought =
            |column: &str| format!("stored.{column} in (select {column} from ({sought}) where {column} & 0 = 0)");
        return format!("where {} and {}", is_sought("repository_hash"), is_sought("revision_hash"));
    }
    let spec = kind.spec();
    let is_told = |name: &&str| {
        let is_required = spec.columns.iter().any(|column| column.name == *name && column.is_required);
        *name == "source" || spec.identity.contains(name) && is_required
    };
    // A revision alone would be of no help: no two rows that stand together share one.
    let owner = ["deployment_hash", "repository_hash"]
        .into_iter()
        .find(|owner| hashes(kind).iter().any(|(name, columns)| name == owner && columns.iter().all(&is_told)));
    owner.map_or_else(String::new, |owner| {
        format!("where stored.{owner} in (select {owner} from staged_{kind} where {owner} & 0 = 0)")
    })
}

/// Makes `delta_KIND` by comparing the staged rows with those of them that stand already.
fn compare(connection: &Connection, kind: Kind, heard: &str) -> duckdb::Result<()> {
    let columns = table_columns(kind);
    let old: String = old_columns(kind).iter().map(|(name, _)| format!("stored.{name} as old_{name}, ")).collect();
    let identity: Vec<&str> = ["source"].into_iter().chain(kind.spec().identity.iter().copied()).collect();
    connection.execute_batch(&format!(
        "create or replace temp table delta_{kind} as
        select staged.* exclude (is_undated), {old}
            if(stored.fact_hash is null, 'new', 'changed') as change,
            stored.fact_hash is not null and ({}) as is_collision,
        from {heard} as staged
        left join (
            select stored.*
            from facts.{kind} as stored
            semi join known_{kind} on known_{kind}.stored_row = stored.rowid
        ) as stored using (fact_hash)
        where stored.fact_hash is null or {}",
        differs(&identity),
        differs(&columns),
    ))
}

/// Makes an empty `delta_KIND`, for a kind that the batch does not hold.
pub(crate) fn make_empty(connection: &Connection, kind: Kind) -> duckdb::Result<()> {
    let old: String = old_columns(kind).iter().map(|(name, _)| format!("{name} as old_{name}, ")).collect();
    connection.execute_batch(&format!(
        "create or replace temp table delta_{kind} as
        select *, {old} 'new' as change from facts.{kind} limit 0"
    ))
}

/// Merges `delta_KIND` into the facts. New rows are known to be new and need not be looked for again.
/// What they take the place of is kept for a while.
pub(crate) fn merge(
    connection: &Connection,
    kind: Kind,
    counts: Counts,
    keep: chrono::Duration,
    now_micros: i64,
) -> duckdb::Result<()> {
    let columns: Vec<String> = table_columns(kind).iter().map(|name| quoted(name)).collect();
    let columns_of = |table: &str| columns.iter().map(|name| format!("{table}.{name}")).collect::<Vec<_>>().join(", ");
    if counts.changed + counts.removed > 0 {
        past::keep(connection, kind, keep, now_micros)?;
        let assignments: Vec<String> = columns.iter().map(|name| format!("{name} = delta.{name}")).collect();
        let sql = format!(
            "merge into facts.{kind} as stored
            using (select * from delta_{kind} where change != 'new') as delta
            on stored.fact_hash = delta.fact_hash
            when matched and delta.change = 'removed' then delete
            when matched then update set {}, ingested_at = make_timestamp(?)",
            assignments.join(", "),
        );
        connection.execute(&sql, [now_micros])?;
    }
    if counts.new > 0 {
        let sql = format!(
            "insert into facts.{kind} ({}, ingested_at)
            select {}, make_timestamp(?) from delta_{kind} as delta where change = 'new'",
            columns.join(", "),
            columns_of("delta"),
        );
        connection.execute(&sql, [now_micros])?;
    }
    Ok(())
}

/// Adds the names that the batch brought to the dictionary of names.
pub(crate) fn add_names(connection: &Connection, kind: Kind) -> duckdb::Result<()> {
    const NAMED: [&str; 6] = ["service", "team", "system", "environment", "repository", "template"];
    let own = if matches!(kind, Kind::Service | Kind::Team) { Some("name") } else { None };
    let columns = kind.spec().columns.iter().map(|column| column.name).filter(|name| NAMED.contains(name)).chain(own);
    for column in columns {
        connection.execute_batch(&format!(
            "insert into marts.name
            select
                (select coalesce(max(key), 0) from marts.name) + (row_number() over (order by fresh.name))::integer,
                fresh.name,
            from (select distinct {column} as name from delta_{kind} where {column} is not null) as fresh
            anti join marts.name using (name)"
        ))?;
    }
    if hashes(kind).iter().any(|(name, _)| *name == "repository_hash") {
        connection.execute_batch(&format!(
            "insert into marts.repository
            select distinct fresh.repository_hash, name.key
            from delta_{kind} as fresh
            join marts.name on name.name = fresh.repository
            anti join marts.repository as known on known.repository_hash = fresh.repository_hash"
        ))?;
    }
    Ok(())
}
