use super::*;
use facts::*;
use std::time::Instant;
#[test]
fn scratch() {
    for _ in 0..3 { let t = Instant::now(); let o = generate(&options()); println!("generate {:?} facts {}", t.elapsed(), o.n_facts()); }
    let o = generate(&options());
    let t = Instant::now();
    let b = o.batches(&PersonKey::new(b"0123456789abcdef").unwrap(), "demo", options().end);
    println!("batches {:?}", t.elapsed());
    let mut m = std::collections::BTreeMap::new();
    for x in &b { *m.entry(x.kind.to_string()).or_insert(0) += x.len(); }
    println!("{m:#?}");
    let mut e = std::collections::BTreeMap::new();
    for d in &o.deployments { *e.entry(format!("{} {:?} {:?}", d.environment, d.kind.unwrap(), d.result)).or_insert(0)+=1; }
    println!("{e:#?}");
    let mut by: HashMap<&str,Vec<(i64)>> = HashMap::new();
    for x in &o.deployments[..6] { println!("{x:?}"); }
    for x in &o.changes[..3] { println!("{x:?}"); }
    for x in &o.incidents[..4] { println!("{x:?}"); }
    for x in &o.services[..12] { println!("{x:?}"); }
    for x in &o.teams[..4] { println!("{x:?}"); }
    println!("open incidents {}", o.incidents.iter().filter(|i| i.resolved_at.is_none()).count());
    println!("heads {:?}", o.truth.teams.iter().map(|t| (t.name.clone(), o.teams.iter().filter(|r| r.name==t.name).last().unwrap().engineers.unwrap())).collect::<Vec<_>>());
    println!("{:#?}", o.truth.teams[1]);
    for q in &o.truth.improvements { println!("{q:?}"); }
    let mut s = std::collections::BTreeMap::new();
    for r in &o.services { s.insert(r.name.clone(), (r.template.clone(), r.template_version.clone(), r.pipeline.clone().filter(|p| !p.starts_with(&r.name)), r.pipeline_version.clone())); }
    let mut c = std::collections::BTreeMap::new(); for v in s.values() { *c.entry(v.clone()).or_insert(0)+=1; } println!("{c:#?}");
    let wk: f64 = 78.0; let tel: f64 = o.time_savings.iter().filter(|r| r.basis==Some(Basis::Telemetry)).map(|r| r.hours*r.occurrences.unwrap() as f64).sum::<f64>()/wk; println!("telemetry h/week {tel}");
    let tail: f64 = o.time_savings.iter().filter(|r| r.basis==Some(Basis::Telemetry) && r.at > options().end - chrono::TimeDelta::days(91)).map(|r| r.hours*r.occurrences.unwrap() as f64).sum::<f64>()/13.0; println!("last quarter h/week {tail}");
    for k in [0, 8, 17] { let ms: Vec<_> = o.policy_results.iter().collect(); let months: std::collections::BTreeSet<_> = ms.iter().map(|r| r.at.format("%Y-%m").to_string()).collect(); let m = months.iter().nth(k.min(months.len()-1)).unwrap(); let f: Vec<_> = ms.iter().filter(|r| &r.at.format("%Y-%m").to_string()==m).collect(); println!("{m} pass {} exempt {} of {}", f.iter().filter(|r| r.result==PolicyOutcome::Pass).count(), f.iter().filter(|r| r.result==PolicyOutcome::Exempt).count(), f.len()); }
    println!("cost/month {}", o.costs.iter().map(|c| c.amount).sum::<f64>()/18.0);
    by.clear();
    for ex in &o.exemptions[..8.min(o.exemptions.len())] { println!("{ex:?}"); }
    for sc in [0.001, 0.1, 3.0] { let t=Instant::now(); let o = generate(&Options{scale: sc, ..options()}); println!("scale {sc}: {} facts {} teams {} services {} eng {:?}", o.n_facts(), o.truth.teams.len(), o.deployments.len(), o.engineers.len(), t.elapsed()); }
}
