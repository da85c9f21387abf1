//! What has to be said, after what was said before.

mod asked;
mod forge;
mod news;
mod simulation;
mod table;
mod waited;
