//! The currencies that money can be in.

use crate::cell::Cell;
use crate::spec::{ColumnType, FieldType};

/// The codes of ISO 4217 for currencies in use: its list one as published on 2026-01-01, as the PyPI package `iso4217`
/// 1.16.20260101 carries it, without funds (those marked so, and UYW), metals, units of account (XAD, XDR, XSU, XUA, XB.)
/// and the codes for tests and for none. BGN, which the euro replaced that day, stays for what was paid before.
#[rustfmt::skip]
pub const CURRENCIES: [&str; 156] = [
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD",
    "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP",
    "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR",
    "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF",
    "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW",
    "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD",
    "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK",
    "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB",
    "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC",
    "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD",
    "UYU", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR",
    "ZMW", "ZWG",
];

/// A currency by its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency(pub String);

impl From<&str> for Currency {
    fn from(code: &str) -> Currency {
        Currency(code.to_owned())
    }
}

impl FieldType for Currency {
    const TYPE: ColumnType = ColumnType::Choice(&CURRENCIES);
    const REQUIRED: bool = true;
    fn cell(&self) -> Cell<'_> {
        Cell::Text(&self.0)
    }
}
