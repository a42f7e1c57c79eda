-- The catalogue of PostgreSQL 15, as far as clients look into it. Tables without anything to tell are empty, with the
-- columns that clients name.
create view pg.pg_namespace as
select * from (values
    (11::bigint, 'pg_catalog', 10::bigint, null::varchar[]),
    (2200, 'public', 10, null),
    (13000, 'information_schema', 10, null)
) as t(oid, nspname, nspowner, nspacl);

create view pg.pg_class as
select
    number as oid,
    name as relname,
    schema_number as relnamespace,
    0::bigint as reltype,
    0::bigint as reloftype,
    10::bigint as relowner,
    0::bigint as relam,
    0::bigint as relfilenode,
    0::bigint as reltablespace,
    0 as relpages,
    -1::float as reltuples,
    0 as relallvisible,
    0::bigint as reltoastrelid,
    false as relhasindex,
    false as relisshared,
    'p' as relpersistence,
    kind as relkind,
    n_columns as relnatts,
    0::smallint as relchecks,
    false as relhasrules,
    false as relhastriggers,
    false as relhassubclass,
    false as relrowsecurity,
    false as relforcerowsecurity,
    true as relispopulated,
    'n' as relreplident,
    false as relispartition,
    0::bigint as relrewrite,
    0::bigint as relfrozenxid,
    0::bigint as relminmxid,
    null::varchar[] as relacl,
    null::varchar[] as reloptions,
    null::varchar as relpartbound,
    false as relhasoids,
    1259::bigint as tableoid,
from pg.object;

create view pg.pg_attribute as
select
    number as attrelid,
    name as attname,
    type_number as atttypid,
    -1 as attstattarget,
    case type_number when 16 then 1 when 20 then 8 when 701 then 8 when 1184 then 8 else -1 end::smallint as attlen,
    place as attnum,
    0 as attndims,
    -1 as attcacheoff,
    -1 as atttypmod,
    type_number in (16, 20, 701, 1184) as attbyval,
    case type_number when 16 then 'c' when 25 then 'i' else 'd' end as attalign,
    if(type_number = 25, 'x', 'p') as attstorage,
    '' as attcompression,
    false as attnotnull,
    false as atthasdef,
    false as atthasmissing,
    '' as attidentity,
    '' as attgenerated,
    false as attisdropped,
    true as attislocal,
    0 as attinhcount,
    if(type_number = 25, 100, 0)::bigint as attcollation,
    null::varchar[] as attacl,
    null::varchar[] as attoptions,
    null::varchar[] as attfdwoptions,
    null::varchar as attmissingval,
from pg.attribute;

create view pg.pg_type as
select
    number as oid,
    name as typname,
    11::bigint as typnamespace,
    10::bigint as typowner,
    size as typlen,
    size > 0 as typbyval,
    'b' as typtype,
    category as typcategory,
    false as typispreferred,
    true as typisdefined,
    ',' as typdelim,
    0::bigint as typrelid,
    0::bigint as typsubscript,
    element as typelem,
    coalesce((select min(other.number) from pg.kind as other where other.element = kind.number), 0) as typarray,
    if(element > 0, 750, 100000 + 4 * number) as typinput,
    if(element > 0, 751, 100001 + 4 * number) as typoutput,
    if(element > 0, 2400, 100002 + 4 * number) as typreceive,
    if(element > 0, 2401, 100003 + 4 * number) as typsend,
    '-' as typmodin,
    '-' as typmodout,
    '-' as typanalyze,
    'i' as typalign,
    'p' as typstorage,
    false as typnotnull,
    0::bigint as typbasetype,
    -1 as typtypmod,
    0 as typndims,
    if(number in (25, 1043), 100, 0)::bigint as typcollation,
    null::varchar as typdefaultbin,
    null::varchar as typdefault,
    null::varchar[] as typacl,
    1247::bigint as tableoid,
from pg.kind;

create view pg.pg_description as
select number as objoid, 1259::bigint as classoid, place as objsubid, description from pg.described;

create view pg.pg_database as
select
    1::bigint as oid, 'cairn' as datname, 10::bigint as datdba, 6 as "encoding", 'c' as datlocprovider,
    false as datistemplate, true as datallowconn, -1 as datconnlimit, 0::bigint as datfrozenxid, 0::bigint as datminmxid,
    1663::bigint as dattablespace, 'C' as datcollate, 'C' as datctype, null::varchar as daticulocale,
    null::varchar as datcollversion, null::varchar[] as datacl;

