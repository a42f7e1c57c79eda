-- The standard's catalogue, as PostgreSQL 15 has it: lower-case names, and a type in each column.
create view info.schemata as
select
    database as catalog_name, nspname as schema_name, 'cairn' as schema_owner, null::varchar as default_character_set_catalog,
    null::varchar as default_character_set_schema, null::varchar as default_character_set_name, null::varchar as sql_path
from pg.pg_namespace, pg.self;

create view info.tables as
select
    database as table_catalog, if(schema_number = 2200, 'public', 'pg_catalog') as table_schema, name as table_name,
    'VIEW' as table_type, null::varchar as self_referencing_column_name, null::varchar as reference_generation,
    null::varchar as user_defined_type_catalog, null::varchar as user_defined_type_schema,
    null::varchar as user_defined_type_name, 'NO' as is_insertable_into, 'NO' as is_typed, null::varchar as commit_action
from pg.object, pg.self;

create view info.views as
select
    database as table_catalog, 'public' as table_schema, name as table_name, null::varchar as view_definition,
    'NONE' as check_option, 'NO' as is_updatable, 'NO' as is_insertable_into, 'NO' as is_trigger_updatable,
    'NO' as is_trigger_deletable, 'NO' as is_trigger_insertable_into
from pg.object, pg.self
where schema_number = 2200;

create view info.columns as
select
    database as table_catalog,
    if(object.schema_number = 2200, 'public', 'pg_catalog') as table_schema,
    object.name as table_name,
    attribute.name as column_name,
    attribute.place::integer as ordinal_position,
    null::varchar as column_default,
    'YES' as is_nullable,
    kind.long_name as data_type,
    null::integer as character_maximum_length,
    if(kind.number = 25, 1073741824, null)::integer as character_octet_length,
    case kind.number when 20 then 64 when 701 then 53 end::integer as numeric_precision,
    if(kind.number in (20, 701), 2, null)::integer as numeric_precision_radix,
    if(kind.number = 20, 0, null)::integer as numeric_scale,
    if(kind.number = 1184, 6, null)::integer as datetime_precision,
    null::varchar as interval_type,
    null::integer as interval_precision,
    null::varchar as character_set_catalog,
    null::varchar as character_set_schema,
    null::varchar as character_set_name,
    null::varchar as collation_catalog,
    null::varchar as collation_schema,
    null::varchar as collation_name,
    null::varchar as domain_catalog,
    null::varchar as domain_schema,
    null::varchar as domain_name,
    database as udt_catalog,
    'pg_catalog' as udt_schema,
    kind.name as udt_name,
    null::varchar as scope_catalog,
    null::varchar as scope_schema,
    null::varchar as scope_name,
    null::integer as maximum_cardinality,
    attribute.place::varchar as dtd_identifier,
    'NO' as is_self_referencing,
    'NO' as is_identity,
    null::varchar as identity_generation,
    null::varchar as identity_start,
    null::varchar as identity_increment,
    null::varchar as identity_maximum,
    null::varchar as identity_minimum,
    'NO' as identity_cycle,
    'NEVER' as is_generated,
    null::varchar as generation_expression,
    'NO' as is_updatable,
from pg.attribute as attribute
join pg.object as object on object.number = attribute.number
join pg.kind as kind on kind.number = attribute.type_number
cross join pg.self;

create view info.table_constraints as
select
    '' as constraint_catalog, '' as constraint_schema, '' as constraint_name, '' as table_catalog, '' as table_schema,
    '' as table_name, '' as constraint_type, '' as is_deferrable, '' as initially_deferred, '' as enforced,
    '' as nulls_distinct
where false;

create view info.key_column_usage as
select
    '' as constraint_catalog, '' as constraint_schema, '' as constraint_name, '' as table_catalog, '' as table_schema,
    '' as table_name, '' as column_name, 0 as ordinal_position, 0 as position_in_unique_constraint
where false;

create view info.constraint_column_usage as
select
    '' as table_catalog, '' as table_schema, '' as table_name, '' as column_name, '' as constraint_catalog,
    '' as constraint_schema, '' as constraint_name
where false;

create view info.referential_constraints as
select
    '' as constraint_catalog, '' as constraint_schema, '' as constraint_name, '' as unique_constraint_catalog,
    '' as unique_constraint_schema, '' as unique_constraint_name, '' as match_option, '' as update_rule, '' as delete_rule
where false;

create view info.check_constraints as
select '' as constraint_catalog, '' as constraint_schema, '' as constraint_name, '' as check_clause where false;

create view info.routines as
select
    '' as specific_catalog, '' as specific_schema, '' as specific_name, '' as routine_catalog, '' as routine_schema,
    '' as routine_name, '' as routine_type, '' as data_type, '' as type_udt_name, '' as routine_definition,
    '' as external_language
where false;

create view info.parameters as
select '' as specific_schema, '' as specific_name, 0 as ordinal_position, '' as parameter_mode, '' as parameter_name,
    '' as data_type, '' as udt_name
where false;

create view info.sequences as
select '' as sequence_catalog, '' as sequence_schema, '' as sequence_name, '' as data_type, '' as start_value,
    '' as minimum_value, '' as maximum_value, '' as "increment", '' as cycle_option
where false;

create view info.triggers as
select '' as trigger_catalog, '' as trigger_schema, '' as trigger_name, '' as event_manipulation,
    '' as event_object_schema, '' as event_object_table
where false;

create view info.domains as
select '' as domain_catalog, '' as domain_schema, '' as domain_name, '' as data_type where false;

create view info.element_types as
select '' as object_schema, '' as object_name, '' as object_type, '' as collection_type_identifier, '' as data_type where false;

create view info.table_privileges as
select 'cairn' as grantor, 'cairn' as grantee, database as table_catalog, 'public' as table_schema, name as table_name,
    'SELECT' as privilege_type, 'NO' as is_grantable, 'YES' as with_hierarchy
from pg.object, pg.self
where schema_number = 2200;

create view info.role_table_grants as select * from info.table_privileges;

create view info.column_privileges as
select 'cairn' as grantor, 'cairn' as grantee, database as table_catalog, 'public' as table_schema, object.name as table_name,
    attribute.name as column_name, 'SELECT' as privilege_type, 'NO' as is_grantable
from pg.attribute as attribute join pg.object as object on object.number = attribute.number, pg.self
where object.schema_number = 2200;

create view info.character_sets as
select null::varchar as character_set_catalog, null::varchar as character_set_schema, 'UTF8' as character_set_name,
    'UCS' as character_repertoire, 'UTF8' as form_of_use
from pg.self;

create view info.collations as
select database as collation_catalog, 'pg_catalog' as collation_schema, 'default' as collation_name, 'NO PAD' as pad_attribute
from pg.self;

create view info.information_schema_catalog_name as select database as catalog_name from pg.self;

create view info.enabled_roles as select 'cairn' as role_name;

create view info.applicable_roles as
select 'cairn' as grantee, 'cairn' as role_name, 'NO' as is_grantable;
