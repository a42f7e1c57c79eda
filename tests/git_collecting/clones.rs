//! Clones of all shapes, with remotes, branches and objects as they come.

use collectors::git::collect;

use super::workshop::{Workshop, at, change, contents, git, hour, options};

#[test]
fn the_remote_names_the_repository_and_gives_addresses() {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    let squashed = shop.commit(&[&base], hour(1), "make it fast (#12)");
    let merge = shop.commit(&[&squashed, &base], hour(2), "Merge pull request #34 from ada/x");
    let plain = shop.commit(&[&merge], hour(3), "see (#56) for why");
    shop.branch("main", &plain);
    shop.annotated("api/v1#1", &base, hour(0));
    let urls = [
        ("https://user:secret@git.example.com/acme/shop.git", "acme/shop", "https://git.example.com/acme/shop"),
        ("git@git.example.com:acme/shop.git", "acme/shop", "https://git.example.com/acme/shop"),
        ("ssh://git@git.example.com:2222/acme/shop", "acme/shop", "https://git.example.com/acme/shop"),
        (
            "http://git.example.com:8080/group/part/shop/",
            "group/part/shop",
            "https://git.example.com:8080/group/part/shop",
        ),
    ];
    for (url, repository, web) in urls {
        shop.git(&["config", "remote.origin.url", url]);
        let collected = shop.collect();
        assert_eq!((collected.repository.as_str(), collected.service.as_str()), (repository, "shop"), "{url}");
        let tag_url = collected.facts.deployments[0].url.clone();
        assert_eq!(tag_url, Some(format!("{web}/releases/tag/api/v1%231")));
        assert_eq!(change(&collected, &squashed).url, Some(format!("{web}/pull/12")));
        assert_eq!(change(&collected, &merge).url, Some(format!("{web}/pull/34")));
        assert_eq!(change(&collected, &plain).url, None);
    }
    for url in ["/srv/git/shop.git", "../mirror"] {
        shop.git(&["config", "remote.origin.url", url]);
        let collected = shop.collect();
        assert_eq!(collected.repository, "shop", "{url}");
        assert_eq!(collected.facts.deployments[0].url, None);
        assert_eq!(change(&collected, &squashed).title.as_deref(), Some("make it fast (#12)"));
    }
}

#[test]
fn odd_times_and_bytes_do_not_stop_a_run() {
    let shop = Workshop::new();
    let base = shop.raw_commit(&[], "-86400", "-86400", b"before 1970");
    let far = shop.raw_commit(&[&base], "4102444800", "4102444800", b"in 2100");
    let broken = shop.raw_commit(&[&far], "99999999999999999999", "soon", b"sm\xf8rrebr\xf8d\nand\n\nbody \xff");
    let nameless = shop.raw_commit(&[&broken], "1700000000", "1700000000", b"\n\n  \n");
    shop.branch("main", &nameless);
    shop.annotated("v1", &base, hour(0));
    shop.annotated("v2", &nameless, hour(1));
    let collected = shop.collect();
    assert_eq!(contents(&collected, "v2").len(), 3);
    assert_eq!(change(&collected, &far).merged_at, at(4_102_444_800));
    let odd = change(&collected, &broken);
    assert_eq!(odd.title.as_deref(), Some("sm\u{fffd}rrebr\u{fffd}d and"));
    assert_eq!((odd.merged_at, odd.first_commit_at), (at(0), Some(at(253_402_300_799))));
    assert_eq!(change(&collected, &nameless).title, None);
    let odd_times =
        "commits whose time cannot be read or is not within the years 0 to 9999, the nearest stands for it: 1";
    assert!(collected.notes.contains(&odd_times.to_owned()), "{:?}", collected.notes);
    let first = shop.collect_with(|options| options.include_first = true).unwrap();
    assert_eq!(change(&first, &base).merged_at, at(-86_400));
}

#[test]
fn bare_packed_and_linked_clones_give_the_same_facts() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 4);
    shop.branch("main", &line[3]);
    shop.annotated("v1", &line[0], hour(1));
    shop.tag("v2", &line[2]);
    let expected = shop.collect();

    let folder = shop.path.parent().unwrap().to_owned();
    let bare = folder.join("elsewhere").join("shop.git");
    shop.git(&["clone", "-q", "--bare", shop.path.to_str().unwrap(), bare.to_str().unwrap()]);
    let linked = folder.join("linked");
    shop.git(&["worktree", "add", "-q", "--detach", linked.to_str().unwrap(), "main"]);
    let elsewhere = folder.join("gitfile");
    shop.git(&[
        "init",
        "-q",
        "--initial-branch=main",
        "--separate-git-dir",
        elsewhere.join("shop").to_str().unwrap(),
        elsewhere.join("tree").to_str().unwrap(),
    ]);
    let gitfile = elsewhere.join("tree");
    git(&gitfile, &["fetch", "-q", "--tags", "-u", shop.path.to_str().unwrap(), "main:main"], b"");
    assert!(gitfile.join(".git").is_file() && linked.join(".git").is_file());
    shop.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    assert!(shop.path.join(".git/packed-refs").is_file());

    for path in [&shop.path, &bare, &linked, &gitfile, &shop.path.join(".git")] {
        let collected = collect(&options(path), None, &mut |_| {}).unwrap();
        assert_eq!(collected.facts, expected.facts, "{}", path.display());
        assert_eq!(collected.source, "git:shop");
    }
}

#[test]
fn a_branch_is_found_by_its_name_or_its_remote_s() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 3);
    shop.branch("main", &line[0]);
    shop.branch("develop", &line[1]);
    shop.git(&["update-ref", "refs/remotes/origin/next", &line[2]]);
    shop.annotated("v1", &line[0], hour(0));
    let undeployed = |branch: Option<&str>| {
        let collected = shop.collect_with(|options| options.branch = branch.map(str::to_owned)).unwrap();
        assert_eq!(collected.facts.deployed_commits, []);
        collected.facts.changes.len()
    };
    let branches = [None, Some("develop"), Some("next"), Some("origin/next"), Some("refs/heads/develop")];
    assert_eq!(branches.map(undeployed), [0, 1, 2, 2, 1]);
}

#[test]
fn progress_ends_with_the_number_of_commits_read() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 3);
    shop.branch("main", &line[2]);
    shop.annotated("v1", &line[0], hour(0));
    let mut last = 0;
    collect(&options(&shop.path), None, &mut |n_read| last = n_read).unwrap();
    assert_eq!(last, 3);
}

#[test]
fn a_folder_within_a_clone_is_read_as_the_clone() {
    let shop = Workshop::new();
    let line = shop.line(None, 0, 2);
    shop.branch("main", &line[1]);
    shop.annotated("v1", &line[0], hour(1));
    let expected = shop.collect();
    let inner = shop.path.join("services").join("pay");
    std::fs::create_dir_all(&inner).unwrap();
    let linked = shop.path.with_file_name("linked");
    shop.git(&["worktree", "add", "-q", "--detach", linked.to_str().unwrap(), "main"]);
    let deep = linked.join("deep");
    std::fs::create_dir(&deep).unwrap();
    for path in [&inner, &deep, &shop.path.join(".git/refs")] {
        let collected = collect(&options(path), None, &mut |_| {}).unwrap();
        assert_eq!(
            (collected.facts, collected.source.as_str()),
            (expected.facts.clone(), "git:shop"),
            "{}",
            path.display()
        );
    }
}
