//! `bivouac demo`.

mod stage;
mod vault;

use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::report;
use crate::error::Error;
use stage::Stage;

/// Show the whole life of a preview on this machine: no account, no cluster.
///
/// Starts a forge and a Git server on this machine, and runs the real commands against them from event files: a pull request
/// is opened, gets a new push, a second one comes, the first one closes, the second is labelled, an event is lost, and one comes
/// from a fork. Needs `git`. With `--vault` it is a Vault that is brought up, run again, broken and repaired; needs `bao`, the OpenBao server.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Where to leave what was made, to look at afterwards; a new temporary directory if not given
    #[arg(long, value_name = "DIRECTORY")]
    pub directory: Option<PathBuf>,
    /// Show how a Vault is brought up, in place of a preview's life
    #[arg(long)]
    pub vault: bool,
    /// The OpenBao server for `--vault`: `bao` on the PATH if not given
    #[arg(long, value_name = "FILE", requires = "vault")]
    pub openbao: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
///
/// When the servers do not start, or a command fails.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    if arguments.vault {
        return vault::run(arguments.directory, arguments.openbao, context).await;
    }
    report::print(INTRODUCTION)?;
    let stage = Stage::set(arguments.directory, context).await?;
    Stage::heading("1. Pull request 7 is opened: deploy puts its preview up")?;
    stage.open(7, "Add a star map")?;
    stage.run("deploy", "opened", 7).await?;
    stage.show_commit().await?;
    stage.show_overlay("pr-7").await?;
    stage.show_comment(7)?;

    Stage::heading("2. A new push: deploy brings it up to date")?;
    stage.push(7)?;
    stage.run("deploy", "synchronize", 7).await?;
    stage.show_diff().await?;

    Stage::heading("3. The same event again: nothing is left to do")?;
    stage.run("deploy", "synchronize", 7).await?;

    Stage::heading("4. A second pull request gets a preview of its own")?;
    stage.open(8, "**Bold** title, @everyone")?;
    stage.run("deploy", "opened", 8).await?;
    stage.list().await?;

    Stage::heading("5. Pull request 7 is merged: teardown takes its preview down")?;
    stage.merge(7)?;
    stage.run("teardown", "closed", 7).await?;
    stage.show_commit().await?;
    stage.show_roster().await?;
    stage.show_comment(7)?;

    Stage::heading("6. A deploy of pull request 7 that ends late brings nothing back")?;
    stage.run("deploy", "synchronize", 7).await?;

    Stage::heading(
        "7. Somebody labels pull request 8 `no-preview`: the next event takes its preview down, and says why",
    )?;
    stage.label(8, "no-preview")?;
    stage.run("deploy", "labeled", 8).await?;
    stage.show_comment(8)?;

    Stage::heading("8. Pull request 9 is merged and its event is lost: the next sweep takes its preview down")?;
    stage.open(9, "Turn the lights on")?;
    stage.run("deploy", "opened", 9).await?;
    stage.merge(9)?;
    stage.sweep().await?;
    stage.show_comment(9)?;

    Stage::heading(
        "9. A stranger opens pull request 10 from a fork: it has no preview before somebody has read its head",
    )?;
    stage.open_fork(10, "Fix a typo")?;
    stage.run("deploy", "opened", 10).await?;
    stage.show_comment(10)?;

    Stage::heading("10. Ada, who may push, has read it, and approves it")?;
    stage.say(10, &format!("/preview approve {}", stage.head(10)?)).await?;
    stage.show_commit().await?;

    Stage::heading("11. The stranger pushes once more: the preview stays at the commit that Ada has read")?;
    stage.push(10)?;
    stage.run("deploy", "synchronize", 10).await?;
    stage.show_comment(10)?;
    stage.leave().await
}

const INTRODUCTION: &str = "\
Everything here happens on this machine: a forge and a Git server on loopback, and the commands
that a workflow would run. Lines with `$` are commands; the environment that a runner sets is left out.
";
