//! What a statement may name: functions, types and the pieces of which it is put together. What is not listed is refused,
//! so that what a later DuckDB brings is refused until somebody has looked at it. A single call of any of them ends soon, whatever
//! it is given: DuckDB does not look whether it is interrupted before that. So there are no functions that call others for
//! each element of a list (lambdas), nor any whose time grows with the product of two lengths; of those that look for a text
//! within another `patterns` keeps one short, and of those that make a text `macros.sql` bounds what they make.

/// Functions and operators that only compute on what they are given.
const FUNCTIONS: &[&str] = &[
    // Operators, as the parser names them.
    "+ - * / % // ** ^ || & | ~ << >> ->> -> @> <@ && ~~ !~~ ~~* !~~* ~* !~* like_escape not_like_escape
     ilike_escape not_ilike_escape @",
    // Numbers.
    "abs acos asin atan atan2 bit_count cbrt ceil ceiling cos cot degrees div exp fdiv floor fmod gcd greatest
     isfinite isinf isnan lcm least ln log log10 log2 mod pi pow power radians round sign sin sqrt tan trunc
     width_bucket nextafter divide multiply add subtract",
    // Text.
    "ascii bit_length btrim char_length character_length chr concat concat_ws ends_with format_type
     initcap instr left length lower lcase ltrim md5 octet_length overlay position quote_ident quote_literal
     regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array
     replace reverse right rtrim sha256 split_part starts_with string_split string_to_array strip_accents strlen
     strpos substr substring suffix prefix to_hex translate trim ucase unicode upper parse_ident to_char
     repeat lpad rpad to_date format",
    // Times.
    "age current_date current_timestamp clock_timestamp date date_add date_bin date_diff date_part date_sub
     date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear epoch epoch_ms
     epoch_us epoch_ns extract get_current_timestamp hour isodow isoyear last_day make_date make_interval
     make_time make_timestamp make_timestamptz microsecond millisecond minute month monthname now
     quarter second strftime strptime time_bucket timezone timezone_hour timezone_minute to_days to_hours
     to_microseconds to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks to_years
     today transaction_timestamp statement_timestamp try_strptime week weekday weekofyear year yearweek century
     decade millennium era get_current_time",
    // Choosing.
    "coalesce if ifnull nullif case num_nulls num_nonnulls",
    // Lists, rows and JSON.
    "array_length array_lower array_position array_to_string array_upper array_append array_cat array_contains
     array_remove array_ndims array_prepend array_extract cardinality element_at flatten generate_subscripts
     json_array_length json_extract json_extract_path json_extract_path_text json_extract_string json_object
     json_type json_valid json_build_object list_aggregate list_append list_concat list_contains
     list_distinct list_element list_extract list_has_any list_indexof list_max list_min
     list_position list_slice list_sort list_sum list_unique list_value list_zip list_avg
     list_count row row_to_json to_json struct_extract struct_pack unnest len array_value",
    // Windows.
    "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number fill",
    // What clients ask about the catalogue; defined in the catalogue's layout.
    "pg_table_is_visible pg_type_is_visible pg_function_is_visible pg_get_userbyid pg_opclass_is_visible
     pg_collation_is_visible pg_opfamily_is_visible pg_get_expr pg_get_viewdef pg_get_indexdef
     pg_get_constraintdef pg_get_partkeydef pg_get_partition_constraintdef pg_get_function_result
     pg_get_function_arguments pg_get_function_identity_arguments pg_get_functiondef
     pg_get_statisticsobjdef_columns pg_get_triggerdef pg_get_ruledef pg_get_serial_sequence pg_relation_size
     pg_table_size pg_total_relation_size pg_size_pretty pg_database_size pg_relation_is_publishable
     pg_relation_is_updatable pg_encoding_to_char pg_char_to_encoding pg_stat_get_numscans
     pg_tablespace_location pg_is_in_recovery pg_is_other_temp_schema pg_my_temp_schema pg_typeof
     obj_description col_description shobj_description has_table_privilege has_schema_privilege
     has_database_privilege has_column_privilege has_any_column_privilege has_function_privilege
     to_regclass to_regtype to_regnamespace txid_current pg_postmaster_start_time
     pg_conf_load_time pg_column_size pg_collation_for _pg_expandarray pg_indexes_size
     pg_operator_is_visible pg_conversion_is_visible pg_ts_config_is_visible pg_ts_dict_is_visible
     pg_ts_parser_is_visible pg_ts_template_is_visible pg_statistics_obj_is_visible getdatabaseencoding
     pg_get_function_sqlbody pg_tablespace_size",
];

