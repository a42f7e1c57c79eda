//! The files of a folder, each looked at by itself: an odd name, or a link that leads nowhere, keeps no other from being read.

use std::path::PathBuf;

use collectors::pull::Note;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};

/// The files of a folder, and what of it cannot be read.
pub(super) async fn list(
    place: &dyn ObjectStore,
    folder: &std::path::Path,
    prefix: Option<&Path>,
) -> anyhow::Result<(Vec<ObjectMeta>, Vec<Note>)> {
    let root = folder.to_owned();
    let walked = web::off_the_async_threads(move || walk(&root)).await;
    let walked = walked.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let (mut all, mut notes) = (Vec::new(), Vec::new());
    for found in walked {
        let told = match found {
            Ok(path) => match path.to_str().and_then(|path| Path::parse(path).ok()) {
                Some(path) if prefix.is_some_and(|prefix| !path.prefix_matches(prefix)) => continue,
                Some(path) => match place.head(&path).await {
                    Ok(meta) => {
                        all.push(meta);
                        continue;
                    }
                    // It was taken away meanwhile.
                    Err(object_store::Error::NotFound { .. }) => continue,
                    Err(error) => error.to_string(),
                },
                None => format!("{path:?}: its name is not plain text; rename it"),
            },
            Err(reason) => reason,
        };
        notes.push(Note::LeftOut(told));
    }
    Ok((all, notes))
}

/// The paths of files below a folder, from there on, and why others cannot be looked at.
fn walk(root: &std::path::Path) -> Vec<Result<PathBuf, String>> {
    walkdir::WalkDir::new(root)
        .follow_links(true)
        .min_depth(1)
        .into_iter()
        .filter(|entry| entry.as_ref().map_or(true, |entry| entry.file_type().is_file()))
        .map(|entry| match entry {
            Ok(entry) => Ok(entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned()),
            Err(error) => Err(error.to_string()),
        })
        .collect()
}
