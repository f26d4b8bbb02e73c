//! A RabbitMQ of its own: private ports, name, cookie, home and folder; gone with the test.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use lapin::{Connection, ConnectionProperties};
use tempfile::TempDir;

use crate::support::{free_port, pause, skipped};

/// Debian's own scripts, past the wrapper that wants to be another user.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
/// RabbitMQ starts slowly, and more so on a busy machine.
const START: Duration = Duration::from_secs(240);

pub(crate) struct Rabbit {
    node: Child,
    names: Child,
    folder: TempDir,
    pub(crate) url: String,
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        for child in [&mut self.node, &mut self.names] {
            let _dead = child.kill();
            let _ended = child.wait();
        }
    }
}

impl Rabbit {
    /// Nothing where RabbitMQ is not installed: the caller is skipped by name.
    pub(crate) async fn start() -> Option<Self> {
        if !Path::new(SERVER).exists() {
            skipped("rabbitmq-server is not installed");
            return None;
        }
        let folder = TempDir::with_prefix("talon-rabbit-").unwrap();
        let (port, nodes, names) = (free_port(), free_port(), free_port());
        let names_at = names.to_string();
        let named = mortal("epmd")
            .args(["-port", &names_at, "-address", "127.0.0.1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (node, url) = start(folder.path(), port, nodes, &names_at);
        let rabbit = Self { node, names: named, folder, url };
        rabbit.until_ready().await;
        Some(rabbit)
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::connect(&self.url, ConnectionProperties::default()).await.unwrap()
    }

    async fn until_ready(&self) {
        let started = std::time::Instant::now();
        while Connection::connect(&self.url, ConnectionProperties::default()).await.is_err() {
            let told = || fs::read_to_string(self.folder.path().join("out")).unwrap_or_default();
            assert!(started.elapsed() < START, "RabbitMQ did not start: {}", told());
            pause(Duration::from_millis(250)).await;
        }
    }
}

/// A program that does not outlive these tests, however they end.
fn mortal(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

fn start(folder: &Path, port: u16, nodes: u16, names: &str) -> (Child, String) {
    for name in ["home", "data", "log"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    fs::write(folder.join("plugins"), "[].").unwrap();
    fs::write(folder.join("rabbitmq.conf"), "loopback_users = none\n").unwrap();
    let out = fs::File::create(folder.join("out")).unwrap();
    let node = mortal(SERVER)
        .current_dir(folder)
        .env("HOME", folder.join("home"))
        // The script becomes the virtual machine instead of standing beside it: killing it leaves nothing.
        .env("RUNNING_UNDER_SYSTEMD", "1")
        .env("ERL_EPMD_PORT", names)
        .env("RABBITMQ_NODENAME", format!("talon-{port}@localhost"))
        .env("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODE_PORT", port.to_string())
        .env("RABBITMQ_DIST_PORT", nodes.to_string())
        .env("RABBITMQ_MNESIA_BASE", folder.join("data"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_LOGS", "-")
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("plugins"))
        .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq"))
        .env("RABBITMQ_CONF_ENV_FILE", folder.join("none"))
        .env("RABBITMQ_PID_FILE", folder.join("pid"))
        .stdin(Stdio::null())
        .stdout(out.try_clone().unwrap())
        .stderr(out)
        .spawn()
        .unwrap();
    (node, format!("amqp://guest:guest@127.0.0.1:{port}/%2f"))
}
