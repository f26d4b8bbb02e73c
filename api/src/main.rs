//! `talon`: the server and everything an operator of it needs on the command line.

use std::process::ExitCode;

use clap::Parser;
use talon_api::command::Talon;

/// A command makes some hundreds of small allocations, most of them freed on another thread: the system's allocator
/// spends a quarter of the time of a busy server on that, this one a fraction of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Four times the default: an unoptimised build keeps the state of every resolver of the schema on the stack at once.
const STACK: usize = 8 << 20;

fn main() -> ExitCode {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let runtime = match built {
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
