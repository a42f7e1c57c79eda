use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Float32Array,
    Float64Array, Int32Array, Int64Array, LargeStringArray, ListBuilder, NullArray, RecordBatch, StringArray,
    StringBuilder, StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::Int8Type;
use collectors::import::{Format, ImportError, read_file};
use facts::Kind;
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::{Kept, gzip, read, read_with, refusal, rows, with_options};

/// 2026-01-31T14:00:00Z in seconds since 1970: 20484 days of 86400 seconds, and 14 hours.
const TIME: i64 = 20_484 * 86_400 + 14 * 3600;

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    packed_parquet(columns, Compression::UNCOMPRESSED)
}

fn packed_parquet(columns: Vec<(&str, ArrayRef)>, compression: Compression) -> Vec<u8> {
    let record =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap();
    let mut bytes = Vec::new();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut writer = ArrowWriter::try_new(&mut bytes, record.schema(), Some(properties)).unwrap();
    writer.write(&record).unwrap();
    writer.close().unwrap();
    bytes
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn commits(repository: ArrayRef, authored_at: ArrayRef, committed_at: ArrayRef) -> Vec<(&'static str, ArrayRef)> {
    let revision = text(&["r1", "r2"]);
    vec![
        ("revision", revision),
        ("repository", repository),
        ("authored_at", authored_at),
        ("committed_at", committed_at),
    ]
}

#[test]
fn text_and_instants_of_all_widths_are_read() {
    let seconds = TimestampSecondArray::from(vec![TIME, 0]).with_timezone("UTC");
    let millis = TimestampMillisecondArray::from(vec![TIME * 1000, 0]).with_timezone("UTC");
    let nanos = TimestampNanosecondArray::from(vec![TIME * 1_000_000_000 + 1500, -1]).with_timezone("+01:00");
    let variants: [(ArrayRef, ArrayRef); 3] = [
        (Arc::new(LargeStringArray::from(vec!["api", "web"])), Arc::new(seconds)),
        (Arc::new(StringViewArray::from(vec!["api", "web"])), Arc::new(millis.clone())),
        (Arc::new(DictionaryArray::<Int8Type>::from_iter(["api", "web"])), Arc::new(millis)),
    ];
    for (repository, authored_at) in variants {
        let mut columns = commits(repository, authored_at, Arc::new(nanos.clone()));
        columns.push(("url", Arc::new(NullArray::new(2))));
        let kept = rows(Kind::Commit, parquet(columns));
        assert_eq!(kept.column("repository"), ["api", "web"]);
        assert_eq!(kept.column("authored_at"), ["2026-01-31T14:00:00Z", "1970-01-01T00:00:00Z"]);
        assert_eq!(kept.column("committed_at"), ["2026-01-31T14:00:00.000001Z", "1969-12-31T23:59:59.999999Z"]);
        assert_eq!(kept.column("url"), ["-", "-"]);
        assert_eq!(kept.column("origin_line"), ["1", "2"]);
    }
}

#[test]
fn however_its_pages_are_packed_a_file_is_read() {
    let ways = [
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ];
    for way in ways {
        let times = || Arc::new(TimestampSecondArray::from(vec![TIME, 0]).with_timezone("UTC"));
        let kept = rows(Kind::Commit, packed_parquet(commits(text(&["api", "web"]), times(), times()), way));
        assert_eq!(kept.column("repository"), ["api", "web"], "{way}");
    }
}

#[test]
fn a_column_that_holds_nothing_may_be_of_any_type() {
    let times = || Arc::new(TimestampSecondArray::from(vec![TIME, 0]).with_timezone("UTC"));
    let with = |change: Vec<Option<bool>>| {
        let mut columns = commits(text(&["api", "web"]), times(), times());
        columns.push(("change_id", Arc::new(BooleanArray::from(change))));
        parquet(columns)
    };
    assert_eq!(rows(Kind::Commit, with(vec![None, None])).column("change_id"), ["-", "-"]);
    let told = refusal(Kind::Commit, with(vec![None, Some(true)]));
    assert!(told.contains("`change_id` has type Boolean"), "{told}");
}

#[test]
fn lists_with_as_many_nulls_as_there_are_rows_hold_something() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for change in ["c1", "c2"] {
        lists.append_value([None, Some(change)]);
    }
    let times = || Arc::new(TimestampSecondArray::from(vec![TIME, 0]).with_timezone("UTC"));
    let mut columns = commits(text(&["api", "web"]), times(), times());
    columns.push(("change_id", Arc::new(lists.finish())));
    let told = refusal(Kind::Commit, parquet(columns));
    assert!(told.contains("`change_id` has type List"), "{told}");
}

