//! What conditions leave out unread is what they exclude, and nothing else.

use super::house;

fn counted(from: &str) -> String {
    house().rows(&format!("select count(*) from {from}")).unwrap()[0][0].clone()
}

#[test]
fn rows_at_the_very_ends_of_a_time_are_in_it_if_it_says_so() {
    // On 2025-08-04 the api is deployed at 10, 11 and 12, the web at 10; a week later so too, but the web also at 11.
    let [ten, eleven, twelve] = ["10", "11", "12"].map(|hour| format!("'2025-08-04T{hour}:00:00Z'"));
    for (condition, n) in [
        (format!("time = {eleven}"), "1"),
        (format!("time <= {eleven}"), "3"),
        (format!("time < {eleven}"), "2"),
        (format!("time between {ten} and {eleven}"), "3"),
        (format!("time between {ten} and {ten}"), "2"),
        (format!("{eleven} >= time"), "3"),
        (format!("time >= {eleven} and time <= {twelve}"), "2"),
        (format!("time > {eleven} and time < '2025-08-05'"), "1"),
        (format!("time > {eleven} and time < {twelve}"), "0"),
        (format!("time in ({eleven}, {twelve})"), "2"),
        (format!("time = {eleven} or time = {ten}"), "3"),
    ] {
        for table in ["change_fail_rate", "deployment"] {
            assert_eq!(counted(&format!("{table} where {condition}")), n, "{table} where {condition}");
        }
    }
}

#[test]
fn every_table_gives_what_it_would_if_it_were_read_whole() {
    for relation in house().published.relations() {
        if relation.name == "metric_value" || relation.columns.iter().all(|column| column.name != "time") {
            continue;
        }
        let name = &relation.name;
        let last =
            house().rows(&format!("select max(time) from {name} where time < '2025-10-07'")).unwrap()[0][0].clone();
        if last == "-" {
            continue;
        }
        for condition in
            ["time = X", "time <= X", "time < X", "time >= X", "time > X", "time between '2025-08-11' and X"]
        {
            let own = counted(&format!("{name} where {}", condition.replace('X', &format!("'{last}Z'"))));
            // Of a sum nothing is known before it is read.
            let whole =
                condition.replace("time", "time + interval '0 days'").replace('X', &format!("timestamptz '{last}Z'"));
            let whole = whole.replace("'2025-08-11'", "timestamptz '2025-08-11'");
            assert_eq!(own, counted(&format!("{name} where {whole}")), "{name} where {condition}, X = {last}");
        }
    }
}

#[test]
fn a_cast_that_cuts_off_the_time_of_day_means_the_begin_of_the_day() {
    for table in ["change_fail_rate", "deployment"] {
        for (condition, n) in [
            ("time >= '2025-08-04T11:30:00Z'::date", "4"),
            ("time >= cast('2025-08-04T11:30:00Z' as timestamptz)::date", "4"),
            ("time >= '2025-08-04T11:30:00Z'::date::timestamptz", "4"),
            ("time >= timestamptz '2025-08-05 11:30:00+00'::date - interval '1 day'", "4"),
            ("time >= '2025-08-04T23:30:00-05:00'::date", "4"),
            ("time >= '2025-08-04T12:00:00+05:00'::timestamp", "1"),
            ("time >= to_timestamp(1754305200.5)", "1"),
            ("time >= to_timestamp(1754305200)", "2"),
            ("time >= to_timestamp(1754305200.4::int)", "2"),
            ("time >= '2025-08-04 11:00:00'::timestamp", "2"),
            ("time >= timestamptz '2025-08-04 12:00:00+01'", "2"),
        ] {
            assert_eq!(
                counted(&format!("{table} where {condition} and time < '2025-08-05'")),
                n,
                "{table}: {condition}"
            );
        }
        let day = format!("{table} where time between '2025-08-03T11:30:00Z'::date and '2025-08-04T11:30:00Z'::date");
        assert_eq!(counted(&day), "0", "{table}");
    }
    let n = |from: &str| {
        let sql = format!("select n from metric('deployment_frequency', 'all', '', {from}, '2025-08-05')");
        house().rows(&sql).unwrap()[0][0].clone()
    };
    assert_eq!((n("'2025-08-04T11:30:00Z'"), n("'2025-08-04T11:30:00Z'::date")), ("1".into(), "4".into()));
}

#[test]
fn a_text_is_what_is_written_and_not_what_a_cast_makes_of_it() {
    for (condition, n) in [
        ("service = 'api'::text", "60"),
        ("service in ('api'::varchar, 'web')", "99"),
        ("service = ('a' || 'pi')", "60"),
        ("team = '1.0'::numeric::text or service = 'web'", "39"),
        ("service = null", "0"),
        ("service not in ('api')", "39"),
    ] {
        assert_eq!(counted(&format!("deployment where {condition}")), n, "{condition}");
    }
}

#[test]
fn what_a_condition_says_of_one_side_of_a_join_it_does_not_say_of_a_side_that_is_not_there() {
    // Each service had an incident, before December; the api was deployed nine times since, the web six.
    for (join, n) in [
        ("anti join incident i on d.service = i.service where time >= '2025-12-01'", "0"),
        ("where not exists (select 1 from incident i where i.service = d.service) and time >= '2025-12-01'", "0"),
        ("semi join incident i on d.service = i.service where time >= '2025-12-01'", "15"),
        ("semi join incident i on d.service = i.service where service = 'api' and time >= '2025-12-01'", "9"),
        ("join incident i on d.service = i.service where d.time >= '2025-12-01'", "15"),
        ("join incident i on d.service = i.service where i.time >= '2025-10-01' and d.time >= '2025-12-01'", "6"),
        // The last incident before each deployment, of whichever service: that of the web since 2025-10-06.
        ("asof join incident i on d.time >= i.time where i.service = 'api' and d.time >= '2025-12-01'", "0"),
        ("asof join incident i on d.time >= i.time where i.time < '2025-10-01' and d.time >= '2025-12-01'", "0"),
    ] {
        assert_eq!(counted(&format!("deployment d {join}")), n, "{join}");
    }
}
