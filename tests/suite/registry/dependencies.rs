//! What the library for registries brings along.

use std::fs;

use crate::files::top;

/// TLS stacks beside rustls on aws-lc-rs.
const OTHERS: [&str; 5] = ["ring", "openssl", "openssl-sys", "native-tls", "boring"];

#[test]
fn there_is_one_tls_stack_in_the_program() {
    let lock = fs::read_to_string(top().join("Cargo.lock")).unwrap();
    let names: Vec<_> = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    for expected in ["oci-client", "rustls", "aws-lc-rs"] {
        assert!(names.contains(&expected), "there is nothing to check: `{expected}` is gone");
    }
    for other in OTHERS {
        assert!(!names.contains(&other), "`{other}` has come in");
    }
}
