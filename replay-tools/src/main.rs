//! `talon-replay`: an auditor's companion. It reads the log alone; each command stands in a file of its own.

mod command;

use std::process::ExitCode;

use clap::Parser;

use command::Command;

/// History is millions of small allocations, many of them freed on another thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Read a log back: verify it, tell a ticket's life, fold figures and instants, export.
///
/// Exit codes: 0 done; 1 the answer is no (a broken log, no such ticket or data set) or the store failed; 2 wrong usage.
#[derive(Parser)]
#[command(name = "talon-replay", version)]
struct Cli {
    /// Where the log is: `sqlite:DIR` or `postgres://…`. It is opened for reading only, also beside a running server;
    /// `rebuild`, `retry` and `skip` write read models and need an embedded store for themselves.
    #[arg(
        long,
        global = true,
        env = "TALON_STORE__URL",
        hide_env_values = true,
        default_value = "sqlite:run/talon"
    )]
    store: String,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(cli.command.run(&cli.store)));
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("talon-replay: {error:#}");
            ExitCode::FAILURE
        }
    }
}
