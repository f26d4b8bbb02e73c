//! `talon`: the server and everything an operator of it needs on the command line.

use std::process::ExitCode;

use clap::Parser;
use talon_api::command::Talon;

/// A command makes some hundreds of small allocations, most of them freed on another thread: the system's allocator
/// spends a quarter of the time of a busy server on that, this one a fraction of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("talon: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(Talon::parse().run()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("talon: {error:#}");
            ExitCode::FAILURE
        }
    }
}
