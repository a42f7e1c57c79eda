//! The pages of what the data lack.

use super::site::{Site, deployments};
use crate::support::{batch, incident};

fn site() -> Site {
    let mut all = deployments("checkout", &["02-10", "02-11", "02-12"]);
    all[0].revision = None;
    all[0].url = Some("javascript:alert(1)".into());
    let lost = incident("i1", None, "2026-02-10T10:00:00Z", None, None);
    Site::over(&[batch(&all), batch(&[lost])])
}

#[test]
fn findings_stand_worst_first_with_what_would_mend_them_and_the_rows_behind() {
    let page = site().get("/data-quality");
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    let overview = text.find("Finding, worst first").unwrap();
    let (incidents, revisions) =
        (text.find("ncidents without a service").unwrap(), text.find("eployments without a revision").unwrap());
    assert!(overview < incidents && overview < revisions, "{text}");
    assert!(text.contains("What would mend it:"), "{text}");
    assert!(text.contains("1 of 1"), "{text}");
    assert!(!page.html.contains("href=\"javascript:"));
    assert!(page.links().contains(&"/data-quality.csv".to_owned()));
}

#[test]
fn the_rows_of_a_check_have_a_page_and_a_file_and_an_unknown_check_has_none() {
    let site = site();
    let page = site.get("/data-quality/deployments_without_revision");
    assert!(page.text().contains("checkout-02-10"), "{}", page.text());
    let file = site.get("/data-quality/deployments_without_revision/rows.csv").html;
    assert!(file.starts_with("subject,source,detail,at,n,url\r\n") && file.contains("checkout-02-10,test,"), "{file}");
    let unknown = site.get("/data-quality/deployments_without_revisions");
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("did you mean deployments_without_revision ?"), "{}", unknown.text());
    let findings = site.get("/data-quality.csv").html;
    assert!(findings.starts_with("check,title,severity,share,n,relevant,rows,metrics,fix\r\n"), "{findings}");
}
