-- What clients call to look around, as far as there is something to tell. Numbers of objects are those of pg.object.
create macro number_of_regclass(told) as coalesce(
    try_cast(told as bigint),
    (select min(object.number) from pg.object where object.name = string_split(replace(told, '"', ''), '.')[-1]),
    error('relation "' || told || '" does not exist')
);
create macro number_of_regtype(told) as coalesce(
    try_cast(told as bigint),
    (select min(kind.number) from pg.kind where kind.name = string_split(told, '.')[-1] or kind.long_name = told),
    error('type "' || told || '" does not exist')
);
create macro number_of_regproc(told) as coalesce(try_cast(told as bigint), 0);
create macro number_of_regnamespace(told) as coalesce(
    try_cast(told as bigint),
    case told when 'pg_catalog' then 11 when 'public' then 2200 when 'information_schema' then 13000 end
);
create macro to_regclass(told) as
    (select min(object.number) from pg.object where object.name = string_split(replace(told, '"', ''), '.')[-1]);
create macro to_regtype(told) as (select min(kind.number) from pg.kind where kind.name = told or kind.long_name = told);
create macro to_regnamespace(told) as
    case told when 'pg_catalog' then 11 when 'public' then 2200 when 'information_schema' then 13000 end;
create macro name_of_regclass(told) as coalesce(
    (select min(object.name) from pg.object where object.number = try_cast(told as bigint)), told::varchar
);
create macro format_type(told, modifier) as case
    when told is null then null
    when told = 1700 and modifier > 4
        then 'numeric(' || ((modifier - 4) // 65536) || ',' || ((modifier - 4) % 65536) || ')'
    else coalesce((select min(kind.long_name) from pg.kind where kind.number = told::bigint), '???')
end;
create macro quote_ident(name) as case
    when regexp_full_match(name, '[a-z_][a-z0-9_$]*') and name not in (
        'all', 'analyse', 'analyze', 'and', 'any', 'array', 'as', 'asc', 'authorization', 'between', 'bigint', 'binary', 'bit',
        'boolean', 'both', 'case', 'cast', 'char', 'character', 'check', 'coalesce', 'collate', 'collation', 'column',
        'concurrently', 'constraint', 'create', 'cross', 'current_date', 'current_role', 'current_time', 'current_user', 'dec',
        'decimal', 'default', 'deferrable', 'desc', 'distinct', 'do', 'else', 'end', 'except', 'exists', 'extract', 'false',
        'fetch', 'float', 'for', 'foreign', 'freeze', 'from', 'full', 'grant', 'greatest', 'group', 'grouping', 'having',
        'ilike', 'in', 'initially', 'inner', 'inout', 'int', 'integer', 'intersect', 'interval', 'into', 'is', 'isnull',
        'join', 'lateral', 'leading', 'least', 'left', 'like', 'limit', 'localtime', 'localtimestamp', 'national', 'natural',
        'nchar', 'none', 'normalize', 'not', 'notnull', 'null', 'nullif', 'numeric', 'offset', 'on', 'only', 'or', 'order',
        'out', 'outer', 'overlaps', 'overlay', 'placing', 'position', 'precision', 'primary', 'real', 'references',
        'returning', 'right', 'row', 'select', 'session_user', 'setof', 'similar', 'smallint', 'some', 'substring', 'symmetric',
        'table', 'tablesample', 'then', 'time', 'timestamp', 'to', 'trailing', 'treat', 'trim', 'true', 'union', 'unique',
        'user', 'using', 'values', 'varchar', 'variadic', 'verbose', 'when', 'where', 'window', 'with'
    ) then name
    else '"' || replace(name, '"', '""') || '"'
end;
create macro quote_literal(value) as '''' || replace(value::varchar, '''', '''''') || '''';
create macro parse_ident(name) as list_transform(string_split(name, '.'), lambda part: trim(part, '"'));
create macro array_lower(list, dimension) as if(len(list) > 0, 1, null);
create macro array_upper(list, dimension) as if(len(list) > 0, len(list)::integer, null);
create macro cardinality(list) as len(list)::integer;
create macro array_length(list, dimension) as if(len(list) > 0, len(list)::integer, null),
    (list) as len(list)::integer;
create macro string_to_array(value, separator) as string_split(value, separator);
create macro array_ndims(list) as if(list is null, null, 1);
create macro _pg_expandarray(list) as {'x': unnest(list), 'n': generate_subscripts(list, 1)};
create macro pg_table_is_visible(number) as true;
create macro pg_type_is_visible(number) as true;
create macro pg_function_is_visible(number) as true;
create macro setting_of(told) as (select min(known.setting) from pg.setting as known where known.name = lower(told));
create macro pg_collation_is_visible(number) as true;
create macro pg_opclass_is_visible(number) as true;
create macro pg_opfamily_is_visible(number) as true;
create macro pg_get_userbyid(number) as 'cairn';
create macro pg_get_expr(expression, relation) as null::varchar, (expression, relation, pretty) as null::varchar;
-- A view without a definition is taken for none at all.
create macro pg_get_viewdef(relation) as '-- computed by Cairn', (relation, pretty) as '-- computed by Cairn';
create macro pg_get_indexdef(number) as null::varchar, (number, place, pretty) as null::varchar;
create macro pg_get_constraintdef(number) as null::varchar, (number, pretty) as null::varchar;
create macro pg_get_partkeydef(number) as null::varchar;
create macro pg_get_partition_constraintdef(number) as null::varchar;
create macro pg_get_function_result(number) as null::varchar;
create macro pg_get_function_arguments(number) as null::varchar;
create macro pg_get_function_identity_arguments(number) as null::varchar;
create macro pg_get_functiondef(number) as null::varchar;
create macro pg_get_statisticsobjdef_columns(number) as null::varchar;
create macro pg_get_triggerdef(number) as null::varchar, (number, pretty) as null::varchar;
create macro pg_get_ruledef(number) as null::varchar, (number, pretty) as null::varchar;
create macro pg_get_serial_sequence(relation, name) as null::varchar;
create macro pg_relation_size(number) as 0::bigint, (number, fork) as 0::bigint;
create macro pg_table_size(number) as 0::bigint;
create macro pg_indexes_size(number) as 0::bigint;
create macro pg_total_relation_size(number) as 0::bigint;
create macro pg_database_size(name) as 0::bigint;
create macro pg_size_pretty(size) as size || ' bytes';
create macro pg_relation_is_publishable(number) as false;
create macro pg_relation_is_updatable(number, inherited) as 0;
create macro pg_encoding_to_char(number) as 'UTF8';
create macro pg_char_to_encoding(name) as 6;
create macro pg_stat_get_numscans(number) as 0::bigint;
create macro pg_tablespace_location(number) as '';
create macro pg_is_in_recovery() as false;
create macro pg_is_other_temp_schema(number) as false;
create macro pg_my_temp_schema() as 0::bigint;
create macro pg_postmaster_start_time() as now();
create macro pg_conf_load_time() as now();
create macro pg_column_size(value) as octet_length(value::varchar::blob)::integer;
create macro pg_collation_for(value) as null::varchar;
create macro pg_typeof(value) as coalesce(
    (select min(kind.long_name) from pg.kind where kind.duckdb_name = typeof(value)), lower(typeof(value))
);
create macro obj_description(told) as
    (select min(described.description) from pg.described where described.number = told and described.place = 0),
    (told, catalogue) as
    (select min(described.description) from pg.described where described.number = told and described.place = 0);
create macro col_description(told, column_place) as
    (select min(described.description) from pg.described where described.number = told and described.place = column_place);
create macro shobj_description(number, catalogue) as null::varchar;
create macro has_table_privilege(relation, privilege) as lower(privilege) = 'select',
    (role, relation, privilege) as lower(privilege) = 'select';
create macro has_schema_privilege(schema_name, privilege) as lower(privilege) = 'usage',
    (role, schema_name, privilege) as lower(privilege) = 'usage';
create macro has_database_privilege(name, privilege) as lower(privilege) = 'connect',
    (role, name, privilege) as lower(privilege) = 'connect';
create macro has_column_privilege(relation, name, privilege) as lower(privilege) = 'select',
    (role, relation, name, privilege) as lower(privilege) = 'select';
create macro has_any_column_privilege(relation, privilege) as lower(privilege) = 'select',
    (role, relation, privilege) as lower(privilege) = 'select';
create macro has_function_privilege(number, privilege) as false, (role, number, privilege) as false;
create macro txid_current() as 1::bigint;
create macro to_char(value, pattern) as strftime(
    value,
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        pattern, 'YYYY', '%Y'), 'Month', '%B'), 'Mon', '%b'), 'MM', '%m'), 'IYYY', '%G'), 'IW', '%V'), 'DD', '%d'),
        'HH24', '%H'), 'MI', '%M'), 'SS', '%S')
);
create macro num_nulls(value) as if(value is null, 1, 0);
create macro num_nonnulls(value) as if(value is null, 0, 1);