#[test]
fn a_file_without_rows_may_have_columns_of_any_type() {
    let none = |kind: &str| -> ArrayRef {
        match kind {
            "truths" => Arc::new(BooleanArray::from(Vec::<bool>::new())),
            "lists" => Arc::new(ListBuilder::new(StringBuilder::new()).finish()),
            _ => Arc::new(Float64Array::from(Vec::<f64>::new())),
        }
    };
    let columns = || vec![("id", none("truths")), ("opened_at", none("numbers")), ("title", none("lists"))];
    assert!(rows(Kind::Incident, parquet(columns())).batches.is_empty());
    let unknown = refusal(Kind::Incident, parquet([columns(), vec![("titel", none("numbers"))]].concat()));
    assert!(unknown.contains("unknown column `titel` (did you mean `title`?)"), "{unknown}");
}

#[test]
fn times_in_a_wrong_unit_are_refused() {
    let outside = "is outside of the years 1900 to 9999; is it in a wrong unit, or was it never set?";
    // Milliseconds that are called seconds, some 56 000 years away.
    let times = |unit: i64| Arc::new(TimestampSecondArray::from(vec![TIME * unit, -TIME * unit]).with_timezone("UTC"));
    let kept = rows(Kind::Commit, parquet(commits(text(&["api", "web"]), times(1000), times(1))));
    let refused = kept.refused();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(
        refused.iter().all(|told| told.contains("column authored_at: `") && told.ends_with(outside)),
        "{refused:?}"
    );
}

#[test]
fn a_timestamp_without_zone_needs_the_zone_of_the_file() {
    let local: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![TIME * 1_000_000; 2]));
    let content = parquet(commits(text(&["api", "web"]), local.clone(), local));
    let kept = rows(Kind::Commit, content.clone());
    let zone = "has no time zone; add the offset (Z for UTC), or say which zone is meant: --time-zone with \
        `cairn import`, time_zone in the [[source]] of files, time_zone= with POST /v1/facts";
    assert_eq!(
        kept.refused()[1],
        format!(
            "2: column authored_at: `2026-01-31T14:00:00`: {zone}; column committed_at: `2026-01-31T14:00:00`: {zone}"
        )
    );
    assert_eq!(
        kept.rejections[1].raw,
        r#"{"revision":"r2","repository":"web","authored_at":"2026-01-31T14:00:00","committed_at":"2026-01-31T14:00:00"}"#
    );
    let (result, kept) = with_options(Kind::Commit, |mut options| {
        options.time_zone = Some("Europe/Berlin".parse().unwrap());
        read_with(&options, None, std::io::Cursor::new(content))
    });
    assert_eq!(result.unwrap(), 2);
    assert_eq!(kept.column("authored_at"), ["2026-01-31T13:00:00Z"; 2]);
}

