//! A clone that cannot give right figures is refused, with the way out.

use collectors::git::{GitError, TagPattern, collect};

use super::workshop::{Workshop, git, hour, lose, options};

fn message(result: Result<collectors::git::Collected, GitError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_path_without_a_repository_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("nowhere");
    let error = message(collect(&options(&missing), None, &mut |_| {}));
    let way_out = "name a clone, its .git folder or a bare repository";
    let expected = format!("{} is not a git repository (there is nothing at this path); {way_out}", missing.display());
    assert_eq!(error, expected);
    let error = collect(&options(folder.path()), None, &mut |_| {}).unwrap_err();
    assert!(matches!(error, GitError::NotARepository { .. }), "{error}");
    assert!(error.to_string().ends_with(way_out));
}

#[test]
fn a_shallow_clone_is_refused() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 5);
    shop.branch("main", &line[4]);
    shop.tag("v1", &line[4]);
    let shallow = shop.path.with_file_name("shallow");
    let url = format!("file://{}", shop.path.display());
    shop.git(&["clone", "-q", "--depth=2", &url, shallow.to_str().unwrap()]);
    let error = message(collect(&options(&shallow), None, &mut |_| {}));
    assert!(
        error.ends_with(
            "shallow is a shallow clone, its history is cut off, so lead times would be wrong; \
             run `git fetch --unshallow` in it first"
        ),
        "{error}"
    );
}

#[test]
fn an_empty_repository_is_told_from_one_without_tags() {
    let shop = Workshop::new();
    let error = message(shop.collect_with(|_| {}));
    assert!(error.ends_with("shop is an empty repository; push or fetch commits into it first"), "{error}");
    shop.branch("main", &shop.commit(&[], hour(0), "base"));
    let error = message(shop.collect_with(|_| {}));
    assert!(
        error.contains("shop has no tags, so nothing in it says what was released; run `git fetch --tags`"),
        "{error}"
    );
}

#[test]
fn a_pattern_without_a_match_shows_the_nearest_tags() {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    shop.branch("main", &base);
    for name in ["nightly", "kustomize/v5.0.1", "kustomize/v5.0.0", "api/v1.0.0", "latest", "stable", "weekly"] {
        shop.tag(name, &base);
    }
    let collect_tags = |pattern: &str| shop.collect_with(|options| options.tags = TagPattern::parse(pattern).unwrap());
    let error = collect_tags("kustomise/v*").unwrap_err();
    let GitError::NoTagMatches { pattern, n_tags, existing, .. } = &error else { panic!("{error}") };
    assert_eq!((pattern.as_str(), *n_tags, existing.len()), ("kustomise/v*", 7, 5));
    assert_eq!(existing[..2], ["kustomize/v5.0.0", "kustomize/v5.0.1"]);
    assert!(error.to_string().contains("none of the 7 tags"), "{error}");
    assert!(error.to_string().contains("matches `kustomise/v*`; there is `kustomize/v5.0.0`, `kustomize/v5.0.1`, "));

    let blob = super::workshop::git(&shop.path, &["hash-object", "-w", "--stdin"], b"key");
    shop.tag("key", &blob);
    assert!(matches!(collect_tags("key"), Err(GitError::NoTaggedCommits { .. })));
}

#[test]
fn an_unknown_branch_gets_the_nearest_one() {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    shop.branch("develop", &base);
    shop.tag("v1", &base);
    let error = message(shop.collect_with(|options| options.branch = Some("develpo".into())));
    assert!(
        error.ends_with("has no branch `develpo` (did you mean `develop`?); name another with --branch"),
        "{error}"
    );
    // HEAD is on main, which has no commit.
    let error = message(shop.collect_with(|_| {}));
    assert!(error.ends_with("has no branch `main` (it has `develop`); name another with --branch"), "{error}");
}

#[test]
fn a_missing_commit_is_named() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 3);
    shop.branch("main", &line[2]);
    shop.tag("v1", &line[2]);
    lose(&shop, &line[1]);
    let error = message(shop.collect_with(|_| {}));
    assert!(error.starts_with(&format!("object {} of ", line[1])), "{error}");
    assert!(error.ends_with("run `git fsck` in it, or clone it again"), "{error}");
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn a_repository_with_sha256_is_told_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("modern");
    git(folder.path(), &["init", "-q", "--object-format=sha256", path.to_str().unwrap()], b"");
    let inner = path.join("inner");
    std::fs::create_dir(&inner).unwrap();
    for path in [&path, &inner] {
        let error = message(collect(&options(path), None, &mut |_| {}));
        let expected = format!(
            "{} is a git repository that names its objects by SHA-256, which is not read (only SHA-1 is); \
             import deployments and changes from where they are recorded",
            path.display()
        );
        assert_eq!(error, expected);
    }
}
