//! An opened input: counted as it is read, unpacked if it is gzip, its first bytes at hand, its byte order mark gone.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use super::error::{ImportError, of_reading};
use super::format::{self, Format};

/// Whether an input is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
}

/// How many bytes of an input were read so far, before unpacking.
#[derive(Debug, Clone, Default)]
pub(super) struct Meter(Rc<Cell<u64>>);

impl Meter {
    pub(super) fn bytes(&self) -> u64 {
        self.0.get()
    }
}

/// An input whose first bytes were looked at.
pub(super) struct Input<'a> {
    pub(super) name: &'a str,
    pub(super) packing: Packing,
    pub(super) meter: Meter,
    /// The first bytes, unpacked, without byte order mark.
    pub(super) head: Vec<u8>,
    rest: Box<dyn Read>,
}

/// Enough to see a header line or the first byte of a JSON text behind some blank lines.
const HEAD: u64 = 8 << 10;
const BUFFER: usize = 128 << 10;
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

impl<'a> Input<'a> {
    pub(super) fn open(name: &'a str, reader: Box<dyn Read + Send>) -> Result<Input<'a>, ImportError> {
        let meter = Meter::default();
        let mut counted = Counted { reader, meter: meter.clone() };
        let magic =
            read_up_to(&mut counted, format::GZIP.len() as u64).map_err(|e| of_reading(name, Packing::Plain, e))?;
        let packing = if magic == format::GZIP { Packing::Gzip } else { Packing::Plain };
        let whole = Cursor::new(magic).chain(counted);
        let mut rest: Box<dyn Read> = match packing {
            Packing::Plain => Box::new(whole),
            Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, whole))),
        };
        let mut head = read_up_to(&mut rest, HEAD).map_err(|error| of_reading(name, packing, error))?;
        if head.starts_with(BYTE_ORDER_MARK) {
            head.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Input { name, packing, meter, head, rest })
    }

    /// The format, as the caller says or as the content looks.
    pub(super) fn format(&self, said: Option<Format>) -> Result<Format, ImportError> {
        format::settle(said, &self.head)
            .map_err(|found| ImportError::UnknownFormat { file: self.name.to_owned(), found })
    }

    /// The first byte that is not white space.
    pub(super) fn first_byte(&self) -> Option<u8> {
        format::first_byte(&self.head)
    }

    /// The content from its beginning.
    pub(super) fn into_reader(self) -> BufReader<impl Read> {
        BufReader::with_capacity(BUFFER, Cursor::new(self.head).chain(self.rest))
    }

    /// The content in a temporary file, which vanishes with its handle.
    pub(super) fn spool(self) -> Result<File, ImportError> {
        let (name, packing) = (self.name, self.packing);
        let failed = |error| of_reading(name, packing, error);
        let mut file = tempfile::tempfile().map_err(failed)?;
        io::copy(&mut self.into_reader(), &mut file).map_err(failed)?;
        file.rewind().map_err(failed)?;
        Ok(file)
    }
}

/// Whether a body is packed, and larger than what is taken once it is unpacked: a megabyte can be a gigabyte then.
pub fn unpacks_beyond(body: &[u8], most: usize) -> bool {
    let mut unpacked = MultiGzDecoder::new(body).take(most as u64 + 1);
    // One that is damaged before that is told so by who reads it.
    body.starts_with(format::GZIP) && io::copy(&mut unpacked, &mut io::sink()).is_ok_and(|n| n > most as u64)
}

/// Whether a body may be JSON, by how it begins; of one that is packed nobody knows yet.
pub fn begins_as_json(body: &[u8]) -> bool {
    let text = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    text.starts_with(format::GZIP) || format::first_byte(text).is_none_or(|first| matches!(first, b'{' | b'['))
}

/// Reads until so many bytes are there or the input ends; a single read may bring fewer, on a pipe even one.
fn read_up_to(reader: &mut dyn Read, n_bytes: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(n_bytes).read_to_end(&mut head)?;
    Ok(head)
}

struct Counted {
    reader: Box<dyn Read + Send>,
    meter: Meter,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.reader.read(buffer)?;
        self.meter.0.set(self.meter.0.get() + n_bytes as u64);
        Ok(n_bytes)
    }
}
