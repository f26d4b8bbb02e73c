//! Two hundred branches over a store of their own: the demo's catalogue two hundred times, days and windows open,
//! staff signed in. Served by the very server that `talon serve` runs, in this process.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use talon_core::{
    branch::Branch,
    dispatch::Dispatch,
    fact::Actor,
    ids::{BranchId, CommandId, ServiceId, WindowId},
    organisation::Organisation,
    staff::event::{Role, Scope},
    time::Clock,
};
use talon_storage::{Access, MasterKey, Storage, StoreUrl};
use tokio::{net::TcpListener, task::JoinHandle};
use zeroize::Zeroizing;

use super::{
    clerk::{Clerk, Seat},
    load::{Pace, drive},
};
use crate::{
    auth::NewStaff, catalogue::Catalogue, command::serve, compose::Talon, config::Config, demo, http::App,
};

/// Each member of staff works for so many branches.
const BRANCHES_EACH: usize = 25;
const PASSWORD: &str = "not-a-secret-of-anybody";
/// The window of the demo's catalogue where everything may be given.
const WINDOW: &str = "w3";

/// A server with its branches.
pub(super) struct House {
    pub(super) app: App,
    pub(super) address: SocketAddr,
    pub(super) branches: Vec<BranchId>,
    serving: JoinHandle<anyhow::Result<()>>,
}

impl House {
    /// Sets the branches up and opens the doors.
    pub(super) async fn open(
        url: &StoreUrl,
        master: Option<MasterKey>,
        clock: &Arc<dyn Clock>,
        branches: usize,
    ) -> anyhow::Result<Self> {
        let storage = Storage::open(url, Access::Owner, master).await.context("cannot open the store")?;
        Self::over(storage, clock, branches).await
    }

    /// The same over a store that is open already.
    pub(super) async fn over(
        storage: Storage,
        clock: &Arc<dyn Clock>,
        branches: usize,
    ) -> anyhow::Result<Self> {
        let catalogue = catalogue(branches)?;
        let organisation = Dispatch::<Organisation>::new(storage.events.clone(), clock.clone());
        let halls = Dispatch::<Branch>::new(storage.events.clone(), clock.clone());
        catalogue.apply(storage.events.as_ref(), &organisation, &halls, &Actor::system()).await?;
        let mut config = Config::default();
        // Counted like everybody, and never told to wait: eight accounts work for two hundred branches here.
        const PLENTY: u32 = 100_000_000;
        config.limits.account_per_s = PLENTY;
        config.limits.address_per_s = PLENTY;
        (config.limits.lines_per_address, config.http.connections_per_address) = (0, 0);
        // A connection may stand idle while another row is measured.
        config.http.header_s = 3_600;
        let talon = Talon::over(storage, config, clock.clone(), None).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let app = talon.app.clone();
        let serving = tokio::spawn(serve::serve(talon, listener));
        Ok(Self { app, address, branches: catalogue.branches.into_iter().map(|it| it.id).collect(), serving })
    }

    /// Employs staff, opens every window and lets a few people in; the seats to work at.
    pub(super) async fn settle(&self, connections: usize) -> anyhow::Result<Vec<Seat>> {
        let bearers = self.sign_in().await?;
        let service = ServiceId::trusted("parcel-receive");
        let seats =
            self.branches.iter().zip(bearers.iter().flat_map(|it| std::iter::repeat_n(it, BRANCHES_EACH)));
        let seats = seats
            .map(|(branch, bearer)| {
                Seat::new(
                    self.address,
                    bearer.clone(),
                    branch.clone(),
                    WindowId::trusted(WINDOW),
                    service.clone(),
                )
            })
            .collect();
        let mut clerks = Clerk::staff(&self.app.clock, seats, connections);
        while !clerks.iter().all(Clerk::is_settled) {
            let (outcome, back) =
                drive(self.address, clerks, Pace::Closed, Duration::from_millis(200)).await?;
            ensure!(outcome.errors.is_empty(), "the branches do not open: {:?}", outcome.errors);
            clerks = back;
        }
        Ok(clerks.into_iter().flat_map(Clerk::into_seats).collect())
    }

    /// One access token for each group of branches, in their order.
    async fn sign_in(&self) -> anyhow::Result<Vec<Arc<str>>> {
        let mut bearers = Vec::new();
        for (number, branches) in self.branches.chunks(BRANCHES_EACH).enumerate() {
            let email = format!("bench{number}@talon.test");
            let new = NewStaff {
                email: email.clone(),
                name: format!("Bench {number}"),
                password: Zeroizing::new(PASSWORD.into()),
                role: Role::Operator,
                scope: Scope::Branches { branches: branches.to_vec() },
                skills: Vec::new(),
            };
            let command = CommandId::derived(&["bench-staff", &email]);
            self.app.access.add_staff(new, Actor::system(), command).await?;
            let signed_in = self.app.access.login(&email, PASSWORD, self.address.ip()).await?;
            bearers.push(signed_in.access_token.into());
        }
        Ok(bearers)
    }

    /// Drains and closes everything.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        self.app.shutdown.cancel();
        drop(self.app);
        self.serving.await?
    }
}

pub(super) fn catalogue(branches: usize) -> anyhow::Result<Catalogue> {
    let mut catalogue = demo::catalogue()?;
    let mut pattern = catalogue.branches.pop().context("the demo has a branch")?;
    // A run must not meet the end of intake.
    pattern.settings.times.intake_ends_before_close_s = 0;
    catalogue.branches = (0..branches)
        .map(|number| {
            let mut branch = pattern.clone();
            branch.id = BranchId::trusted(&format!("bench-{number:03}"));
            branch
        })
        .collect();
    Ok(catalogue)
}
