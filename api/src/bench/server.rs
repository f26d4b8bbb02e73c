//! The same binary as a process of its own, as it is in production: for what can be seen only from outside, the time
//! until it is ready and the memory it holds.

use std::{net::SocketAddr, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::{Instant, timeout},
};

use super::{clerk::get, client::Connection, machine::Memory};

const PATIENCE: Duration = Duration::from_secs(60);

/// Ten thousand screens come from this one address within a second.
const ENDLESS: [(&str, &str); 3] = [
    ("TALON_LIMITS__ADDRESS_PER_S", "100000000"),
    ("TALON_LIMITS__LINES_PER_ADDRESS", "0"),
    ("TALON_HTTP__CONNECTIONS_PER_ADDRESS", "0"),
];

/// A running server; it is ended when this is dropped.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    /// From its start until `/readyz` says yes.
    pub(super) ready_after: Duration,
}

impl Server {
    /// Starts a server over an embedded store and waits until it is ready.
    pub(super) async fn start(store: &Path) -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--store"])
            .arg(format!("sqlite:{}", store.display()))
            .envs(ENDLESS)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().context("the server has no output")?;
        let mut lines = BufReader::new(out).lines();
        let address = loop {
            let line = timeout(PATIENCE, lines.next_line()).await.context("the server does not start")??;
            let Some(line) = line else { bail!("the server ended before it listened") };
            if let Some((_, address)) = line.split_once("http://") {
                break address.parse()?;
            }
        };
        // Nobody reads on: what it prints later must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let mut connection = Connection::open(address).await?;
        let ask = get(address, "/readyz");
        while connection.ask(&ask).await?.0 != 200 {
            if began.elapsed() > PATIENCE {
                bail!("the server does not become ready");
            }
            tokio::time::sleep_until(Instant::now() + Duration::from_millis(2)).await;
        }
        Ok(Self { child, address, ready_after: began.elapsed() })
    }

    pub(super) fn memory(&self) -> Option<Memory> {
        Memory::of(self.child.id()?)
    }

    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}
