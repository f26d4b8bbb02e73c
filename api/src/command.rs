//! The commands of `talon`, one file each.
//!
//! Exit codes: 0 done, 1 failed, 2 the words of the command line are off, 3 done in part (rows of an import skipped).

pub mod backup;
pub mod bench;
pub mod check_config;
pub mod demo;
pub mod erased;
pub mod import;
pub mod migrate;
pub mod rotate;
pub mod rotate_keys;
pub mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::config::{self, Config, Secret};

/// Electronic queue of a service branch: tickets, windows, boards, history.
#[derive(Debug, Parser)]
#[command(name = "talon", version, about, propagate_version = true)]
pub struct Talon {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// What every command understands.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// Configuration file (TOML). Environment `TALON_SECTION__KEY` goes over it, flags over both.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where facts are kept: sqlite:DIR, postgres://… or memory.
    #[arg(long, global = true, value_name = "URL")]
    pub store: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve branches.
    Serve(serve::Args),
    /// A living post office with simulated customers and operators, to look at and to work in.
    Demo(demo::Args),
    /// Bring in a catalogue, or the history of another system.
    Import(import::Args),
    /// Bring the store to this version; `serve` does it by itself.
    Migrate,
    /// Sign access tokens with a new key from now on; the server may go on running.
    RotateKeys,
    /// Copy log and vault into two archives, beside a running server.
    Backup(backup::BackupArgs),
    /// Bring archives back into an empty store.
    Restore(backup::RestoreArgs),
    /// List everybody who was erased, or erase them again in a restored store.
    Erased(erased::Args),
    /// Wrap the vault under another master key.
    RotateMasterKey(rotate::Args),
    /// Measure what this machine can do.
    Bench(bench::Args),
    /// Show the configuration that would be used, and what is wrong with it.
    CheckConfig(check_config::Args),
}

impl Talon {
    /// Does what the command line says.
    ///
    /// # Errors
    /// What `main` prints before it exits with 1.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let common = self.common;
        match self.command {
            Command::Serve(args) => serve::run(&common, args).await,
            Command::Demo(args) => demo::run(&common, args).await,
            Command::Import(args) => import::run(&common, args).await,
            Command::Migrate => migrate::run(&common).await,
            Command::RotateKeys => rotate_keys::run(&common).await,
            Command::Backup(args) => backup::back_up(&common, &args).await,
            Command::Restore(args) => backup::restore(&common, &args).await,
            Command::Erased(args) => erased::run(&common, &args).await,
            Command::RotateMasterKey(args) => rotate::run(&common, &args).await,
            Command::Bench(args) => bench::run(&common, args).await,
            Command::CheckConfig(args) => check_config::run(&common, &args),
        }
    }
}

impl Common {
    /// The configuration in force for this command.
    ///
    /// # Errors
    /// When the file or the environment holds something that cannot be used.
    pub fn load(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref(), &config::environment())?;
        if let Some(store) = &self.store {
            config.store.url = Secret::new(store.clone());
        }
        Ok(config)
    }
}
