//! A catalogue becomes history: commands on the organisation and its branches, for whatever is not so already.
//!
//! What a file leaves out stays as it is: services given elsewhere, branches set up by hand. A command's id follows from
//! its content and from the stream's version before, so that two hands applying one file at a time write it once, and a
//! file that goes back to an earlier wording is applied all the same.

use std::fmt::Debug;

use sha2::{Digest, Sha256};
use talon_core::{
    branch::{self, Branch as BranchRules, command as branch_command},
    dispatch::{Dispatch, DispatchError, Envelope},
    event_store::EventStore,
    fact::Actor,
    ids::CommandId,
    organisation::{self, Organisation, command::Action},
    settings::Reasons,
};

use super::{Branch, Catalogue};

/// What an application of a catalogue has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Commands that wrote something.
    pub changes: usize,
}

/// The part of the file that could not be applied. What stands before it in the file is in force.
#[derive(Debug, thiserror::Error)]
#[error("key {key} could not be applied")]
pub struct ApplyError {
    pub key: String,
    #[source]
    pub source: DispatchError,
}

impl Catalogue {
    /// Makes organisation and branches what this file says. Applied again, it changes nothing.
    ///
    /// # Errors
    /// The first key that was refused or could not be stored. Applying the file again goes on from there.
    pub async fn apply(
        &self,
        store: &dyn EventStore,
        organisation: &Dispatch<Organisation>,
        branches: &Dispatch<BranchRules>,
        actor: &Actor,
    ) -> Result<Applied, ApplyError> {
        let at = |key: &str| {
            let key = key.to_owned();
            move |source| ApplyError { key, source }
        };
        let stream = organisation::stream();
        let known = organisation.read(&stream, Organisation::clone).await.map_err(at("organisation"))?;
        let version =
            store.head(&stream).await.map_err(DispatchError::from).map_err(at("organisation"))?.version;
        let mut applied = Applied::default();
        for (key, action) in self.actions(&known) {
            let envelope = envelope(&["organisation", &version.to_string()], &action, actor);
            let (done, ()) =
                organisation.send(&stream, envelope, action, |_, _| ()).await.map_err(at(&key))?;
            applied.changes += usize::from(done.first_event.is_some() && !done.repeat);
        }
        for (index, branch) in self.branches.iter().enumerate() {
            let published = publish(branch, branches, actor).await;
            applied.changes += usize::from(published.map_err(at(&format!("branch[{index}].settings")))?);
        }
        Ok(applied)
    }

    /// Everything the file says of the organisation, as commands with the keys they come from.
    fn actions(&self, known: &Organisation) -> Vec<(String, Action)> {
        let mut all =
            vec![("organisation.name".into(), Action::Name { name: self.organisation.name.clone() })];
        for (index, group) in self.service_groups().enumerate() {
            all.push((format!("group[{index}]"), Action::DefineGroup { group }));
        }
        for service in self.services() {
            let key = format!("service {}", service.id);
            let action = if known.current_services().any(|it| it.id == service.id) {
                Action::ChangeService { service }
            } else {
                Action::DefineService { service }
            };
            all.push((key, action));
        }
        for (index, class) in self.classes.iter().enumerate() {
            all.push((format!("class[{index}]"), Action::DefineClass { class: class.clone() }));
        }
        for (index, target) in self.targets.iter().enumerate() {
            all.push((format!("target[{index}]"), Action::SetTarget { target: target.clone() }));
        }
        if self.reasons != Reasons::default() {
            all.push(("reasons".into(), Action::DefineReasons { reasons: self.reasons.clone() }));
        }
        for (index, it) in self.positions.iter().enumerate() {
            let (position, name, skills) = (it.id.clone(), it.name.clone(), it.skills.clone());
            all.push((format!("position[{index}]"), Action::DefinePosition { position, name, skills }));
        }
        for (index, branch) in self.branches.iter().enumerate() {
            // A branch that is registered keeps its region, unless it has only history: then its rules say no.
            if known.branches.get(&branch.id).is_none_or(|it| it.imported) {
                let action =
                    Action::RegisterBranch { branch: branch.id.clone(), region: None, imported: false };
                all.push((format!("branch[{index}].id"), action));
            }
        }
        all
    }
}

/// Publishes the settings of a branch, unless its newest version says the same; whether it did.
async fn publish(
    branch: &Branch,
    branches: &Dispatch<BranchRules>,
    actor: &Actor,
) -> Result<bool, DispatchError> {
    let stream = branch::stream(&branch.id);
    let (version, same) = branches
        .read(&stream, |it| {
            let newest = it.published.last();
            (it.version(), newest.is_some_and(|it| *it.settings == branch.settings))
        })
        .await?;
    if same {
        return Ok(false);
    }
    let action = branch_command::Action::PublishSettings(branch_command::PublishSettings {
        settings: Box::new(branch.settings.clone()),
        effective_from: None,
        catalogue: None,
        expected_version: version,
    });
    let mut envelope = envelope(&["branch", branch.id.as_str(), &version.to_string()], &action, actor);
    envelope.branch = Some(branch.id.clone());
    branches.send(&stream, envelope, action, |_, _| ()).await.map(|(done, ())| !done.repeat)
}

fn envelope(place: &[&str], action: &impl Debug, actor: &Actor) -> Envelope {
    let content = format!("{action:?}");
    let hash = hex::encode(Sha256::digest(&content));
    let parts: Vec<&str> =
        ["catalogue"].into_iter().chain(place.iter().copied()).chain([hash.as_str()]).collect();
    Envelope::new(CommandId::derived(&parts), actor.clone(), content.as_bytes())
}
