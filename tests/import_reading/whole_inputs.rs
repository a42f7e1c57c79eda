use std::error::Error;
use std::io::{Cursor, Read};
use std::path::Path;

use collectors::import::{Format, ImportError, Rejection, Sink, read_file};
use facts::{Batch, Kind};

use super::{Kept, gzip, read, read_with, refusal, rows, with_options};

const INCIDENTS: &str = "id,opened_at\ni1,2026-01-01T00:00:00Z\ni2,2026-01-01T00:00:00Z\n";

#[test]
fn a_name_tells_the_format_with_and_without_gz() {
    let format = |name: &str| Format::from_name(Path::new(name));
    assert_eq!(format("a/b.csv"), Some(Format::Csv));
    assert_eq!(format("b.CSV.GZ"), Some(Format::Csv));
    assert_eq!(format("b.ndjson"), Some(Format::Ndjson));
    assert_eq!(format("b.jsonl.gz"), Some(Format::Ndjson));
    assert_eq!(format("b.2026.json"), Some(Format::Ndjson));
    assert_eq!(format("b.parquet"), Some(Format::Parquet));
    assert_eq!(format("b.gz"), None);
    assert_eq!(format("csv"), None);
    assert_eq!(format("-"), None);
}

#[test]
fn gzip_is_recognised_by_its_first_bytes_also_in_several_members() {
    let (first, second) = INCIDENTS.split_at(20);
    let packed = [gzip(first.as_bytes()), gzip(second.as_bytes())].concat();
    let size = packed.len() as u64;
    let kept = rows(Kind::Incident, packed);
    assert_eq!(kept.column("id"), ["i1", "i2"]);
    assert_eq!(kept.progress.last(), Some(&size));
    let object = br#"{"id":"i1","opened_at":"2026-01-01T00:00:00Z"}"#;
    assert_eq!(rows(Kind::Incident, gzip(object)).column("id"), ["i1"]);
}

#[test]
fn gzip_that_ends_early_or_is_damaged_is_refused_as_a_whole() {
    let mut packed = gzip(INCIDENTS.as_bytes());
    for length in 3..packed.len() {
        assert_eq!(
            refusal(Kind::Incident, &packed[..length]),
            "in: the file is cut, its gzip stream ends early; send it again whole"
        );
    }
    let checksum = packed.len() - 6;
    packed[checksum] ^= 1;
    assert!(refusal(Kind::Incident, packed).starts_with("in: the gzip data is damaged ("));
}

#[test]
fn what_is_in_no_known_format_is_refused_by_what_it_seems_to_be() {
    let advice = "send CSV, NDJSON or a JSON array (UTF-8, plain or gzipped), or Parquet";
    assert_eq!(refusal(Kind::Incident, b"PK\x03\x04..."), format!("in holds a zip archive or a spreadsheet; {advice}"));
    assert_eq!(refusal(Kind::Incident, b"\xff\xfei\0d\0"), format!("in holds UTF-16 text; {advice}"));
    assert_eq!(refusal(Kind::Incident, b"\x7fELF\0\0"), format!("in holds bytes that are not text; {advice}"));
    assert_eq!(refusal(Kind::Incident, gzip(&gzip(b"id"))), format!("in holds gzip inside gzip; {advice}"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let result = with_options(Kind::Incident, |options| {
        read_file(Path::new("/nowhere/incidents.csv"), 0, None, &options, &mut Kept::default())
    });
    let message = result.unwrap_err().to_string();
    assert!(message.starts_with("cannot open /nowhere/incidents.csv: "), "{message}");
}

#[test]
fn batches_are_cut_at_their_size_and_rows_know_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("incidents");
    std::fs::write(&path, format!("{INCIDENTS}i3,2026-04-01T00:00:00Z\n")).unwrap();
    let mut kept = Kept::default();
    let n_rows = with_options(Kind::Incident, |mut options| {
        options.batch_rows = 2;
        read_file(&path, 4, None, &options, &mut kept).unwrap()
    });
    assert_eq!(n_rows, 3);
    assert_eq!(kept.batches.iter().map(Batch::len).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(kept.batches.iter().map(|batch| batch.n_future).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(kept.column("origin_file"), ["4", "4", "4"]);
}

#[test]
fn huge_rows_fill_a_batch_before_its_number_of_rows_does() {
    // 100 rows of a million bytes each, where a batch takes 64 MiB, that is 67.1 of them.
    let row = format!("i1,2026-01-01T00:00:00Z,{}\n", "x".repeat(999_976));
    let kept = rows(Kind::Incident, format!("id,opened_at,title\n{}", row.repeat(100)));
    assert_eq!(kept.batches.iter().map(Batch::len).collect::<Vec<_>>(), [68, 32]);
}

#[test]
fn a_pipe_that_gives_one_byte_at_a_time_is_read_like_any_other() {
    struct Trickle(Cursor<Vec<u8>>);
    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let n_bytes = buffer.len().min(1);
            self.0.read(&mut buffer[..n_bytes])
        }
    }
    for content in [INCIDENTS.as_bytes().to_vec(), gzip(INCIDENTS.as_bytes())] {
        let trickle = Trickle(Cursor::new(content));
        let (result, kept) = with_options(Kind::Incident, |options| read_with(&options, None, trickle));
        assert_eq!(result.unwrap(), 2);
        assert_eq!(kept.column("id"), ["i1", "i2"]);
    }
}

#[test]
fn a_sink_that_fails_ends_the_reading() {
    struct Full;
    impl Sink for Full {
        fn batch(&mut self, _: Batch) -> Result<(), Box<dyn Error + Send + Sync>> {
            Err("the disk is full".into())
        }
        fn rejection(&mut self, _: Rejection) -> Result<(), Box<dyn Error + Send + Sync>> {
            Ok(())
        }
        fn progress(&mut self, _: u64) {}
    }
    let result = with_options(Kind::Incident, |options| {
        let content = Box::new(Cursor::new(INCIDENTS));
        collectors::import::read_stream("in", content, 0, None, &options, &mut Full)
    });
    assert_eq!(result.unwrap_err().to_string(), "keeping the rows of in failed: the disk is full");
}

#[test]
fn a_read_that_fails_is_told_as_such() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("connection reset"))
        }
    }
    let content = Cursor::new("x".repeat(10_000)).chain(Broken);
    let (result, _) = with_options(Kind::Incident, |options| read_with(&options, Some(Format::Csv), content));
    assert!(matches!(result.as_ref().unwrap_err(), ImportError::Read { .. }));
    assert_eq!(result.unwrap_err().to_string(), "cannot read in: connection reset");
    assert_eq!(read(Kind::Incident, INCIDENTS).0.unwrap(), 2);
}
