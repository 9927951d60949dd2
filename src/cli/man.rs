//! `completions` and `man`: made from the same definitions the command line is read with.
//! The files in completions/ and man/ are what these print, held equal by a test.

use std::io::{self, Write};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::{Cli, CompletionsArgs};
use super::error::CliError;
use super::open::PROJECT_POLICY;
use super::out::Out;
use crate::config::SYSTEM_POLICY;
use crate::tui::keys::{SCREENS, here};

/// `handoff completions SHELL`.
///
/// # Errors
/// When standard output cannot be written.
pub fn completions(out: Out, args: &CompletionsArgs) -> Result<u8, CliError> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "handoff", &mut text);
    out.bytes(&text)?;
    Ok(0)
}

/// `handoff man`.
///
/// # Errors
/// When standard output cannot be written.
pub fn man(out: Out) -> Result<u8, CliError> {
    let mut page = Vec::new();
    write_page(&mut page).map_err(CliError::failed)?;
    out.bytes(&page)?;
    Ok(0)
}

/// One page for everything, commands included.
fn write_page(page: &mut Vec<u8>) -> io::Result<()> {
    let mut command = Cli::command().after_help("");
    command.build();
    // The date of a release is not known to the program; a page that changes by itself could not be checked in.
    let man = Man::new(command.clone())
        .date("")
        .manual("handoff")
        .source(format!("handoff {}", env!("CARGO_PKG_VERSION")));
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    commands(page, &command)?;
    for (title, rows) in sections() {
        section(page, title, &rows)?;
    }
    man.render_version_section(page)
}

fn commands(page: &mut Vec<u8>, command: &Command) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    roff.to_writer(page)?;
    command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set())
        .try_for_each(|sub| one_command(page, sub, "handoff"))
}

fn one_command(page: &mut Vec<u8>, command: &Command, before: &str) -> io::Result<()> {
    let name = format!("{before} {}", command.get_name());
    if command.has_subcommands() {
        let subs = command.get_subcommands().filter(|sub| sub.get_name() != "help");
        return subs.into_iter().try_for_each(|sub| one_command(page, sub, &name));
    }
    let mut roff = Roff::new();
    roff.control("SS", [name.as_str()]);
    roff.text([roman(command.get_about().map(ToString::to_string).unwrap_or_default())]);
    for argument in own_arguments(command) {
        roff.control("TP", []);
        roff.text([bold(spelling(argument))]);
        roff.text([roman(help(argument))]);
    }
    roff.to_writer(page)
}

fn own_arguments(command: &Command) -> impl Iterator<Item = &clap::Arg> {
    let own = |arg: &&clap::Arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help";
    let (named, placed): (Vec<_>, Vec<_>) =
        command.get_arguments().filter(own).partition(|arg| !arg.is_positional());
    placed.into_iter().chain(named)
}

fn spelling(argument: &clap::Arg) -> String {
    let values: Vec<String> =
        argument.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let takes = argument.get_action().takes_values();
    let values = if takes { values.join(" ") } else { String::new() };
    match argument.get_long() {
        Some(long) if values.is_empty() => format!("--{long}"),
        Some(long) => format!("--{long} {values}"),
        None if argument.is_last_set() => format!("-- {values}…"),
        None => values,
    }
}

fn help(argument: &clap::Arg) -> String {
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let aliases = argument.get_visible_aliases().unwrap_or_default();
    if aliases.is_empty() { help } else { format!("{help} (also --{})", aliases.join(", --")) }
}

fn section(page: &mut Vec<u8>, title: &str, rows: &[(&str, String)]) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (term, text) in rows {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(text.as_str())]);
    }
    roff.to_writer(page)?;
    page.flush()
}

fn sections() -> [(&'static str, Vec<(&'static str, String)>); 5] {
    [
        ("KEYS OF REVIEW", keys_of_review()),
        ("EXIT CODES", exit_codes()),
        ("FILES", files()),
        ("ENVIRONMENT", environment()),
        ("EXAMPLES", examples()),
    ]
}

fn rows(table: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    table.iter().map(|(term, text)| (*term, (*text).to_owned())).collect()
}

fn keys_of_review() -> Vec<(&'static str, String)> {
    let line = |at| {
        let keys: Vec<String> =
            here(at).map(|binding| format!("{} {}", binding.named, binding.words)).collect();
        keys.join("; ")
    };
    SCREENS.iter().map(|(at, title)| (*title, line(*at))).collect()
}

fn exit_codes() -> Vec<(&'static str, String)> {
    rows(&EXIT_CODES)
}

