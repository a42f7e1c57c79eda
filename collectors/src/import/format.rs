//! Which format an input has: by its name, or by how it begins.

use std::path::Path;

/// A format of rows. Gzip around CSV and NDJSON is recognised by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header line; `;` and tab are recognised in the header.
    Csv,
    /// One JSON object a line, or a JSON array of objects.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The format that a file's name tells: `.csv`, `.ndjson`, `.jsonl`, `.json` or `.parquet`, each also with `.gz`.
    pub fn from_name(path: &Path) -> Option<Format> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let (_, extension) = name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.')?;
        match extension {
            "csv" => Some(Format::Csv),
            "ndjson" | "jsonl" | "json" => Some(Format::Ndjson),
            "parquet" => Some(Format::Parquet),
            _ => None,
        }
    }
}

/// The format of an input that begins with `head`, as the caller says or as it looks; or what it seems to hold instead.
pub(super) fn settle(said: Option<Format>, head: &[u8]) -> Result<Format, String> {
    match said {
        Some(Format::Parquet) => Ok(Format::Parquet),
        Some(format) => foreign(head).map_or(Ok(format), |found| Err(found.to_owned())),
        None if head.starts_with(PARQUET) => Ok(Format::Parquet),
        None => match (foreign(head), first_byte(head)) {
            (Some(found), _) => Err(found.to_owned()),
            (None, Some(b'{' | b'[')) => Ok(Format::Ndjson),
            _ if head.contains(&0) => Err("bytes that are not text".to_owned()),
            _ => Ok(Format::Csv),
        },
    }
}

/// The first byte that is not white space.
pub(super) fn first_byte(head: &[u8]) -> Option<u8> {
    head.trim_ascii_start().first().copied()
}

/// The four bytes that a Parquet file begins and ends with.
pub(super) const PARQUET: &[u8] = b"PAR1";

/// The two bytes that gzip begins with.
pub(super) const GZIP: &[u8] = &[0x1f, 0x8b];

/// What people send by mistake in place of text, by its first bytes.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 8] = [
        (PARQUET, "Parquet, though its name or type says otherwise"),
        (GZIP, "gzip inside gzip"),
        (&[0xff, 0xfe], "UTF-16 text"),
        (&[0xfe, 0xff], "UTF-16 text"),
        (b"PK\x03\x04", "a zip archive or a spreadsheet"),
        (b"BZh", "bzip2 data"),
        (&[0xfd, b'7', b'z', b'X', b'Z'], "xz data"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd data"),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, found)| *found)
}