#[test]
fn days_numbers_and_truths_are_read() {
    let kept = rows(
        Kind::Cost,
        parquet(vec![
            ("team", text(&["a", "b", "c"])),
            ("resource", text(&["cpu", "cpu", "cpu"])),
            ("day", Arc::new(Date32Array::from(vec![20_484, 0, 0]))),
            ("amount", Arc::new(Float32Array::from(vec![1.5, 2.0, f32::NAN]))),
            ("currency", text(&["EUR", "EUR", "EUR"])),
        ]),
    );
    assert_eq!(kept.column("day"), ["2026-01-31", "1970-01-01"]);
    assert_eq!(kept.column("amount"), ["1.5", "2"]);
    let money = Decimal128Array::from(vec![1_210]).with_precision_and_scale(10, 2).unwrap();
    let of_money = rows(
        Kind::Cost,
        parquet(vec![
            ("team", text(&["a"])),
            ("resource", text(&["cpu"])),
            ("day", Arc::new(Date32Array::from(vec![20_484]))),
            ("amount", Arc::new(money)),
            ("currency", text(&["EUR"])),
        ]),
    );
    assert_eq!(of_money.column("amount"), ["12.1"]);
    assert_eq!(kept.refused(), ["3: column amount: `NaN`: expected a number, such as 1.5"]);
    assert!(kept.rejections[0].raw.contains(r#""day":"1970-01-01","amount":"NaN""#));
    let kept = rows(
        Kind::Service,
        parquet(vec![
            ("name", text(&["shop", "cart"])),
            ("retired", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ]),
    );
    assert_eq!(kept.column("retired"), ["true", "-"]);
    let numbers: [ArrayRef; 5] = [
        Arc::new(Int32Array::from(vec![7])),
        Arc::new(Decimal128Array::from(vec![700]).with_precision_and_scale(10, 2).unwrap()),
        Arc::new(UInt64Array::from(vec![7])),
        Arc::new(Float64Array::from(vec![7.0])),
        text(&["7"]),
    ];
    for engineers in numbers {
        let kept = rows(Kind::Team, parquet(vec![("name", text(&["a"])), ("engineers", engineers)]));
        assert_eq!(kept.column("engineers"), ["7"]);
    }
}

#[test]
fn identifiers_that_are_numbers_or_uuids_are_text_and_the_index_of_pandas_is_passed_over() {
    let uuid: [u8; 16] = *b"\x01\x23\x45\x67\x89\xab\xcd\xef\x00\x11\x22\x33\x44\x55\x66\x77";
    let uuids = FixedSizeBinaryArray::try_from_iter([uuid, [0xff; 16]].iter()).unwrap();
    let time = || Arc::new(TimestampSecondArray::from(vec![TIME, 0]).with_timezone("UTC"));
    let kept = rows(
        Kind::Incident,
        parquet(vec![
            ("id", Arc::new(Int64Array::from(vec![42, -7]))),
            ("opened_at", time()),
            ("caused_by_deployment", Arc::new(uuids)),
            ("__index_level_0__", Arc::new(Int64Array::from(vec![0, 1]))),
        ]),
    );
    assert_eq!(kept.column("id"), ["42", "-7"]);
    assert_eq!(
        kept.column("caused_by_deployment"),
        ["01234567-89ab-cdef-0011-223344556677", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
    );
}

#[test]
fn columns_that_are_unknown_missing_or_of_a_type_that_cannot_fit_are_refused_by_name() {
    let truth: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
    let decimal: ArrayRef = Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(5, 2).unwrap());
    assert_eq!(
        refusal(Kind::Incident, parquet(vec![("id", text(&["i"])), ("opend_at", text(&["x"]))])),
        "in: unknown column `opend_at` (did you mean `opened_at`?); required column `opened_at` is missing from the \
         header; mend the columns, nothing was taken from this file"
    );
    assert_eq!(
        refusal(Kind::Incident, parquet(vec![("id", truth), ("opened_at", decimal)])),
        "in: column `id` has type Boolean, write it as text; column `opened_at` has type Decimal128(5, 2), write it as a \
         timestamp with time zone; mend the columns, nothing was taken from this file"
    );
}

#[test]
fn a_cut_file_is_told_from_one_that_is_no_parquet() {
    let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![TIME; 2]).with_timezone("UTC"));
    let whole = parquet(commits(text(&["api", "web"]), time.clone(), time));
    assert_eq!(
        refusal(Kind::Commit, &whole[..whole.len() - 30]),
        "in: the file is cut, a Parquet file ends with PAR1 and this one does not; send it again whole"
    );
    let (result, _) = with_options(Kind::Commit, |options| {
        read_with(&options, Some(Format::Parquet), std::io::Cursor::new("revision,repository\n"))
    });
    assert!(result.unwrap_err().to_string().starts_with("in holds no Parquet data, it does not begin with PAR1; send"));
}

#[test]
fn a_file_that_is_damaged_within_is_told_as_such_wherever_the_damage_is() {
    let ids: Vec<String> = (0..50).map(|id| format!("incident {id}")).collect();
    let ids: ArrayRef = Arc::new(StringArray::from(ids));
    let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![TIME; 50]).with_timezone("UTC"));
    let whole = parquet(vec![("id", ids.clone()), ("opened_at", time), ("title", ids)]);
    let mut n_damaged = 0;
    for at in 4..whole.len() - 4 {
        let mut damaged = whole.clone();
        damaged[at] = !damaged[at];
        match read(Kind::Incident, damaged).0 {
            // Not every byte matters, and some only change a value or a name.
            Ok(_) | Err(ImportError::Header { .. }) => {}
            Err(ImportError::Damaged { what, .. }) => {
                assert!(what.starts_with("the Parquet data cannot be read ("), "{what}");
                n_damaged += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(n_damaged > 100);
}

#[test]
fn a_file_is_read_where_it_lies_and_a_packed_one_by_way_of_the_side() {
    let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![TIME; 2]).with_timezone("UTC"));
    let content = parquet(commits(text(&["api", "web"]), time.clone(), time));
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("commits.parquet", content.clone()), ("commits.parquet.gz", gzip(&content))] {
        let path = folder.path().join(name);
        std::fs::write(&path, &content).unwrap();
        let mut kept = Kept::default();
        let n_rows = with_options(Kind::Commit, |options| {
            read_file(&path, 3, Format::from_name(&path), &options, &mut kept).unwrap()
        });
        assert_eq!(n_rows, 2);
        assert_eq!(kept.column("origin_file"), ["3", "3"]);
        assert_eq!(kept.progress.last(), Some(&(content.len() as u64)));
    }
}
