//! What the library for registries brings along.

use std::process::Command;

use crate::files::top;

/// TLS stacks beside rustls on aws-lc-rs, and the cryptography of one.
const OTHERS: [&str; 5] = ["ring", "openssl", "openssl-sys", "native-tls", "boring"];

#[test]
fn there_is_one_tls_stack_in_the_program() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]);
    let output = cargo.current_dir(top()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packages = String::from_utf8(output.stdout).unwrap();
    let names: Vec<_> = packages.lines().filter_map(|line| line.split(' ').next()).collect();
    for expected in ["oci-client", "reqwest", "rustls", "aws-lc-rs"] {
        assert!(names.contains(&expected), "there is nothing to check: `{expected}` is gone");
    }
    for other in OTHERS {
        assert!(!names.contains(&other), "`{other}` has come in");
    }
}