create view pg.pg_roles as
select
    'cairn' as rolname, false as rolsuper, true as rolinherit, false as rolcreaterole, false as rolcreatedb,
    true as rolcanlogin, false as rolreplication, -1 as rolconnlimit, '********' as rolpassword,
    null::timestamptz as rolvaliduntil, false as rolbypassrls, null::varchar[] as rolconfig, 10::bigint as oid;

create view pg.pg_authid as select * from pg.pg_roles;

create view pg.pg_user as
select
    'cairn' as usename, 10::bigint as usesysid, false as usecreatedb, false as usesuper, false as userepl,
    false as usebypassrls, '********' as passwd, null::timestamptz as valuntil, null::varchar[] as useconfig;

create view pg.pg_am as select 2::bigint as oid, 'heap' as amname, 3::bigint as amhandler, 't' as amtype;

create view pg.pg_tablespace as
select 1663::bigint as oid, 'pg_default' as spcname, 10::bigint as spcowner, null::varchar[] as spcacl,
    null::varchar[] as spcoptions;

create view pg.pg_extension as
select
    13500::bigint as oid, 'plpgsql' as extname, 10::bigint as extowner, 11::bigint as extnamespace, false as extrelocatable,
    '1.0' as extversion, null::bigint[] as extconfig, null::varchar[] as extcondition
where false;

create view pg.pg_tables as
select
    'public' as schemaname, name as tablename, 'cairn' as tableowner, null::varchar as "tablespace", false as hasindexes,
    false as hasrules, false as hastriggers, false as rowsecurity
from pg.object where false;

create view pg.pg_views as
select 'public' as schemaname, name as viewname, 'cairn' as viewowner, null::varchar as definition
from pg.object where schema_number = 2200;

create view pg.pg_matviews as
select '' as schemaname, '' as matviewname, '' as matviewowner, null::varchar as "tablespace", false as hasindexes,
    true as ispopulated, '' as definition
where false;

create view pg.pg_indexes as
select '' as schemaname, '' as tablename, '' as indexname, null::varchar as "tablespace", '' as indexdef where false;

create view pg.pg_settings as
select
    name, setting, null::varchar as unit, 'Cairn' as category, '' as short_desc, null::varchar as extra_desc,
    'user' as context, 'string' as vartype, 'default' as source, null::varchar as min_val, null::varchar as max_val,
    null::varchar[] as enumvals, setting as boot_val, setting as reset_val, null::varchar as sourcefile,
    null::integer as sourceline, false as pending_restart
from pg.setting;

create view pg.pg_collation as
select
    100::bigint as oid, 'default' as collname, 11::bigint as collnamespace, 10::bigint as collowner, 'd' as collprovider,
    true as collisdeterministic, -1 as collencoding, null::varchar as collcollate, null::varchar as collctype,
    null::varchar as colliculocale, null::varchar as collversion;

create view pg.pg_index as
select
    0::bigint as indexrelid, 0::bigint as indrelid, 0::smallint as indnatts, 0::smallint as indnkeyatts,
    false as indisunique, false as indnullsnotdistinct, false as indisprimary, false as indisexclusion,
    false as indimmediate, false as indisclustered, false as indisvalid, false as indcheckxmin, false as indisready,
    false as indislive, false as indisreplident, null::smallint[] as indkey, null::bigint[] as indcollation,
    null::bigint[] as indclass, null::smallint[] as indoption, null::varchar as indexprs, null::varchar as indpred
where false;

create view pg.pg_constraint as
select
    0::bigint as oid, '' as conname, 0::bigint as connamespace, '' as contype, false as condeferrable, false as condeferred,
    false as convalidated, 0::bigint as conrelid, 0::bigint as contypid, 0::bigint as conindid, 0::bigint as conparentid,
    0::bigint as confrelid, '' as confupdtype, '' as confdeltype, '' as confmatchtype, false as conislocal, 0 as coninhcount,
    false as connoinherit, null::smallint[] as conkey, null::smallint[] as confkey, null::bigint[] as conpfeqop,
    null::smallint[] as confdelsetcols, null::bigint[] as conexclop, null::varchar as conbin, 2606::bigint as tableoid
where false;

create view pg.pg_attrdef as
select 0::bigint as oid, 0::bigint as adrelid, 0::smallint as adnum, null::varchar as adbin where false;

create view pg.pg_inherits as
select 0::bigint as inhrelid, 0::bigint as inhparent, 0 as inhseqno, false as inhdetachpending where false;

