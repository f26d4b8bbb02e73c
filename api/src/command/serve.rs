//! `talon serve`: opens the doors and keeps them open until told to stop.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context;
use talon_core::time::Clock;
use tokio::{net::TcpListener, task::JoinSet};

use super::Common;
use crate::{
    clock::SystemClock,
    compose::Talon,
    config::Config,
    doors::{
        listener::{Bounds, Doorway, to_https},
        published,
        tls::Tls,
    },
    http, telemetry,
};

/// Serve branches.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

pub(super) async fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let mut config = common.load()?;
    if let Some(listen) = args.listen {
        config.http.listen = listen;
    }
    telemetry::start_logging(&config.log);
    let listener = listen(&config).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let talon = Talon::start(config, clock, None).await?;
    if let Err(error) = published::refuse(&talon.app.access, &talon.app.config).await {
        talon.stop().await;
        return Err(error);
    }
    let address = listener.local_addr()?;
    println!("listening on {}://{address}", scheme(&talon));
    welcome(&talon, address).await?;
    serve(talon, listener).await?;
    Ok(ExitCode::SUCCESS)
}

/// A socket at the configured address.
///
/// # Errors
/// When the address is taken or not ours.
pub async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = &config.http.listen;
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

fn scheme(talon: &Talon) -> &'static str {
    if talon.app.config.http.tls.is_on() { "https" } else { "http" }
}

/// Where there is no administrator yet, prints the one-time link that creates one.
async fn welcome(talon: &Talon, address: SocketAddr) -> anyhow::Result<()> {
    if let Some(token) = talon.app.access.setup_token().await? {
        println!("There is no administrator yet. This link creates one and works once:");
        println!("  {}://{address}/login#setup={token}", scheme(talon));
    }
    Ok(())
}

/// Answers requests until the process is told to stop, then lets those under way finish.
///
/// # Errors
/// When the socket fails.
pub async fn serve(talon: Talon, listener: TcpListener) -> anyhow::Result<()> {
    let app = talon.app.clone();
    let drain = Duration::from_secs(app.config.http.drain_s);
    let (tls, redirect) = (&app.config.http.tls, &app.config.http.tls.redirect_from);
    let pair = Tls::load(tls).context("http.tls")?;
    let bounds = Bounds::of(&app.config);
    let doorway = |listener, tls, routes| Doorway {
        listener,
        tls,
        routes,
        bounds: bounds.clone(),
        clock: app.clock.clone(),
        stop: app.shutdown.clone(),
    };
    let mut serving = JoinSet::new();
    if !redirect.is_empty() {
        let from =
            TcpListener::bind(redirect).await.with_context(|| format!("cannot listen on {redirect}"))?;
        serving.spawn(doorway(from, None, to_https(listener.local_addr()?.port())).serve());
    }
    let server = pair.as_ref().map(Tls::server).transpose().context("http.tls")?;
    serving.spawn(doorway(listener, server, http::router(app.clone())).serve());
    if let Some(pair) = pair {
        serving.spawn(pair.follow(app.clock.clone(), app.shutdown.clone()));
    }
    let stopping = app.shutdown.clone();
    let told = async move {
        tokio::select! {
            () = signal() => {}
            () = stopping.cancelled() => {}
        }
        // Lines that stay open end with this; otherwise they would hold the drain for ever.
        stopping.cancel();
    };
    told.await;
    let late = app.clock.now() + chrono::TimeDelta::from_std(drain).unwrap_or_default();
    tokio::select! {
        () = async { while serving.join_next().await.is_some() {} } => {}
        () = app.clock.sleep_until(late) => tracing::warn!("some requests did not end in time"),
    }
    talon.stop().await;
    Ok(())
}

/// Returns at SIGINT or SIGTERM.
async fn signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
