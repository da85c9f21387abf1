//! What a server's refusal of a push means.

/// Why a server did not take a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Somebody else was faster: look again and try again.
    TipMoved,
    /// The server is in trouble that passes.
    Passing,
    /// A hook or a rule: trying again would end the same way.
    ByRule,
}

/// Judges the reason of a `report-status` line (`ng refs/heads/main REASON`).
///
/// The texts are those of Git (`builtin/receive-pack.c`, `refs/files-backend.c`, `remote.c`) and of GitHub.
pub(super) fn classify(reason: &str) -> Refusal {
    const PASSING: [&str; 8] = [
        "unpack: ",
        "unable to create temporary object directory",
        "unable to migrate objects",
        "unpacker error",
        "internal server error",
        "internal error",
        "try again",
        // What our commit stands on went meanwhile: the branch was rewritten.
        "missing necessary objects",
    ];
    const TIP_MOVED: [&str; 8] = [
        "non-fast-forward",
        "fetch first",
        "stale info",
        "cannot lock ref",
        "failed to lock",
        "incorrect old value",
        "failed to update ref",
        "reference already exists",
    ];
    let reason = reason.to_ascii_lowercase();
    let is_one_of = |table: &[&str]| table.iter().any(|known| reason.contains(known));
    match () {
        () if is_one_of(&TIP_MOVED) => Refusal::TipMoved,
        () if is_one_of(&PASSING) => Refusal::Passing,
        () => Refusal::ByRule,
    }
}

/// What a hook said, as lines that are safe to show: without control characters, and no more than a screenful.
pub(super) fn words_of_the_server(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split(['\n', '\r']).map(|line| line.chars().filter(|character| !character.is_control()).collect());
    let lines: Vec<String> = lines.filter(|line: &String| !line.trim().is_empty()).take(30).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_tip_is_told_from_a_rule() {
        let table = [
            ("non-fast-forward", Refusal::TipMoved),
            ("stale info", Refusal::TipMoved),
            ("cannot lock ref 'refs/heads/main': is at 1 but expected 2", Refusal::TipMoved),
            ("incorrect old value provided", Refusal::TipMoved),
            ("failed to update ref", Refusal::TipMoved),
            ("fetch first", Refusal::TipMoved),
            ("missing necessary objects", Refusal::Passing),
            ("pre-receive hook declined", Refusal::ByRule),
            ("protected branch hook declined", Refusal::ByRule),
            ("push declined due to repository rule violations", Refusal::ByRule),
            ("branch is currently checked out", Refusal::ByRule),
            ("deletion prohibited", Refusal::ByRule),
        ];
        for (reason, expected) in table {
            assert_eq!(classify(reason), expected, "{reason}");
        }
    }

    #[test]
    fn the_words_of_a_hook_can_not_write_to_the_terminal() {
        assert_eq!(words_of_the_server(b"\x1b[31mno\x1b[0m\r\n\n::error::x\n"), "[31mno[0m\n::error::x");
    }
}
