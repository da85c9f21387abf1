//! What has to be said, after what was said before.

mod forge;
mod simulation;
mod table;
mod waited;
