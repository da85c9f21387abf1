//! What is decided: by a table for people, and over all combinations there are.

mod combined;
mod forks;
mod rules;
mod table;
