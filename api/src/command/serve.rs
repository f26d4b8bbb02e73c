//! `talon serve`: opens the doors and keeps them open until told to stop.

use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context;
use axum::serve::ListenerExt;
use talon_core::time::Clock;
use tokio::net::TcpListener;

use super::Common;
use crate::{clock::SystemClock, compose::Talon, config::Config, http, telemetry};

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
    let address = listener.local_addr()?;
    println!("listening on http://{address}");
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

/// Where there is no administrator yet, prints the one-time link that creates one.
async fn welcome(talon: &Talon, address: SocketAddr) -> anyhow::Result<()> {
    if let Some(token) = talon.app.access.setup_token().await? {
        println!("There is no administrator yet. This link creates one and works once:");
        println!("  http://{address}/login#setup={token}");
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
    let routes = http::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|stream| {
        // Small answers must not wait for company.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
    });
    let stopping = app.shutdown.clone();
    let told = async move {
        tokio::select! {
            () = signal() => {}
            () = stopping.cancelled() => {}
        }
        // Lines that stay open end with this; otherwise they would hold the drain for ever.
        stopping.cancel();
    };
    let serving = axum::serve(listener, routes).with_graceful_shutdown(told).into_future();
    let stopped = app.shutdown.clone();
    tokio::select! {
        served = serving => served.context("the server failed")?,
        () = async { stopped.cancelled().await; app.clock.sleep_until(app.clock.now() + chrono::TimeDelta::from_std(drain).unwrap_or_default()).await } => {
            tracing::warn!("some requests did not end in time");
        }
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
