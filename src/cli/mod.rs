//! The command line: reads flags, calls the floors below, prints, and maps every end to an exit code.
//! The only place that reads the environment and writes to the terminal.

pub mod answer;
pub mod args;
pub mod attachments;
pub mod audit;
pub mod backup;
pub mod close;
pub mod decide;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod events;
pub mod gated;
pub mod home;
pub mod init;
pub mod json;
pub mod key;
pub mod level;
pub mod list;
pub mod man;
pub mod notify;
pub mod open;
pub mod out;
pub mod outcome;
pub mod policy;
pub mod progress;
pub mod propose;
pub mod reader;
pub mod review;
pub mod run;
pub mod show;
pub mod signer;
pub mod watch;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use clap::Parser as _;

use args::{Cli, Command, Later};
use error::{CliError, code};
use open::Desk;
use out::Out;

use crate::escaped::Escaped;

/// Runs a command line and answers the process's exit code.
#[must_use]
pub fn main(args: Vec<OsString>) -> u8 {
    // Where no handler can be had, such a write ends us as it ends any program.
    let _ = crate::gate::signals::outlive_file_limits();
    let cli = match Cli::read(&args) {
        Ok(cli) => cli,
        Err(error) => return misread(&args, &error),
    };
    let out = Out::new(&cli.globals);
    out.begin();
    let gated = matches!(cli.command, Some(Command::Run(_) | Command::Exec(_)));
    match dispatch(cli) {
        Ok(code) => code,
        Err(error) => {
            let error = if gated { error.under_gate() } else { error };
            out.error(&error);
            error.code
        }
    }
}

/// Help and version are answers; everything else clap says is a usage error.
fn misread(args: &[OsString], error: &clap::Error) -> u8 {
    let mut ours = args.iter().skip(1).take_while(|word| *word != "--");
    let gated = ours.any(|word| word == "run" || word == "exec");
    let _ = repeatable(args, error).unwrap_or_else(|| error.print());
    match error.exit_code() {
        0 => 0,
        _ if gated => code::FAILED,
        _ => code::USAGE,
    }
}

/// The message repeats what was typed. Where that is more than plain letters, the same mistake is made once
/// more with its escaped form, whose message repeats only that.
fn repeatable(args: &[OsString], error: &clap::Error) -> Option<std::io::Result<()>> {
    let plain = |arg: &OsString| arg.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte));
    if args.iter().all(plain) || error.kind() == clap::error::ErrorKind::InvalidUtf8 {
        return None;
    }
    let escaped = args.iter().map(|arg| Escaped::prose(arg.as_bytes()).into_string());
    let again = Cli::try_parse_from(escaped).err();
    again.filter(|again| again.kind() == error.kind()).map(|again| again.print())
}

fn dispatch(cli: Cli) -> Result<u8, CliError> {
    let globals = cli.globals;
    match cli.command {
        Some(Command::Init(Later(args))) => init::init(&globals, &args),
        Some(Command::Key(Later(command))) => key::key(&globals, command),
        Some(Command::Run(Later(args))) => run::run(Desk::open(&globals)?, *args),
        Some(Command::Exec(Later(args))) => run::exec(Desk::open(&globals)?, args),
        Some(Command::Propose(Later(args))) => propose::propose(Desk::open(&globals)?, *args),
        Some(Command::Approve(Later(args))) => decide::approve(Desk::open(&globals)?, args),
        Some(Command::Reject(Later(args))) => decide::reject(Desk::open(&globals)?, args),
        Some(Command::Revoke(Later(args))) => decide::revoke(Desk::open(&globals)?, args),
        Some(Command::Decide(Later(args))) => decide::decide(Desk::open(&globals)?, args),
        Some(Command::Cancel(Later(args))) => close::cancel(Desk::open(&globals)?, args),
        Some(Command::Reconcile(Later(args))) => close::reconcile(Desk::open(&globals)?, args),
        Some(Command::Review(Later(args))) => review::review(Desk::open(&globals)?, args),
        Some(Command::List(Later(args))) => list::list(&globals, &args),
        Some(Command::Show(Later(args))) => show::show(&globals, &args),
        Some(Command::Watch(Later(args))) => watch::watch(&globals, &args),
        Some(Command::Notify(Later(args))) => notify::notify(&globals, &args),
        Some(Command::Policy(Later(command))) => policy::policy(&globals, command),
        Some(Command::Audit(Later(command))) => audit::audit(&globals, command),
        Some(Command::Doctor(Later(args))) => doctor::doctor(&globals, &args),
        Some(Command::Demo(Later(args))) => demo::demo(&globals, &args),
        Some(Command::Backup(Later(args))) => backup::backup(&globals, &args),
        Some(Command::Restore(Later(args))) => backup::restore(&globals, &args),
        Some(Command::Completions(Later(args))) => man::completions(Out::new(&globals), &args),
        Some(Command::Man) => man::man(Out::new(&globals)),
        None => home::home(&globals),
    }
}
