//! PostgreSQL's types and DuckDB's, each in the words of the other.

/// PostgreSQL's numbers of types.
pub(crate) mod oid {
    pub const BOOL: u32 = 16;
    pub const BYTEA: u32 = 17;
    pub const NAME: u32 = 19;
    pub const INT8: u32 = 20;
    pub const INT2: u32 = 21;
    pub const INT4: u32 = 23;
    pub const TEXT: u32 = 25;
    pub const OID: u32 = 26;
    pub const JSON: u32 = 114;
    pub const FLOAT4: u32 = 700;
    pub const FLOAT8: u32 = 701;
    pub const UNKNOWN: u32 = 705;
    pub const BPCHAR: u32 = 1042;
    pub const VARCHAR: u32 = 1043;
    pub const DATE: u32 = 1082;
    pub const TIME: u32 = 1083;
    pub const TIMESTAMP: u32 = 1114;
    pub const TIMESTAMPTZ: u32 = 1184;
    pub const INTERVAL: u32 = 1186;
    pub const NUMERIC: u32 = 1700;
}

/// PostgreSQL's number and modifier for a type that DuckDB describes; none where a value is best handed out as text.
pub(crate) fn postgres_type(described: &str) -> Option<(u32, i32)> {
    if let Some(element) = described.strip_suffix("[]") {
        return array_of(postgres_type(element)?.0).map(|oid| (oid, -1));
    }
    if let Some(inner) = described.strip_prefix("DECIMAL(").and_then(|rest| rest.strip_suffix(')')) {
        let (width, scale) = inner.split_once(',')?;
        let (width, scale): (i32, i32) = (width.trim().parse().ok()?, scale.trim().parse().ok()?);
        return Some((oid::NUMERIC, ((width << 16) | scale) + 4));
    }
    let found = match described {
        "BOOLEAN" => oid::BOOL,
        "TINYINT" | "SMALLINT" | "UTINYINT" => oid::INT2,
        "INTEGER" | "USMALLINT" => oid::INT4,
        "BIGINT" | "UINTEGER" => oid::INT8,
        "UBIGINT" | "HUGEINT" => oid::NUMERIC,
        "FLOAT" => oid::FLOAT4,
        "DOUBLE" => oid::FLOAT8,
        "VARCHAR" | "\"NULL\"" | "NULL" => oid::TEXT,
        "BLOB" => oid::BYTEA,
        "DATE" => oid::DATE,
        "TIME" => oid::TIME,
        "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" => oid::TIMESTAMP,
        "TIMESTAMP WITH TIME ZONE" => oid::TIMESTAMPTZ,
        "INTERVAL" => oid::INTERVAL,
        "JSON" => oid::JSON,
        _ => return None,
    };
    Some((found, -1))
}

/// Elements of arrays and the arrays, in PostgreSQL's numbers.
const ARRAYS: [(u32, u32); 12] = [
    (oid::BOOL, 1000),
    (oid::INT2, 1005),
    (oid::INT4, 1007),
    (oid::TEXT, 1009),
    (oid::VARCHAR, 1015),
    (oid::INT8, 1016),
    (oid::FLOAT4, 1021),
    (oid::FLOAT8, 1022),
    (oid::DATE, 1182),
    (oid::TIMESTAMP, 1115),
    (oid::TIMESTAMPTZ, 1185),
    (oid::NUMERIC, 1231),
];

/// The type of arrays of an element.
pub(crate) fn array_of(element: u32) -> Option<u32> {
    ARRAYS.iter().find(|(known, _)| *known == element).map(|(_, array)| *array)
}

/// The type of an array's elements.
pub(crate) fn element_of(array: u32) -> Option<u32> {
    ARRAYS.iter().find(|(_, known)| *known == array).map(|(element, _)| *element)
}

/// DuckDB's word for a type of a parameter that a client names by PostgreSQL's number.
pub(crate) fn duckdb_type(number: u32) -> Option<&'static str> {
    Some(match number {
        oid::BOOL => "BOOLEAN",
        oid::INT2 => "SMALLINT",
        oid::INT4 => "INTEGER",
        oid::INT8 | oid::OID => "BIGINT",
        oid::FLOAT4 => "FLOAT",
        oid::FLOAT8 => "DOUBLE",
        oid::NUMERIC => "DECIMAL(38,9)",
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::JSON => "VARCHAR",
        oid::DATE => "DATE",
        oid::TIME => "TIME",
        oid::TIMESTAMP => "TIMESTAMP",
        oid::TIMESTAMPTZ => "TIMESTAMP WITH TIME ZONE",
        oid::INTERVAL => "INTERVAL",
        _ => return None,
    })
}

/// PostgreSQL's number for a type that a statement names, and the word for it in DuckDB; none where it is not known here.
pub(crate) fn named_type(name: &str) -> Option<(u32, &'static str)> {
    Some(match name {
        "text"
        | "varchar"
        | "bpchar"
        | "char"
        | "name"
        | "citext"
        | "unknown"
        | "cstring"
        | "information_schema.sql_identifier" => (oid::TEXT, "VARCHAR"),
        "oid" | "regclass" | "regtype" | "regproc" | "regprocedure" | "regnamespace" | "regrole" | "xid" | "cid" => {
            (oid::OID, "BIGINT")
        }
        "json" | "jsonb" => (oid::JSON, "JSON"),
        "timestamptz" => (oid::TIMESTAMPTZ, "TIMESTAMP WITH TIME ZONE"),
        "timestamp" => (oid::TIMESTAMP, "TIMESTAMP"),
        "int2" | "smallint" => (oid::INT2, "SMALLINT"),
        "int4" | "int" | "integer" | "serial" => (oid::INT4, "INTEGER"),
        "int8" | "bigint" | "bigserial" => (oid::INT8, "BIGINT"),
        "float4" | "real" => (oid::FLOAT4, "FLOAT"),
        "float8" => (oid::FLOAT8, "DOUBLE"),
        "bool" | "boolean" => (oid::BOOL, "BOOLEAN"),
        "numeric" | "decimal" => (oid::NUMERIC, "DECIMAL(38,9)"),
        "money" => (oid::NUMERIC, "DECIMAL(38,2)"),
        "date" => (oid::DATE, "DATE"),
        "time" => (oid::TIME, "TIME"),
        "interval" => (oid::INTERVAL, "INTERVAL"),
        "uuid" => (oid::TEXT, "UUID"),
        "bytea" => (oid::BYTEA, "BLOB"),
        _ => return None,
    })
}