create view pg.pg_trigger as
select
    0::bigint as oid, 0::bigint as tgrelid, 0::bigint as tgparentid, '' as tgname, 0::bigint as tgfoid, 0::smallint as tgtype,
    'O' as tgenabled, false as tgisinternal, 0::bigint as tgconstrrelid, 0::bigint as tgconstrindid,
    0::bigint as tgconstraint, false as tgdeferrable, false as tginitdeferred,
    2620::bigint as tableoid
where false;

create view pg.pg_rewrite as
select 0::bigint as oid, '' as rulename, 0::bigint as ev_class, '' as ev_type, '' as ev_enabled,
    false as is_instead, 2618::bigint as tableoid
where false;

create view pg.pg_policy as
select
    0::bigint as oid, '' as polname, 0::bigint as polrelid, '' as polcmd, true as polpermissive, null::bigint[] as polroles,
    null::varchar as polqual, null::varchar as polwithcheck
where false;

-- The functions that `pg_type` names, by which drivers know arrays; `number_of_regproc` has the same numbers.
create view pg.pg_proc as
select
    procedure.oid, procedure.proname, 11::bigint as pronamespace, 0::bigint as proowner, 0::bigint as prolang, 'f' as prokind,
    false as prosecdef, false as proretset, 'i' as provolatile, 's' as proparallel, 1::smallint as pronargs,
    0::bigint as prorettype, null::bigint[] as proargtypes, null::bigint[] as proallargtypes, null::varchar[] as proargmodes,
    null::varchar[] as proargnames, '' as prosrc, null::varchar[] as proacl, false as proisstrict, 1255::bigint as tableoid
from (
    select number as oid, name as proname
    from (values (750::bigint, 'array_in'), (751, 'array_out'), (2400, 'array_recv'), (2401, 'array_send')) as t(number, name)
    union all
    select 100000 + 4 * kind.number + way.place, kind.name || way.suffix
    from pg.kind as kind
    cross join (values (0, 'in'), (1, 'out'), (2, 'recv'), (3, 'send')) as way(place, suffix)
    where kind.element = 0
) as procedure;

create view pg.pg_enum as
select 0::bigint as oid, 0::bigint as enumtypid, 0::float as enumsortorder, '' as enumlabel where false;

create view pg.pg_range as
select 0::bigint as rngtypid, 0::bigint as rngsubtype, 0::bigint as rngmultitypid where false;

create view pg.pg_sequence as
select 0::bigint as seqrelid, 0::bigint as seqtypid, 0::bigint as seqstart, 0::bigint as seqincrement,
    0::bigint as seqmax, 0::bigint as seqmin, 0::bigint as seqcache, false as seqcycle
where false;

create view pg.pg_sequences as
select '' as schemaname, '' as sequencename, '' as sequenceowner where false;

create view pg.pg_statistic_ext as
select
    0::bigint as oid, 0::bigint as stxrelid, '' as stxname, 0::bigint as stxnamespace, 0::bigint as stxowner,
    0 as stxstattarget, null::smallint[] as stxkeys, null::varchar[] as stxkind, null::varchar as stxexprs
where false;

create view pg.pg_publication as
select 0::bigint as oid, '' as pubname, 0::bigint as pubowner, false as puballtables, false as pubinsert,
    false as pubupdate, false as pubdelete, false as pubtruncate, false as pubviaroot
where false;

create view pg.pg_publication_rel as
select 0::bigint as oid, 0::bigint as prpubid, 0::bigint as prrelid, null::varchar as prqual, null::smallint[] as prattrs
where false;

create view pg.pg_publication_namespace as
select 0::bigint as oid, 0::bigint as pnpubid, 0::bigint as pnnspid where false;

create view pg.pg_publication_tables as
select '' as pubname, '' as schemaname, '' as tablename where false;

create view pg.pg_foreign_table as
select 0::bigint as ftrelid, 0::bigint as ftserver, null::varchar[] as ftoptions where false;

create view pg.pg_foreign_server as
select 0::bigint as oid, '' as srvname, 0::bigint as srvowner, 0::bigint as srvfdw, null::varchar[] as srvoptions where false;

create view pg.pg_foreign_data_wrapper as
select 0::bigint as oid, '' as fdwname, 0::bigint as fdwowner, 0::bigint as fdwhandler, 0::bigint as fdwvalidator,
    null::varchar[] as fdwacl, null::varchar[] as fdwoptions, 2328::bigint as tableoid
where false;

create view pg.pg_user_mappings as
select 0::bigint as umid, 0::bigint as srvid, '' as srvname, 0::bigint as umuser, '' as usename, null::varchar[] as umoptions
where false;

