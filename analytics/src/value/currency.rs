//! The currency of the model.

use facts::CURRENCIES;

/// The name as it is, where it is a currency's code; otherwise what is wrong with it, with the nearest code.
pub(super) fn checked(name: &str) -> Result<String, String> {
    if CURRENCIES.contains(&name) {
        return Ok(name.to_owned());
    }
    if name.is_empty() {
        return Err("`currency` is missing; write its three letters, such as currency = \"USD\"".into());
    }
    let hint = facts::did_you_mean(&name.to_uppercase(), &CURRENCIES);
    Err(format!(
        "`currency` is `{name}`, which is no currency code{hint}; write the three letters of ISO 4217, such as currency = \"USD\""
    ))
}
