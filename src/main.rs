//! The `bivouac` program: parse, run, show, end.

use std::process::ExitCode;

use anstyle::AnsiColor;
use bivouac::cli::{self, Cli, Command, Verbosity};
use bivouac::commands::{
    bootstrap_vault, command, completions, context::Context, demo, deploy, diff, doctor, escrow, history, init, list,
    man, schema, secrets, sweep, teardown, validate, vault_cleanup, wait,
};
use bivouac::contract;
use bivouac::domain::visible::{disarmed, turns_around};
use bivouac::effects::{scratch, stop};
use bivouac::env::{self, Environment};
use bivouac::error::Error;
use bivouac::runner::Level;
use jiff::Timestamp;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    remove_scratch_after_a_panic();
    let variables =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let context = Context::new(Environment::new(variables), Timestamp::now());
    let Cli { verbosity, command } = match cli::parse(std::env::args_os(), &context.environment) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            if !error.use_stderr() {
                return ExitCode::SUCCESS;
            }
            let cause = error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            context.runner.annotate(Level::Error, "Bivouac", &cause);
            return contract::ExitCode::Usage.into();
        }
    };
    start_logging(&verbosity, &context.environment);
    match run(command, &context) {
        Ok(()) => contract::ExitCode::Done.into(),
        Err(error) => {
            tell(&error, &context);
            error.exit_code().into()
        }
    }
}

fn run(command: Command, context: &Context) -> Result<(), Error> {
    // The Git library works on a thread of its own; everything else is waiting, for which one thread will do.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|why| Error::local("the program can not start", why))?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            result = dispatch(command, context) => result,
            () = stopped() => Err(Error::Stopped),
        }
    });
    if matches!(outcome, Err(Error::Stopped)) {
        // Nobody waits for a server that may never answer.
        runtime.shutdown_background();
        scratch::remove_all();
    }
    outcome
}

async fn dispatch(command: Command, context: &Context) -> Result<(), Error> {
    match command {
        Command::Deploy(arguments) => deploy::run(arguments, context).await,
        Command::Teardown(arguments) => teardown::run(arguments, context).await,
        Command::Wait(arguments) => wait::run(arguments, context).await,
        Command::Command(arguments) => command::run(arguments, context).await,
        Command::Sweep(arguments) => sweep::run(arguments, context).await,
        Command::List(arguments) => list::run(arguments, context).await,
        Command::History(arguments) => history::run(arguments, context).await,
        Command::Validate(arguments) => validate::run(arguments, context).await,
        Command::Diff(arguments) => diff::run(arguments, context).await,
        Command::Doctor(arguments) => doctor::run(arguments, context).await,
        Command::Init(arguments) => init::run(&arguments, context).await,
        Command::Demo(arguments) => demo::run(arguments, context).await,
        Command::Schema(arguments) => schema::run(arguments),
        Command::BootstrapVault(arguments) => bootstrap_vault::run(*arguments, context).await,
        Command::Escrow(arguments) => escrow::run(arguments, context).await,
        Command::Secrets(arguments) => Box::pin(secrets::run(*arguments, context)).await,
        Command::VaultCleanup(arguments) => vault_cleanup::run(&arguments, context),
        Command::Completions(arguments) => completions::run(&arguments, cli::command()),
        Command::Man(arguments) => man::run(&arguments, cli::command()),
    }
}

/// A program that panics runs no `Drop`: what it holds in files goes here.
fn remove_scratch_after_a_panic() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tell(panic);
        scratch::remove_all();
    }));
}

/// Ends when the program is told to end, and nothing would be lost by it.
async fn stopped() {
    told_to_stop().await;
    stop::released().await;
}

/// Ends when the runner, or somebody at the keyboard, wants the program to end.
#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Ends when somebody at the keyboard wants the program to end.
#[cfg(not(unix))]
async fn told_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

fn start_logging(verbosity: &Verbosity, environment: &Environment) {
    let level = match (verbosity.quiet, verbosity.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) if environment.is_true(env::RUNNER_DEBUG) => LevelFilter::DEBUG,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let others = if verbosity.verbose > 1 { LevelFilter::WARN } else { LevelFilter::OFF };
    // Only our own modules speak by themselves: what libraries say is for those who ask for everything.
    let filter = tracing_subscriber::filter::Targets::new().with_target("bivouac", level).with_default(others);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(|| OneLine(std::io::stderr()))
        .with_target(false)
        .without_time()
        .with_ansi(anstream::stderr().is_terminal());
    tracing_subscriber::registry().with(filter).with(layer).init();
}

/// Writes each event on one line, whatever names and servers' words are in it: no line of it is a workflow command.
struct OneLine(std::io::Stderr);

impl std::io::Write for OneLine {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let line: String = text.trim_end_matches('\n').chars().filter(|character| !turns_around(*character)).collect();
        let line = line.replace(['\n', '\r'], " ");
        writeln!(self.0, "{}", disarmed(&line))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Says what failed, why, and what to do: on standard error, and once at the top of the run.
fn tell(error: &Error, context: &Context) {
    use std::io::Write as _;
    let red = AnsiColor::Red.on_default().bold();
    let bold = anstyle::Style::new().bold();
    let mut err = anstream::stderr();
    let mut message = error.to_string();
    let _ = writeln!(err, "{red}error{red:#}: {}", lines(&message));
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let _ = writeln!(err, "  {bold}because{bold:#} {}", lines(&error.to_string()));
        message = format!("{message}: {error}");
        cause = error.source();
    }
    if let Some(hint) = error.hint() {
        let _ = writeln!(err, "  {bold}hint{bold:#} {hint}");
        message = format!("{message}\n{hint}");
    }
    context.runner.annotate(Level::Error, "Bivouac", &message);
}

/// Text of a server's for the log: its lines are indented, so that none of them can be a workflow command.
fn lines(text: &str) -> String {
    text.lines().map(bivouac::runner::plain).collect::<Vec<_>>().join("\n    | ")
}
