//! Commit and tag objects as bytes. Only the lines needed are looked at, and leniently, as git itself does: old imports
//! left names and times behind that a strict reader refuses, and one of them must not cost a whole history.

use gix::ObjectId;
use gix::bstr::ByteSlice;

/// A commit or an annotated tag: header lines, an empty line, a message.
pub(super) struct Object<'a> {
    header: &'a [u8],
    pub message: &'a [u8],
}

impl<'a> Object<'a> {
    pub(super) fn read(data: &'a [u8]) -> Object<'a> {
        let (header, message) = data.split_once_str("\n\n").unwrap_or((data, b""));
        Object { header, message }
    }

    /// The first value of a header; empty where there is none.
    pub(super) fn value(&self, key: &str) -> &'a [u8] {
        self.values(key).next().unwrap_or_default()
    }

    /// The object names under a header, in order; nothing if one of them is none.
    pub(super) fn names(&self, key: &str) -> Option<Vec<ObjectId>> {
        self.values(key).map(|hex| ObjectId::from_hex(hex).ok()).collect()
    }

    /// Lines that go on another header's value begin with a space, so they are never taken for one of ours.
    fn values(&self, key: &str) -> impl Iterator<Item = &'a [u8]> {
        self.header.lines().filter_map(move |line| line.strip_prefix(key.as_bytes())?.strip_prefix(b" "))
    }
}
