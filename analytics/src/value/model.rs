//! The model as it was configured: every input read and checked, nothing measured yet.

use std::collections::BTreeMap;

use super::claims;
use super::config::{
    CapabilityConfig, Denominator, FigureConfig, IncidentsConfig, PlatformConfig, SavingConfig, ValueConfig,
};
use super::currency;
use super::figure::{Allowed, Figure, TeamSort};
use super::inputs::{Capability, Saving};
use super::quantity::Quantity;
use super::{Basis, ValueError};

/// A model of what the platform's saved time is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) currency: String,
    pub(crate) denominator: Denominator,
    pub(crate) seed: u64,
    pub(crate) migration_years: f64,
    pub(crate) capabilities: Vec<Capability>,
    /// The inputs, by their names: their places in `[value]`.
    pub(crate) figures: BTreeMap<String, Figure>,
}

impl Model {
    /// Reads a configuration; the error names the table and the key.
    pub fn read(config: &ValueConfig) -> Result<Model, ValueError> {
        let currency = currency::checked(config.currency.as_deref().unwrap_or_default())
            .map_err(|message| ValueError::at("value", message))?;
        let seed = u32::try_from(config.seed.unwrap_or(1)).map_err(|_| {
            ValueError::at("value", "`seed` is no number of draws to begin with; write one from 0 to 4294967295".into())
        })?;
        let mut reader = Reader::default();
        reader.common(config)?;
        let migration_years = match &config.platform {
            Some(platform) => reader.platform(platform)?,
            None => {
                let message = "the table [value.platform] is missing: without what the platform costs there is no net; write at least [value.platform.engineers]";
                return Err(ValueError::at("value", message.into()));
            }
        };
        if let Some(incidents) = &config.incidents {
            reader.incidents(incidents)?;
        }
        if config.capability.is_empty() {
            let message = "it names nothing that saves time; write a [[value.capability]]";
            return Err(ValueError::at("value", message.into()));
        }
        let capabilities =
            config.capability.iter().map(|capability| reader.capability(capability)).collect::<Result<_, _>>()?;
        let model = Model {
            currency,
            denominator: config.denominator,
            seed: seed.into(),
            migration_years,
            capabilities,
            figures: reader.figures,
        };
        claims::check(&model)?;
        Ok(model)
    }
}

impl Model {
    /// The same model with other draws.
    pub fn with_seed(mut self, seed: u64) -> Model {
        self.seed = seed;
        self
    }
}

#[derive(Default)]
struct Reader {
    figures: BTreeMap<String, Figure>,
}

impl Reader {
    fn put(
        &mut self,
        name: &str,
        config: Option<&FigureConfig>,
        quantity: Quantity,
        allowed: Allowed<'_>,
    ) -> Result<bool, ValueError> {
        let Some(config) = config else { return Ok(false) };
        let figure = Figure::read(&format!("value.{name}"), config, quantity, allowed)?;
        self.figures.insert(name.to_owned(), figure);
        Ok(true)
    }

    fn need(
        &mut self,
        name: &str,
        config: Option<&FigureConfig>,
        quantity: Quantity,
        allowed: Allowed<'_>,
    ) -> Result<(), ValueError> {
        if self.put(name, config, quantity, allowed)? {
            return Ok(());
        }
        let message = format!(
            "the table [value.{name}] is missing ({}); write its value or range, source, owner, date and grade",
            quantity.unit()
        );
        Err(ValueError::at("value", message))
    }

    fn common(&mut self, config: &ValueConfig) -> Result<(), ValueError> {
        let written = Allowed::WrittenOnly;
        self.need("engineers", config.engineers.as_ref(), Quantity::Engineers, Allowed::HeadCount(TeamSort::Product))?;
        self.need("cap", config.cap.as_ref(), Quantity::WeekOfAPerson, written)?;
        let is_week = config.denominator == Denominator::WorkingWeek;
        let others = [
            ("hours_per_week", &config.hours_per_week, Quantity::WeekOfAPerson, is_week),
            ("weeks_per_year", &config.weeks_per_year, Quantity::WeeksAYear, !is_week),
            ("paid_hours", &config.paid_hours, Quantity::PaidHours, !is_week),
        ];
        for (name, figure, quantity, is_needed) in others {
            if is_needed {
                self.need(name, figure.as_ref(), quantity, written)?;
            } else if let Some(figure) = figure {
                // Checked, so that the other denominator can be chosen by its name alone, and then left aside.
                Figure::read(&format!("value.{name}"), figure, quantity, written)?;
            }
        }
        self.need("loaded_cost", config.loaded_cost.as_ref(), Quantity::MoneyAYear, written)?;
        self.need("attribution", config.attribution.as_ref(), Quantity::Share, written)?;
        self.need("recapture", config.recapture.as_ref(), Quantity::Share, written)
    }

