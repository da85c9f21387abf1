//! What has to be said, after what was said before.

mod asked;
mod forge;
mod simulation;
mod table;
mod waited;
