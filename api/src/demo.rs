//! The demo: a post office whose customers and operators are simulated, and a week of its past.
//!
//! One simulation (`hall`) decides what people do, from a seed and nothing else. It acts through a `door`: over HTTP, as
//! any client of the public API (`live`), or straight on the rules with a clock of its own (`history`). The simulation
//! knows neither SQL nor the log; the server does not know that its customers are not real.

pub mod clock;
pub mod door;
pub mod hall;
pub mod history;
pub mod live;
pub mod people;
pub mod set_up;
pub mod staff;

pub use live::{LiveError, Options, live};
pub use set_up::{Employed, SetUpError, employ, found, remember};
pub use staff::{FORMER_PASSWORDS, SignIn, staff};

use crate::catalogue::{Catalogue, CatalogueError};

/// The demo's post office, as the file that any installation could import.
pub const CATALOGUE: &str = include_str!("../assets/demo/catalogue.toml");

/// The branch that lives.
pub const BRANCH: &str = "centre";

/// The demo's catalogue.
///
/// # Errors
/// When the file built into this binary has a fault.
pub fn catalogue() -> Result<Catalogue, CatalogueError> {
    Catalogue::parse(CATALOGUE)
}
