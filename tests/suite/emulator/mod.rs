//! The emulator itself, with the real git program and a plain HTTP client.

mod answers;
mod git;
mod graphql;
mod rest;
mod support;
