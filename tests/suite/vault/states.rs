//! `bivouac bootstrap-vault` on a real server, in each state of the table.

mod uninitialised;
