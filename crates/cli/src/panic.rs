//! What a bug looks like to the user: where it was, and not what it was about, which could be secret.

use std::io::Write as _;

/// Replaces the panic message.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        let _ = writeln!(
            std::io::stderr(),
            "error: Pipewright has met a bug{place}\n\
             hint: nothing is lost: every AWS call that was made counts, and running the command again goes \
             on from there. Please report this line"
        );
    }));
}
