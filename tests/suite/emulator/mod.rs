//! The emulator itself, with the real git program and a plain HTTP client.

mod answers;
mod archives;
mod batch;
mod commits;
mod deployed;
mod deployments;
mod discussion;
mod git;
mod graphql;
mod objects;
mod people;
mod rest;
mod runs;
mod secrets;
mod support;
mod trouble;
