//! What a change undoes, by git's own words only.

use super::workshop::{Workshop, change, hour};

/// The reverted thing of one more commit on top of `fix the till`, `paint it red (#3)` and a pick of that.
fn reverted_by(message: &str) -> (Option<String>, [String; 3]) {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    let till = shop.commit(&[&base], hour(1), "fix the till");
    let red = shop.commit(&[&till], hour(2), "paint it red (#3)");
    let again = shop.commit(&[&red], hour(3), "paint it red (#3)");
    let revert = shop.commit(&[&again], hour(4), message);
    let after = shop.commit(&[&revert], hour(5), "fix the till");
    shop.branch("main", &after);
    shop.annotated("v1", &till, hour(1));
    (change(&shop.collect(), &revert).reverts.clone(), [till, red, again])
}

#[test]
fn the_body_s_revision_counts_before_the_title() {
    let sha = "0123456789abcdef0123456789abcdef01234567";
    for body in [
        format!("This reverts commit {sha}."),
        format!("It broke.\n\nThis reverts commit {sha}.\n\nSorry."),
        format!("This reverts commit {sha}, reversing\nchanges made to {sha}."),
    ] {
        let (reverts, _) = reverted_by(&format!("Revert \"fix the till\"\n\n{body}"));
        assert_eq!(reverts.as_deref(), Some(sha), "{body}");
    }
}

#[test]
fn a_shortened_revision_is_completed() {
    let shop = Workshop::new();
    let base = shop.commit(&[], hour(0), "base");
    let till = shop.commit(&[&base], hour(1), "fix the till");
    let message = format!("undo\n\nThis reverts commit {} (fix the till, 2023-11-14).", &till[..10]);
    let revert = shop.commit(&[&till], hour(2), &message);
    shop.branch("main", &revert);
    shop.annotated("v1", &base, hour(0));
    assert_eq!(change(&shop.collect(), &revert).reverts, Some(till));
}

#[test]
fn a_title_stands_for_the_latest_earlier_change_that_has_it() {
    // A later change has the title, too; the one of the first release counts although it is not reported.
    let (reverts, [till, _, _]) = reverted_by("Revert \"fix the till\" (#9)");
    assert_eq!(reverts, Some(till));
    let (reverts, [_, _, again]) = reverted_by("Revert \"paint it red (#3)\"");
    assert_eq!(reverts, Some(again));
    let (reverts, [_, _, again]) = reverted_by("Revert \"paint it red\" (#9)");
    assert_eq!(reverts, Some(again), "GitHub quotes titles without their numbers");
}

#[test]
fn of_what_is_merged_the_title_stands_below_the_subject() {
    let (reverts, [till, _, _]) =
        reverted_by("Merge pull request #6 from acme/revert-5-till\n\nRevert \"fix the till\"\n\nIt broke.");
    assert_eq!(reverts, Some(till));
    let (reverts, _) =
        reverted_by("Merge branch 'colours' into 'main'\n\nPaint it\n\nRevert \"fix the till\" is not meant");
    assert_eq!(reverts, None);
    let (reverts, _) = reverted_by("Paint it\n\nRevert \"fix the till\"");
    assert_eq!(reverts, None, "only of a merge");
}

#[test]
fn what_is_done_again_remedies_nothing() {
    let again = "This reverts commit 0123456789abcdef0123456789abcdef01234567.";
    for title in
        ["Reapply \"fix the till\"", "Revert \"Revert \"fix the till\"\"", "Revert \"Revert \"fix the till\"\" (#9)"]
    {
        assert_eq!(reverted_by(&format!("{title}\n\n{again}")).0, None, "{title}");
        assert_eq!(reverted_by(title).0, None, "{title}");
    }
    // Of three reverts, and of the revert of what was done again, the last one undoes.
    for title in ["Revert \"Reapply \"fix the till\"\"", "Revert \"Revert \"Revert \"fix the till\"\"\""] {
        assert!(reverted_by(&format!("{title}\n\n{again}")).0.is_some(), "{title}");
    }
}

#[test]
fn a_title_that_no_change_has_stands_for_itself() {
    let (reverts, _) = reverted_by("Revert \"say \"hello\" twice\"");
    assert_eq!(reverts.as_deref(), Some("say \"hello\" twice"));
}

#[test]
fn other_words_are_no_revert() {
    for message in [
        "revert \"fix the till\"",
        "Reverting \"fix the till\"",
        "Revert fix the till",
        "undo\n\nReverts acme/shop#3",
        "undo\n\nAs said: This reverts commit 0123456789abcdef0123456789abcdef01234567.",
        "undo\n\nThis reverts commit of yesterday.",
        "Revert \"\"",
    ] {
        assert_eq!(reverted_by(message).0, None, "{message}");
    }
}
