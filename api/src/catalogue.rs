//! The catalogue file: what an organisation offers and how its branches are set up, as one TOML text.
//!
//! `parse` refuses a file with any fault and names the key it stands at; `apply` turns the rest into commands on the
//! organisation and its branches. What the log already says is not said again, so a file may be applied any number of
//! times. It knows nothing of people: staff are not part of a catalogue.

mod apply;
mod check;
pub mod exchange;

use serde::Deserialize;
use talon_core::{
    ids::{BranchId, GroupId, ServiceId},
    settings::{BranchSettings, Class, Reasons, Service, ServiceGroup, Target},
    text::LocalText,
};

pub use apply::{Applied, ApplyError};

/// A catalogue file that parsed and holds together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Catalogue {
    pub organisation: Named,
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
    #[serde(rename = "class")]
    pub classes: Vec<Class>,
    #[serde(rename = "target", default)]
    pub targets: Vec<Target>,
    #[serde(default)]
    pub reasons: Reasons,
    #[serde(rename = "position", default)]
    pub positions: Vec<Position>,
    #[serde(rename = "branch")]
    pub branches: Vec<Branch>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Named {
    pub name: LocalText,
}

/// A group of services and the services in it, in the order a kiosk shows them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub letter: char,
    pub icon: Option<String>,
    pub name: LocalText,
    #[serde(rename = "service")]
    pub services: Vec<Offer>,
}

/// One service of a group; times are seconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Offer {
    pub id: ServiceId,
    pub name: LocalText,
    pub norm_s: u32,
    pub p80_s: u32,
    pub target_s: Option<u32>,
    #[serde(default)]
    pub long: bool,
}

/// A named set of skills.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Position {
    pub id: String,
    pub name: LocalText,
    pub skills: Vec<ServiceId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Branch {
    pub id: BranchId,
    pub settings: BranchSettings,
}

/// What is wrong with a catalogue file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// Not TOML, or a value of another form than its key asks for.
    #[error("line {line}, key {key}: {fault}")]
    Unreadable { line: usize, key: String, fault: String },
    /// A key nobody reads: most likely misspelt.
    #[error("key {key} is not known")]
    UnknownKey { key: String },
    /// A value that reads well and makes no sense.
    #[error("key {key}: {fault}")]
    Wrong { key: String, fault: String },
}

impl Catalogue {
    /// Reads a catalogue and checks that its parts fit together.
    ///
    /// # Errors
    /// The first fault, with the key it stands at.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let unreadable = |key: String, error: &toml::de::Error| CatalogueError::Unreadable {
            line: error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1),
            key,
            fault: error.message().to_owned(),
        };
        let document = toml::Deserializer::parse(text).map_err(|error| unreadable(".".into(), &error))?;
        let mut unknown = None;
        let mut at = serde_path_to_error::Track::new();
        let read: Result<Self, _> =
            serde_ignored::deserialize(serde_path_to_error::Deserializer::new(document, &mut at), |key| {
                unknown.get_or_insert(key.to_string());
            });
        let catalogue = read.map_err(|error| unreadable(at.path().to_string(), &error))?;
        if let Some(key) = unknown {
            return Err(CatalogueError::UnknownKey { key });
        }
        catalogue.check()?;
        Ok(catalogue)
    }

    /// The groups as the organisation records them.
    pub fn service_groups(&self) -> impl Iterator<Item = ServiceGroup> + '_ {
        self.groups.iter().map(|group| ServiceGroup {
            id: group.id.clone(),
            name: group.name.clone(),
            letter: group.letter,
            icon: group.icon.clone(),
        })
    }

    /// All services as the organisation records them, group by group.
    pub fn services(&self) -> impl Iterator<Item = Service> + '_ {
        self.groups.iter().flat_map(|group| {
            group.services.iter().map(|offer| Service {
                id: offer.id.clone(),
                group: group.id.clone(),
                name: offer.name.clone(),
                norm_s: offer.norm_s,
                p80_s: offer.p80_s,
                target_s: offer.target_s,
                long: offer.long,
            })
        })
    }

    #[must_use]
    pub fn branch(&self, id: &BranchId) -> Option<&BranchSettings> {
        self.branches.iter().find(|it| it.id == *id).map(|it| &it.settings)
    }
}

#[cfg(test)]
mod tests;
