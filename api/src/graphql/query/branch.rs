//! Branches and their catalogue.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use chrono::{DateTime, Utc};
use talon_core::{
    branch,
    ids::BranchId,
    settings::{BranchSettings, DaySettings},
};

use super::queue::window_now;
use crate::{
    auth::Permission,
    graphql::{
        context::{self, Road},
        model::{
            LocalText,
            branch::{
                BusinessDay, ClassOfPeople, Device, ReasonCode, Service, ServiceGroup, classes, groups,
            },
            int,
            window::Window,
        },
        scalar::BranchCode,
    },
};

/// A branch (отделение).
pub struct Branch {
    id: BranchId,
    known: Arc<branch::Branch>,
    settings: Arc<BranchSettings>,
    day: DaySettings,
    now: DateTime<Utc>,
}

#[derive(Debug, Default)]
pub struct BranchQueries;

#[Object]
impl BranchQueries {
    /// Every branch whoever asks may read.
    async fn branches(&self, ctx: &Context<'_>) -> Result<Vec<Branch>> {
        ctx.require(Permission::OpenPage, None)?;
        let mut found = Vec::new();
        for id in ctx.app().live.branches() {
            if context::require_public(ctx, Permission::ReadBranch, &id).is_ok() {
                found.extend(Branch::read(ctx, &id).await?);
            }
        }
        Ok(found)
    }

    /// One branch; nothing when there is none of that name.
    async fn branch(&self, ctx: &Context<'_>, code: BranchCode) -> Result<Option<Branch>> {
        if ctx.app().live.branch(&code.0).is_none() {
            return Ok(None);
        }
        context::require_public(ctx, Permission::ReadBranch, &code.0)?;
        Branch::read(ctx, &code.0).await
    }

    /// Kiosks and boards of a branch; without one, of all one may manage.
    async fn devices(&self, ctx: &Context<'_>, branch: Option<BranchCode>) -> Result<Vec<Device>> {
        let branches = context::branches_within_reach(ctx, Permission::ManageDevices, branch.as_ref())?;
        crate::graphql::mutation::device::of_branches(ctx, &branches).await
    }
}

impl Branch {
    async fn read(ctx: &Context<'_>, id: &BranchId) -> Result<Option<Self>> {
        let now = ctx.app().clock.now();
        let desk = &ctx.app().desk;
        let known = desk.frame(id).await.map_err(|error| context::answered(ctx, &error))?;
        let Some(settings) = known.in_force(now).map(|it| it.settings.clone()) else { return Ok(None) };
        let day = desk.day_settings_of(id, known.business_day_at(now)).await;
        let day = day.map_err(|error| context::answered(ctx, &error))?;
        Ok(Some(Self { id: id.clone(), known, settings, day: *day, now }))
    }
}

fn codes(reasons: &[talon_core::settings::Reason]) -> Vec<ReasonCode> {
    reasons.iter().map(ReasonCode::from).collect()
}

#[Object]
impl Branch {
    async fn code(&self) -> BranchCode {
        self.id.clone().into()
    }

    async fn name(&self) -> LocalText {
        (&self.settings.name).into()
    }

    async fn address(&self) -> Option<&str> {
        self.settings.address.as_deref()
    }

    /// IANA name.
    async fn time_zone(&self) -> &str {
        &self.settings.time_zone
    }

    /// Whether anyone may read the board and the counts.
    async fn public(&self) -> bool {
        self.settings.public
    }

    /// Languages of the board's voice, in the order spoken.
    async fn languages(&self) -> &[String] {
        &self.settings.languages
    }

    async fn ticker(&self) -> Option<LocalText> {
        self.settings.ticker.as_ref().map(LocalText::from)
    }

    async fn groups(&self) -> Vec<ServiceGroup> {
        let services: Vec<_> = self.day.services.iter().map(|it| (it.clone(), true)).collect();
        groups(&self.day.groups, &services)
    }

    async fn services(&self) -> Vec<Service> {
        let services: Vec<_> = self.day.services.iter().map(|it| (it.clone(), true)).collect();
        groups(&self.day.groups, &services).into_iter().flat_map(|group| group.services).collect()
    }

    async fn classes(&self) -> Vec<ClassOfPeople> {
        classes(&self.day.classes)
    }

    async fn windows(&self, ctx: &Context<'_>) -> Result<Vec<Window>> {
        ctx.require(Permission::ReadQueue, Some(&self.id))?;
        let mut shown = Vec::new();
        for window in &self.day.windows {
            shown.extend(window_now(ctx, &self.id, None, &window.id).await?);
        }
        Ok(shown)
    }

    /// The business day it is in; absent when none was opened lately.
    async fn day(&self, ctx: &Context<'_>) -> Result<Option<BusinessDay>> {
        let Some((date, day)) = ctx.app().live.day(&self.id, None) else { return Ok(None) };
        Ok(Some(BusinessDay::of(&day, date)))
    }

    /// When it opens today.
    async fn opens_at(&self) -> Option<DateTime<Utc>> {
        self.day.intervals.first().map(|it| it.opens)
    }

    /// When it closes today.
    async fn closes_at(&self) -> Option<DateTime<Utc>> {
        self.day.intervals.last().map(|it| it.closes)
    }

    async fn next_opening(&self) -> Option<DateTime<Utc>> {
        self.known.next_opening(self.now)
    }

    /// How a service may end.
    async fn outcomes(&self) -> Vec<ReasonCode> {
        codes(&self.day.reasons.outcome)
    }

    async fn park_reasons(&self) -> Vec<ReasonCode> {
        codes(&self.day.reasons.park)
    }

    async fn refuse_reasons(&self) -> Vec<ReasonCode> {
        codes(&self.day.reasons.refuse)
    }

    async fn pick_reasons(&self) -> Vec<ReasonCode> {
        codes(&self.day.reasons.pick)
    }

    async fn break_reasons(&self) -> Vec<ReasonCode> {
        codes(&self.day.reasons.pause)
    }

    async fn priority_reasons(&self) -> Vec<ReasonCode> {
        codes(&self.day.reasons.priority)
    }

    async fn cancel_reasons(&self) -> Vec<ReasonCode> {
        codes(&self.day.reasons.cancel)
    }

    async fn settings_version(&self) -> i32 {
        int(self.day.version)
    }
}
