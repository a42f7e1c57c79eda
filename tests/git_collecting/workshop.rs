//! Small repositories, made object by object, so that times, parents and messages are exactly those of the test.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, Utc};
use collectors::git::{Collected, GitError, Options, TagPattern, collect};
use tempfile::TempDir;

const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// A repository named `shop` in a folder of its own.
pub struct Workshop {
    _folder: TempDir,
    pub path: PathBuf,
}

impl Workshop {
    pub fn new() -> Workshop {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop");
        git(folder.path(), &["init", "-q", "--initial-branch=main", path.to_str().unwrap()], b"");
        Workshop { _folder: folder, path }
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.path, arguments, b"")
    }

    /// A commit authored and committed at the same time.
    pub fn commit(&self, parents: &[&str], seconds: i64, message: &str) -> String {
        self.commit_at(parents, seconds, seconds, message)
    }

    pub fn commit_at(&self, parents: &[&str], authored: i64, committed: i64, message: &str) -> String {
        let (authored, committed) = (authored.to_string(), committed.to_string());
        self.raw_commit(parents, &authored, &committed, message.as_bytes())
    }

    pub fn raw_commit(&self, parents: &[&str], authored: &str, committed: &str, message: &[u8]) -> String {
        let mut object = format!("tree {EMPTY_TREE}\n");
        for parent in parents {
            object.push_str(&format!("parent {parent}\n"));
        }
        object.push_str(&format!("author Ada <ada@example.com> {authored} +0200\n"));
        object.push_str(&format!("committer Bob <bob@example.com> {committed} +0000\n\n"));
        let object = [object.as_bytes(), message].concat();
        git(&self.path, &["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], &object)
    }

    /// A line of plain commits, one an hour from `first_hour` on; the titles say the hour.
    pub fn line(&self, parent: Option<&str>, first_hour: i64, n: i64) -> Vec<String> {
        let mut line: Vec<String> = parent.into_iter().map(str::to_owned).collect();
        for at in first_hour..first_hour + n {
            let parents: Vec<&str> = line.last().map(String::as_str).into_iter().collect();
            line.push(self.commit(&parents, hour(at), &format!("work of hour {at}")));
        }
        line.split_off(usize::from(parent.is_some()))
    }

    pub fn branch(&self, name: &str, commit: &str) {
        self.git(&["update-ref", &format!("refs/heads/{name}"), commit]);
    }

    /// A lightweight tag.
    pub fn tag(&self, name: &str, object: &str) {
        self.git(&["update-ref", &format!("refs/tags/{name}"), object]);
    }

    pub fn annotated(&self, name: &str, commit: &str, seconds: i64) -> String {
        let object =
            format!("object {commit}\ntype commit\ntag {name}\ntagger Rel <rel@example.com> {seconds} +0000\n\nout\n");
        let tag = git(&self.path, &["hash-object", "-t", "tag", "-w", "--literally", "--stdin"], object.as_bytes());
        self.tag(name, &tag);
        tag
    }

    pub fn collect(&self) -> Collected {
        collect(&options(&self.path), None, &mut |_| {}).unwrap()
    }

    pub fn collect_with(&self, change: impl FnOnce(&mut Options)) -> Result<Collected, GitError> {
        let mut options = options(&self.path);
        change(&mut options);
        collect(&options, None, &mut |_| {})
    }

    pub fn collect_since(&self, before: &Collected) -> Collected {
        collect(&options(&self.path), Some(&before.cursor), &mut |_| {}).unwrap()
    }
}

/// All tags, HEAD's branch, production.
pub fn options(path: &Path) -> Options {
    Options {
        path: path.to_owned(),
        service: None,
        team: None,
        tags: TagPattern::parse("*").unwrap(),
        environment: "production".into(),
        branch: None,
        include_first: false,
        is_moved: false,
        now: at(hour(10_000)),
    }
}

/// Seconds since 1970 at some hour of the test's own clock.
pub fn hour(n: i64) -> i64 {
    1_700_000_000 + n * 3600
}

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// What the deployment of that name lists, in no order.
pub fn contents(collected: &Collected, tag: &str) -> Vec<String> {
    let listed = collected.facts.deployed_commits.iter().filter(|row| row.deployment_id == tag);
    sorted(listed.map(|row| row.revision.clone()))
}

pub fn change<'a>(collected: &'a Collected, sha: &str) -> &'a facts::Change {
    collected.facts.changes.iter().find(|change| change.id == sha).expect("the commit is a change")
}

pub fn change_ids(collected: &Collected) -> Vec<String> {
    sorted(collected.facts.changes.iter().map(|change| change.id.clone()))
}

/// The change of a commit; nothing if there is no such commit.
pub fn change_of(collected: &Collected, sha: &str) -> Option<String> {
    collected.facts.commits.iter().find(|commit| commit.revision == sha)?.change_id.clone()
}

pub fn deployed(collected: &Collected) -> Vec<&str> {
    collected.facts.deployments.iter().map(|deployment| deployment.id.as_str()).collect()
}

pub fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items
}

/// Runs git without any configuration of this machine.
pub fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new("git")
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("git is installed");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Takes a loose object away.
pub fn lose(workshop: &Workshop, sha: &str) {
    fs::remove_file(workshop.path.join(".git/objects").join(&sha[..2]).join(&sha[2..])).unwrap();
}