/// The table people script against.
pub const EXIT_CODES: [(&str, &str); 13] = [
    (
        "0",
        "done: the command succeeded (run, exec), approved (watch ID), filed or allowed (propose), allow \
         (policy check), holds (audit verify)",
    ),
    ("1", "carried out, and the answer is no: tampered, a policy test failed, a decision refused"),
    ("2", "usage error (not under run and exec)"),
    (
        "3, 4",
        "audit verify only: 3 consistent, but the reviewers came from what was verified; 4 the reviewers \
         are yours, but truncation is not excluded",
    ),
    ("118", "it ran or may have run, and its end is not known or was used already: do not retry"),
    ("119", "still pending (watch --for), or needs review (policy check): nothing ran"),
    ("120", "rejected by a reviewer: nothing ran"),
    ("121", "denied by policy: nothing ran"),
    ("122", "cancelled: nothing ran"),
    ("123", "stale: approved, but something changed or the approval lapsed; nothing ran"),
    ("124", "expired: the deadline passed without an approval; nothing ran"),
    (
        "125, 126, 127",
        "handoff itself failed, or was used wrongly under run; the command could not be executed; was not found: nothing ran",
    ),
    (
        "128+n",
        "the command, or the waiting handoff, died of signal n. run and exec pass every other status of the \
         command through; because a command may use these numbers too, --outcome-file and show ID --json always \
         say which it was",
    ),
];

fn files() -> Vec<(&'static str, String)> {
    let mut rows = rows(&[
        (
            "~/.config/handoff/config.toml",
            "who you review as, with which key, and under [notify] who is told of what",
        ),
        ("~/.config/handoff/key, key.pub", "the signing key that init made"),
        ("~/.config/handoff/reviewers", "whose keys count: an allowed_signers file as of ssh-keygen(1)"),
        ("~/.config/handoff/policy.toml", "the root policy of this account"),
        ("~/.config/handoff/trusted-policies", "digests of the project policies that count"),
        ("~/.local/share/handoff/queue.db", "the queue: tickets, decisions and the log"),
        (
            "~/.local/share/handoff/log.key, commitment.key",
            "the log's signing key, and the key that hides values",
        ),
        ("~/.local/state/handoff/", "what gate and reviewer remember of the log, outside the queue"),
    ]);
    rows.push((SYSTEM_POLICY, "the root policy of every account, where it exists".to_owned()));
    rows.push((
        PROJECT_POLICY,
        "a project's own rules; they only tighten, and count once trusted".to_owned(),
    ));
    rows
}

fn environment() -> Vec<(&'static str, String)> {
    rows(&[
        ("HANDOFF_QUEUE, HANDOFF_POLICY, HANDOFF_REVIEWERS, HANDOFF_KEY", "as the options of these names"),
        (
            "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME",
            "where the files above lie, instead of below HOME",
        ),
        ("NO_COLOR, TERM=dumb", "no colour, no countdown"),
        ("SSH_AUTH_SOCK", "the agent that holds the key whose .pub file is named"),
    ])
}

fn examples() -> Vec<(&'static str, String)> {
    rows(&[
        (
            "handoff run --reason 'INC-4711' -- terraform apply tf.plan",
            "wait for the answer, then run it once",
        ),
        ("id=$(handoff propose --once deploy-4be1c9d -- ./deploy production)", "file it, and go on"),
        ("handoff watch $id --for 10m && handoff exec $id", "run it when it is approved"),
        ("handoff review", "read and decide what waits"),
        ("handoff watch", "what waits, and then every event as it is recorded"),
        ("handoff notify --test", "try whoever [notify] in the settings names"),
        ("handoff decide --prepare $id --as ana@corp > d.json", "a decision to be signed elsewhere"),
        (
            "handoff audit verify --checkpoint kept.checkpoint",
            "check everything, and that nothing was cut off",
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::error::code;

    fn page() -> String {
        let mut page = Vec::new();
        write_page(&mut page).unwrap();
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn every_command_and_option_is_on_the_page() {
        let page = page().replace("\\-", "-");
        let mut command = Cli::command();
        command.build();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            assert!(page.contains(&format!("handoff {}", sub.get_name())), "{}", sub.get_name());
            for long in sub.get_arguments().filter_map(clap::Arg::get_long) {
                assert!(page.contains(&format!("--{long}")), "{} --{long}", sub.get_name());
            }
        }
    }

    #[test]
    fn every_exit_code_is_on_the_page() {
        let told: Vec<u8> = EXIT_CODES
            .iter()
            .flat_map(|(codes, _)| codes.split(", "))
            .filter_map(|code| code.parse().ok())
            .collect();
        for known in [
            0,
            code::NO,
            code::USAGE,
            code::OWN_REVIEWERS,
            code::MAY_BE_CUT,
            code::UNKNOWN,
            code::PENDING,
            code::REJECTED,
            code::DENIED,
            code::CANCELLED,
            code::STALE,
            code::EXPIRED,
            code::FAILED,
            code::NOT_EXECUTABLE,
            code::NOT_FOUND,
        ] {
            assert!(told.contains(&known), "{known}");
        }
    }
}
