//! Lists in GitHub's answers, of which single elements may be null or odd.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A list of which some elements may be null or odd: they do not spoil the others.
#[derive(Debug)]
pub(super) struct Nodes<T> {
    /// Those that can be read.
    pub read: Vec<T>,
    n_null: usize,
    odd: Vec<String>,
}

impl<T> Nodes<T> {
    /// An empty list.
    pub fn none() -> Nodes<T> {
        Nodes { read: Vec::new(), n_null: 0, odd: Vec::new() }
    }

    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.read.iter()
    }

    /// How many there are, with those that cannot be read.
    pub fn count(&self) -> usize {
        self.read.len() + self.n_null + self.odd.len()
    }

    /// What is not there may be among those that cannot be read.
    pub fn has_holes(&self) -> bool {
        self.read.len() < self.count()
    }

    /// What is wrong with the odd ones.
    pub fn odd(&self) -> &[String] {
        &self.odd
    }

    /// What is wrong with the first, where none can be read: then the list is not what it should be.
    pub fn misread(&self) -> Option<&String> {
        self.odd.first().filter(|_| self.read.is_empty())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Nodes<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Nodes<T>, D::Error> {
        let mut nodes = Nodes::none();
        for (number, node) in Vec::<Value>::deserialize(deserializer)?.into_iter().enumerate() {
            if node.is_null() {
                nodes.n_null += 1;
                continue;
            }
            match serde_path_to_error::deserialize(node) {
                Ok(node) => nodes.read.push(node),
                Err(error) => {
                    nodes.odd.push(format!("number {} at {}: {}", number + 1, error.path(), error.inner()));
                }
            }
        }
        Ok(nodes)
    }
}
