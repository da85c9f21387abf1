//! Whatever goes wrong, the keys are neither lost nor seen, and the next run goes on.

mod cuts;
mod elsewhere;
mod ground;
mod kills;
mod left;
mod middle;
mod repository;
mod secrets;
mod sinks;
mod twice;

use ground::Ground;
