//! Figures of the model in the words of people.

use analytics::value::Spread;
use analytics::value::words::{chance, money, money_spread, spread, two_figures};

#[test]
fn people_are_told_two_significant_figures() {
    let cases = [
        (0.0, "0"),
        (0.0784, "0.078"),
        (0.5, "0.50"),
        (3.0, "3.0"),
        (9.96, "10"),
        (34.4, "34"),
        (99.7, "100"),
        (612.0, "610"),
        (1_234.0, "1\u{202f}200"),
        (-52_345.0, "-52\u{202f}000"),
        (1_250_000.0, "1\u{202f}300\u{202f}000"),
    ];
    for (value, expected) in cases {
        assert_eq!(two_figures(value), expected, "{value}");
    }
}

#[test]
fn money_has_its_currency_and_its_size_in_words() {
    assert_eq!(money("USD", 3_000_000.0), "USD 3.0 million");
    assert_eq!(money("EUR", 619_900.0), "EUR 620\u{202f}000");
    assert_eq!(money("EUR", 999_999.0), "EUR 1.0 million");
    assert_eq!(money("EUR", -2.34e9), "EUR -2.3 billion");
    let net = Spread { p10: 2_220_000.0, p50: 2_300_000.0, p90: 2_380_000.0 };
    assert_eq!(money_spread("USD", &net), "USD 2.3 million (2.2 million to 2.4 million)");
}

#[test]
fn a_spread_without_width_is_one_figure_and_a_chance_is_certain_only_when_every_draw_says_so() {
    assert_eq!(spread(&Spread { p10: 600.0, p50: 600.0, p90: 600.0 }, two_figures), "600");
    assert_eq!(spread(&Spread { p10: 400.0, p50: 600.0, p90: 800.0 }, two_figures), "600 (400 to 800)");
    let cases = [(0.0, "0 %"), (0.0004, "below 1 %"), (0.54, "54 %"), (0.9999, "above 99 %"), (1.0, "100 %")];
    for (share, expected) in cases {
        assert_eq!(chance(share), expected);
    }
}