/// Functions that make one value of many rows.
const AGGREGATES: &str = "
    any_value approx_count_distinct approx_quantile arg_max arg_min array_agg avg bit_and bit_or bool_and
    bool_or every corr count count_if count_star covar_pop covar_samp entropy first geomean geometric_mean
    kurtosis last list mad max max_by mean median min min_by mode product quantile quantile_cont quantile_disc
    regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
    regr_sxy regr_syy skewness stddev stddev_pop stddev_samp string_agg group_concat listagg sum var_pop
    var_samp variance json_agg json_object_agg
";

/// Functions that give rows.
const TABLE_FUNCTIONS: &str = "
    generate_series unnest
";

/// Types that a cast may name beside those that `types` knows, in lower case.
const TYPES: &str = "
    hugeint uhugeint ubigint uinteger usmallint utinyint tinyint double string blob float datetime bytea int1
    int16 int32 int64 bit long short signed
";

/// Types of constants and casts that the parser itself knows.
const KNOWN_TYPES: &str = "
    BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT, HUGEINT, UTINYINT, USMALLINT, UINTEGER, UBIGINT, UHUGEINT,
    FLOAT, DOUBLE, DECIMAL, VARCHAR, CHAR, BLOB, DATE, TIME, TIME WITH TIME ZONE, TIMESTAMP, TIMESTAMP_S,
    TIMESTAMP_MS, TIMESTAMP_NS, TIMESTAMP WITH TIME ZONE, INTERVAL, UUID, LIST, NULL, BIT, INTEGER_LITERAL,
    STRING_LITERAL, BIGNUM, TIME_NS, STRUCT, ARRAY, MAP
";

/// The kinds of expression.
const EXPRESSIONS: &str = "
    BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA LAMBDA_REF OPERATOR
    PARAMETER POSITIONAL_REFERENCE STAR SUBQUERY WINDOW
";

/// The other parts of a statement that name their type.
const PARTS: &str = "
    SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE ORDER_MODIFIER LIMIT_MODIFIER
    LIMIT_PERCENT_MODIFIER DISTINCT_MODIFIER ASCENDING DESCENDING ORDER_DEFAULT
";

/// Whether a function may be called.
pub(super) fn is_function(name: &str) -> bool {
    functions().any(|known| known == name)
}

/// Whether a function makes one value of many rows.
pub(super) fn is_aggregate(name: &str) -> bool {
    AGGREGATES.split_whitespace().any(|known| known == name)
}

/// Whether a function may stand for a table, `metric` apart.
pub(super) fn is_table_function(name: &str) -> bool {
    TABLE_FUNCTIONS.split_whitespace().any(|known| known == name)
}

/// Whether a cast may name a type that `types` does not know.
pub(super) fn is_type(name: &str) -> bool {
    TYPES.split_whitespace().any(|known| known == name)
}

/// Whether a type is one of the parser's own.
pub(super) fn is_known_type(name: &str) -> bool {
    KNOWN_TYPES.split(',').any(|known| known.trim() == name)
}

/// Whether a kind of expression is looked through.
pub(super) fn is_expression(class: &str) -> bool {
    EXPRESSIONS.split_whitespace().any(|known| known == class)
}

/// Whether a part of a statement is looked through.
pub(super) fn is_part(name: &str) -> bool {
    PARTS.split_whitespace().any(|known| known == name)
}

/// The nearest function to a name.
pub(super) fn nearest_function(name: &str) -> String {
    facts::did_you_mean(name, &functions().collect::<Vec<_>>())
}

fn functions() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().chain([&AGGREGATES]).flat_map(|group| group.split_whitespace())
}
