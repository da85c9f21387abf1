//! Who opened the pull request.

use bivouac::emulator::Actor;

use super::{comment, configured, on, open, plain, quietly};
use crate::world::World;

const REFUSED: &str = "the author, `dependabot`, is a bot";

#[test]
fn a_bot_gets_no_preview_unless_bots_do() {
    let world = World::new();
    open(&world, |new| new.author = Actor::bot("dependabot[bot]"));
    assert_eq!(on(&world, "opened"), ("refused".to_owned(), REFUSED.to_owned()));
    insta::assert_snapshot!(comment(&world, 7), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=bot text=… -->
    ### Preview of wildside: none

    There is no preview because the author, `dependabot`, is a bot. `preview.bots: true` in `bivouac.yaml` gives bots previews too.
    ");
    assert_eq!(quietly(&world, || on(&world, "synchronize")).0, "refused");

    let world = configured("{bots: true}");
    open(&world, |new| new.author = Actor::bot("dependabot[bot]"));
    assert_eq!(on(&world, "opened"), plain("created"));
}

#[test]
fn somebody_whose_account_is_gone_is_no_bot() {
    let world = World::new();
    open(&world, |new| new.author = Actor::ghost());
    assert_eq!(on(&world, "opened"), plain("created"));
}