    /// Reads what the platform costs, and returns over how many years its migration is spread.
    fn platform(&mut self, config: &PlatformConfig) -> Result<f64, ValueError> {
        let engineers = config.engineers.as_ref();
        self.need("platform.engineers", engineers, Quantity::Engineers, Allowed::HeadCount(TeamSort::Platform))?;
        let cost = config.engineer_cost.as_ref();
        self.put("platform.engineer_cost", cost, Quantity::MoneyAYear, Allowed::WrittenOnly)?;
        self.put("platform.licences", config.licences.as_ref(), Quantity::MoneyAYear, Allowed::Cost)?;
        self.put("platform.infrastructure", config.infrastructure.as_ref(), Quantity::MoneyAYear, Allowed::Cost)?;
        self.put("platform.migration", config.migration.as_ref(), Quantity::Money, Allowed::WrittenOnly)?;
        match config.migration_years {
            Some(years) if !(years.is_finite() && years > 0.0) => {
                let message = format!("`migration_years` is {years}; write a number of years above 0");
                Err(ValueError::at("value.platform", message))
            }
            years => Ok(years.unwrap_or(1.0)),
        }
    }

    fn incidents(&mut self, config: &IncidentsConfig) -> Result<(), ValueError> {
        self.need("incidents.blocked", config.blocked.as_ref(), Quantity::Violations, Allowed::Blocks)?;
        self.need("incidents.share", config.share.as_ref(), Quantity::Share, Allowed::WrittenOnly)?;
        self.need("incidents.hours", config.hours.as_ref(), Quantity::Hours, Allowed::WrittenOnly)
    }

    fn capability(&mut self, config: &CapabilityConfig) -> Result<Capability, ValueError> {
        let name = config.name.trim();
        if name.is_empty() {
            return Err(ValueError::at("value.capability", "`name` is empty; write what it is called".into()));
        }
        let place = format!("capability.{name}");
        if config.telemetry.is_none() && config.survey.is_none() {
            let message = "it says nothing that is saved; write its telemetry, its survey or both";
            return Err(ValueError::at(&format!("value.{place}"), message.into()));
        }
        let attribution = config.attribution.as_ref();
        let has_attribution =
            self.put(&format!("{place}.attribution"), attribution, Quantity::Share, Allowed::WrittenOnly)?;
        let mut saving = |basis: Basis, config: Option<&SavingConfig>| {
            config.map(|config| self.saving(name, basis, config)).transpose()
        };
        Ok(Capability {
            name: name.to_owned(),
            replaces: config.replaces.as_deref().map(|replaced| replaced.trim().to_owned()),
            has_attribution,
            telemetry: saving(Basis::Telemetry, config.telemetry.as_ref())?,
            survey: saving(Basis::Survey, config.survey.as_ref())?,
        })
    }

    fn saving(&mut self, name: &str, basis: Basis, config: &SavingConfig) -> Result<Saving, ValueError> {
        let place = format!("capability.{name}.{}", basis.as_str());
        let part = |key: &str| format!("{place}.{key}");
        let mut put = |key: &str, figure: &Option<FigureConfig>, quantity, allowed| {
            self.put(&part(key), figure.as_ref(), quantity, allowed)
        };
        let told = put("hours", &config.hours, Quantity::HoursAWeek, Allowed::TimeSaving(name, basis))?;
        let has_factor = put("factor", &config.factor, Quantity::Factor, Allowed::WrittenOnly)?;
        let occurrences = put("occurrences", &config.occurrences, Quantity::TimesAWeek, Allowed::Metric)?;
        let baseline = put("baseline", &config.baseline, Quantity::Hours, Allowed::Metric)?;
        let observed = put("observed", &config.observed, Quantity::Hours, Allowed::Metric)?;
        let has_active_share = put("active_share", &config.active_share, Quantity::Share, Allowed::WrittenOnly)?;
        let quantity = Quantity::HoursAWeek;
        let each = put("hours_per_engineer_week", &config.hours_per_engineer_week, quantity, Allowed::WrittenOnly)?;
        let per_occurrence = [occurrences, baseline, observed];
        let is_per_occurrence = per_occurrence.contains(&true) || has_active_share;
        match (told, is_per_occurrence, each) {
            (true, false, false) => Ok(Saving::Told { has_factor }),
            (false, true, false) if !per_occurrence.contains(&false) && !has_factor => {
                Ok(Saving::PerOccurrence { has_active_share })
            }
            (false, false, true) if !has_factor => Ok(Saving::PerEngineer),
            _ => {
                let message = "a saving is told by `hours` (and a `factor`), or by all of `occurrences`, `baseline` and `observed` (and an `active_share`), or by `hours_per_engineer_week`; write one of the three";
                Err(ValueError::at(&format!("value.{place}"), message.into()))
            }
        }
    }
}
