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
create macro number_of_regproc(told) as coalesce(
    try_cast(told as bigint),
    case string_split(told, '.')[-1]
        when 'array_in' then 750 when 'array_out' then 751 when 'array_recv' then 2400 when 'array_send' then 2401
    end,
    (
        select min(100000 + 4 * kind.number + way.place)
        from pg.kind as kind
        cross join (values (0, 'in'), (1, 'out'), (2, 'recv'), (3, 'send')) as way(place, suffix)
        where kind.element = 0 and kind.name || way.suffix = string_split(told, '.')[-1]
    ),
    0
);
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
create macro pg_operator_is_visible(number) as true;
create macro pg_conversion_is_visible(number) as true;
create macro pg_ts_config_is_visible(number) as true;
create macro pg_ts_dict_is_visible(number) as true;
create macro pg_ts_parser_is_visible(number) as true;
create macro pg_ts_template_is_visible(number) as true;
create macro pg_statistics_obj_is_visible(number) as true;
create macro getdatabaseencoding() as 'UTF8';
create macro pg_get_function_sqlbody(number) as null::varchar;
create macro pg_tablespace_size(number) as 0::bigint;
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
create macro format_of(pattern) as
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        pattern, 'YYYY', '%Y'), 'Month', '%B'), 'Mon', '%b'), 'MM', '%m'), 'IYYY', '%G'), 'IW', '%V'), 'DD', '%d'),
        'HH24', '%H'), 'MI', '%M'), 'SS', '%S');
create macro to_char(value, pattern) as strftime(value, format_of(pattern));
create macro btrim(value) as trim(value), (value, letters) as trim(value, letters);
create macro date_bin(stride, value, origin) as time_bucket(stride, value, origin);
create macro make_interval(years := 0, months := 0, weeks := 0, days := 0, hours := 0, mins := 0, secs := 0) as
    to_years(years) + to_months(months) + to_weeks(weeks) + to_days(days) + to_hours(hours) + to_minutes(mins)
    + to_seconds(secs);
create macro clock_timestamp() as now();
create macro statement_timestamp() as now();
create macro div(dividend, divisor) as trunc(dividend / divisor);
create macro width_bucket(value, first, last, n) as
    case
        when first < last then
            case when value < first then 0 when value >= last then n + 1 else floor((value - first) * n / (last - first)) + 1 end
        else
            case when value > first then 0 when value <= last then n + 1 else floor((first - value) * n / (first - last)) + 1 end
    end::integer;
create macro initcap(value) as array_to_string(
    list_transform(
        regexp_extract_all(lower(value), '[[:alnum:]]+|[^[:alnum:]]+'),
        lambda part: concat(upper(left(part, 1)), substring(part, 2))
    ),
    ''
);
create macro array_remove(list, element) as list_filter(list, lambda held: held is distinct from element);
create macro every(value) as bool_and(value);
create macro json_agg(value) as json_group_array(value);
create macro json_object_agg(name, value) as json_group_object(name, value);
-- A single call is not looked at before it ends, so what it makes and what it looks for is kept short: see `patterns.rs`.
create macro repeat(value, n) as system.main.repeat(
    value, if(strlen(value) * n > 10000, error('the text would be longer than this function takes: 10000 bytes'), n)
);
create macro lpad(value, width) as system.main.lpad(
    value, if(width > 10000, error('the text would be longer than this function takes: 10000 letters'), width), ' '
), (value, width, fill) as system.main.lpad(
    value, if(width > 10000, error('the text would be longer than this function takes: 10000 letters'), width), fill
);
create macro rpad(value, width) as system.main.rpad(
    value, if(width > 10000, error('the text would be longer than this function takes: 10000 letters'), width), ' '
), (value, width, fill) as system.main.rpad(
    value, if(width > 10000, error('the text would be longer than this function takes: 10000 letters'), width), fill
);
create macro short_text(value) as
    if(strlen(value) > 100000, error('the text is longer than this function takes: 100000 bytes'), value);
create macro short_pattern(value) as
    if(strlen(value) > 1000, error('what is looked for is longer than this function takes: 1000 bytes'), value);
-- The regular expression of a pattern of LIKE. Signs of no script stand for what a backslash escapes.
create macro expression_of_like(pattern) as if(
    regexp_full_match(short_pattern(pattern), '(\\.|[^\\])*', 's'),
    replace(replace(replace(replace(replace(
        regexp_replace(
            replace(replace(replace(replace(
                pattern, '\\', chr(57344)), '\%', chr(57345)), '\_', chr(57346)), '\', ''),
            '([][.^$*+?(){}|])', '\\\1', 'g'
        ),
        '%', '.*'), '_', '.'), chr(57344), '\\'), chr(57345), '%'), chr(57346), '_'),
    error('LIKE pattern must not end with escape character')
);
create macro num_nulls(value) as if(value is null, 1, 0);
create macro num_nonnulls(value) as if(value is null, 0, 1);