create view pg.pg_subscription as
select 0::bigint as oid, 0::bigint as subdbid, '' as subname, 0::bigint as subowner, false as subenabled, false as subbinary,
    false as substream, '' as subtwophasestate, false as subdisableonerr, null::varchar[] as subpublications,
    '' as subsynccommit, '' as subconninfo, '' as subskiplsn
where false;

create view pg.pg_conversion as
select 0::bigint as oid, '' as conname, 0::bigint as connamespace, 0::bigint as conowner, 0 as conforencoding,
    0 as contoencoding, 0::bigint as conproc, false as condefault, 2607::bigint as tableoid
where false;

create view pg.pg_db_role_setting as
select 0::bigint as setdatabase, 0::bigint as setrole, null::varchar[] as setconfig where false;

create view pg.pg_ts_config as
select 0::bigint as oid, '' as cfgname, 0::bigint as cfgnamespace, 0::bigint as cfgowner, 0::bigint as cfgparser where false;

create view pg.pg_ts_dict as
select 0::bigint as oid, '' as dictname, 0::bigint as dictnamespace, 0::bigint as dictowner, 0::bigint as dicttemplate,
    '' as dictinitoption
where false;

create view pg.pg_ts_parser as select 0::bigint as oid, '' as prsname, 0::bigint as prsnamespace where false;

create view pg.pg_ts_template as select 0::bigint as oid, '' as tmplname, 0::bigint as tmplnamespace where false;

create view pg.pg_depend as
select 0::bigint as classid, 0::bigint as objid, 0 as objsubid, 0::bigint as refclassid, 0::bigint as refobjid,
    0 as refobjsubid, '' as deptype
where false;

create view pg.pg_shdescription as
select 0::bigint as objoid, 0::bigint as classoid, '' as description where false;

create view pg.pg_language as
select 0::bigint as oid, '' as lanname, 0::bigint as lanowner, false as lanispl, false as lanpltrusted,
    0::bigint as lanplcallfoid, 0::bigint as laninline, 0::bigint as lanvalidator, null::varchar[] as lanacl,
    2612::bigint as tableoid
where false;

create view pg.pg_operator as
select 0::bigint as oid, '' as oprname, 0::bigint as oprnamespace, 0::bigint as oprowner, '' as oprkind,
    0::bigint as oprleft, 0::bigint as oprright, 0::bigint as oprresult, 0::bigint as oprcode, 2617::bigint as tableoid
where false;

create view pg.pg_opclass as
select 0::bigint as oid, '' as opcname, 0::bigint as opcmethod, 0::bigint as opcnamespace, 0::bigint as opcintype,
    false as opcdefault, 2616::bigint as tableoid
where false;

create view pg.pg_opfamily as
select 0::bigint as oid, '' as opfname, 0::bigint as opfmethod, 0::bigint as opfnamespace, 2753::bigint as tableoid where false;

create view pg.pg_auth_members as
select 0::bigint as roleid, 0::bigint as member, 0::bigint as grantor, false as admin_option where false;

create view pg.pg_default_acl as
select 0::bigint as oid, 0::bigint as defaclrole, 0::bigint as defaclnamespace, '' as defaclobjtype,
    null::varchar[] as defaclacl
where false;

create view pg.pg_partitioned_table as
select 0::bigint as partrelid, '' as partstrat, 0::smallint as partnatts, 0::bigint as partdefid, null::smallint[] as partattrs
where false;

create view pg.pg_stat_activity as
select 0::bigint as datid, '' as datname, 0 as pid, '' as usename, '' as application_name, '' as state, '' as query where false;

create view pg.pg_stat_user_tables as
select 0::bigint as relid, '' as schemaname, '' as relname, 0::bigint as n_live_tup where false;

create view pg.pg_locks as select '' as locktype, 0 as pid, '' as mode, false as granted where false;

create view pg.pg_available_extensions as
select '' as name, '' as default_version, null::varchar as installed_version, '' as comment where false;

create view pg.pg_event_trigger as
select 0::bigint as oid, '' as evtname, '' as evtevent, 0::bigint as evtowner, 0::bigint as evtfoid,
    '' as evtenabled, null::varchar[] as evttags
where false;

create view pg.pg_cast as select 0::bigint as oid, 0::bigint as castsource, 0::bigint as casttarget,
    0::bigint as castfunc, '' as castcontext, '' as castmethod, 2605::bigint as tableoid
where false;

create view pg.pg_aggregate as select 0::bigint as aggfnoid, '' as aggkind where false;

create view pg.pg_timezone_names as
select 'UTC' as name, 'UTC' as abbrev, interval '0' second as utc_offset, false as is_dst;
