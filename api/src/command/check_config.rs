//! `talon check-config`: what would run, with secrets hidden.

use std::process::ExitCode;

use anyhow::Context;

use super::Common;
use crate::doors::tls::Tls;

/// Show the configuration that would be used.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let config = common.load()?;
    // What a start would refuse is said here already.
    Tls::load(&config.http.tls).context("http.tls")?;
    for warning in config.backup.warnings() {
        eprintln!("warning: {warning}");
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&config)?);
    } else {
        let serde_json::Value::Object(sections) = serde_json::to_value(&config)? else {
            return Ok(ExitCode::FAILURE);
        };
        for (section, keys) in sections {
            println!("[{section}]");
            for (key, value) in keys.as_object().into_iter().flatten() {
                println!("{key} = {value}");
            }
            println!();
        }
    }
    Ok(ExitCode::SUCCESS)
}
