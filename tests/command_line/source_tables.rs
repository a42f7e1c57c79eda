//! Mistakes in `[[source]]` tables, told when the configuration is read.

use std::fs;

use super::{Said, run};

/// What `cairn check` says of a configuration.
fn check(text: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cairn.toml"), text).unwrap();
    fs::write(folder.path().join("one"), "one").unwrap();
    run(folder.path(), &["check"])
}

fn github(more: &str) -> Said {
    check(&format!("[[source]]\nname = \"gh\"\nkind = \"github\"\n{more}\n"))
}

#[test]
fn a_value_of_another_type_is_told_with_its_key_and_the_right_form() {
    for (line, said) in [
        ("repositories = \"acme/shop\"", "repositories: invalid type: string \"acme/shop\""),
        ("repositories = \"acme/shop\"", "; write repositories = [\"acme/shop\"]"),
        ("commits = \"yes\"", "; write commits = true or commits = false"),
        ("page_size = \"50\"", "; write page_size = 50"),
        ("since = 2026", "; write since = \"2026\""),
        ("services = { match = \"a\", name = \"b\" }", "; write services = [{ match = \"a\", name = \"b\" }]"),
        ("deployments = \"workflow_run\"", "deployments: unknown variant `workflow_run`"),
        ("deployments = \"workflow_run\"", "did you mean `workflow_runs`?"),
    ] {
        let refused = github(line);
        assert!(!refused.is_well && refused.err.contains(said), "{line}: {}", refused.err);
        assert!(!refused.out.contains("configuration:"), "{}", refused.out);
    }
}

#[test]
fn one_table_where_several_may_be_is_told_with_its_line() {
    let refused = check("[server]\nlisten = \"127.0.0.1:0\"\n[source]\nname = \"gh\"\n");
    assert!(refused.err.contains("line 3: write [[source]] in place of [source]"), "{}", refused.err);
    let twice = check("[source]\nname = \"gh\"\n[source]\nname = \"jira\"\n");
    assert!(twice.err.contains("line 1: write [[source]] in place of [source]"), "{}", twice.err);
    let repeated = check("store = \"a\"\nstore = \"b\"\n");
    assert!(repeated.err.contains("line 2: duplicate key: `store = \"b\"`"), "{}", repeated.err);
}

#[test]
fn an_address_that_is_none_is_refused_with_the_one_to_write() {
    for (url, said) in [
        ("api.github.com", "write https://api.github.com"),
        ("localhost:8080", "write https://localhost:8080"),
        ("", "it is empty"),
        ("ftp://github.acme.example", "https://"),
        ("https://", "is no address"),
    ] {
        let refused = github(&format!("repositories = [\"acme/shop\"]\nurl = \"{url}\""));
        assert!(!refused.is_well && refused.err.contains(said), "{url}: {}", refused.err);
    }
}

#[test]
fn a_credential_given_twice_is_refused_and_a_file_that_is_not_there_is_told_where_it_is_used() {
    for key in ["token", "secret"] {
        let twice = format!("repositories = [\"acme/shop\"]\n{key} = \"${{ANY}}\"\n{key}_file = \"one\"");
        let refused = github(&twice);
        assert!(refused.err.contains(&format!("give either {key} or {key}_file, not both")), "{}", refused.err);
    }
    let gone = github("repositories = [\"acme/shop\"]\ntoken_file = \"gone\"");
    assert!(!gone.is_well && gone.out.contains("cannot read token_file gone"), "{}{}", gone.out, gone.err);
    assert!(!gone.out.contains("no mistake"), "{}", gone.out);
}

#[test]
fn a_line_with_the_placeholder_for_its_name_is_refused() {
    let refused = github("repositories = [\"acme/shop\"]\nservices = [{ match = \"acme/shop\", name = \"...\" }]");
    assert!(refused.err.contains("services: match = \"acme/shop\": name = \"...\" stands for"), "{}", refused.err);
}

#[test]
fn github_without_a_token_is_not_asked() {
    let said = github("repositories = [\"acme/shop\"]\nurl = \"http://127.0.0.1:9\"");
    assert!(!said.is_well && said.out.contains("GraphQL, which needs a token"), "{}", said.out);
}

#[test]
fn what_is_said_of_pushes_is_of_their_kind_and_holds_up_no_reading() {
    let prometheus = |secret: &str| {
        format!(
            "[[source]]\nname = \"p\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:9\"\n{secret}\n\
            expressions = [{{ component = \"x\", up = \"up\" }}]\n"
        )
    };
    let argocd = |secret: &str| {
        format!(
            "[[source]]\nname = \"a\"\nkind = \"argocd\"\nurl = \"http://127.0.0.1:9\"\n{secret}\ntoken_file = \"one\"\n"
        )
    };
    // Nobody listens there: that is no want of a permission.
    let asked = "cannot be asked: http://127.0.0.1:9/ does not answer";
    let gone = check(&argocd("secret_file = \"gone\""));
    assert!(!gone.is_well && gone.out.contains("pushes: REFUSED: [[source]] a: cannot read secret_file gone"));
    assert!(gone.out.contains(asked) && !gone.out.contains("MAY NOT"), "{}", gone.out);
    let taken = check(&argocd("secret_file = \"one\""));
    let said = "pushes: taken at POST /v1/hooks/a, with the header `Authorization: Bearer` and the secret";
    assert!(taken.out.contains(said), "{}", taken.out);
    let none = check(&prometheus("secret_file = \"one\""));
    assert!(none.out.contains("pushes: none, since kind prometheus is only read"), "{}", none.out);
    let signed = github("secret_file = \"one\"\nrepositories = [\"acme/shop\"]");
    assert!(signed.is_well && signed.out.contains("/v1/hooks/gh, if signed with the secret"), "{}", signed.out);
    assert!(signed.out.contains("reading: no, it only pushes; what needs a token"), "{}", signed.out);
    let alerts = check("[[source]]\nname = \"am\"\nkind = \"alertmanager\"\nsecret_file = \"one\"\n");
    assert!(alerts.is_well && alerts.out.contains("reading: no, its kind only pushes\n"), "{}", alerts.out);
}
