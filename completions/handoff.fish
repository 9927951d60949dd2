# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_handoff_global_optspecs
    string join \n json color= log= queue= policy= reviewers= key= h/help V/version
end

function __fish_handoff_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_handoff_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_handoff_using_subcommand
    set -l cmd (__fish_handoff_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c handoff -n "__fish_handoff_needs_command" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_needs_command" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_needs_command" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_needs_command" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_needs_command" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_needs_command" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_needs_command" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_needs_command" -s V -l version -d 'Print version'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "run" -d 'Propose a command, wait for the answer, run it once, exit as it did'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "propose" -d 'File a request and return at once; prints the ticket\'s id'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "watch" -d 'Wait for the answer to tickets; without an id, follow the queue'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "notify" -d 'Tell whoever the settings name what is due: new tickets, reminders, answers'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "exec" -d 'Execute an approved ticket'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "review" -d 'Read and decide what waits, one ticket at a time, in the terminal'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "list" -d 'The queue: what is open, or with --all everything'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "show" -d 'One ticket: its card, state, decisions and events'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "approve" -d 'Read one ticket\'s card in the terminal and sign that it may run once'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "reject" -d 'Sign that tickets must not run'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "revoke" -d 'Sign that an approval is taken back before it is used'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "cancel" -d 'Take back your own tickets'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "decide" -d 'Prepare a decision to be signed elsewhere with stock ssh-keygen, or import a signed one'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "reconcile" -d 'Sign what a person found out about an unknown outcome, or accept a clock that went back'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "policy" -d 'Judge commands, test rules, see and trust policies'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "audit" -d 'The log: read it, take it along, verify it, sign its head'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "key" -d 'Keys and reviewers'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "init" -d 'Set up this account: key, reviewers, queue, policy'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "doctor" -d 'Health, level of trust, and what to do about it'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "backup" -d 'Copy the queue to a file while it is in use'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "restore" -d 'Put a backup back; what was approved and unused is cancelled'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "demo" -d 'The whole cycle on a real command in a throw-away queue'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "completions" -d 'Print shell completions'
complete -c handoff -n "__fish_handoff_needs_command" -f -a "man" -d 'Print the manual page'
complete -c handoff -n "__fish_handoff_using_subcommand run" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand run" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand run" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand run" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand run" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand run" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand run" -l reason -d 'Why it should be done' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l environment -d 'Where it acts, such as production; rules may be stricter for it' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l resource -d 'What it touches' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l effect -d 'What it will do' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l rollback -d 'How to undo it' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l declare -d 'A declared fact: risk, sensitivity, impact, reversibility, confidence or label' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l attach -d 'A file for the reviewers to read; kept and hashed' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand run" -l bind -d 'Keep a file\'s bytes; {bind:NAME} in the command becomes a private copy of exactly those' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l env -d 'Hand a variable to the command, with this value or the present one' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l secret-env -d 'Hand a variable to the command and show only its length; forces a review' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l stdin -d 'What the command reads: nothing, piped bytes kept and bound, or whatever comes, unbound' -r -f -a "none\t'The command reads nothing'
capture\t'Read it to the end now, keep and bind it'
pass\t'Hand it on unseen'"
complete -c handoff -n "__fish_handoff_using_subcommand run" -l precheck -d 'A check the policy defines; run now and again right before execution' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l once -d 'Idempotency key: the same key is the same ticket, and it runs at most once' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l deadline -l timeout -d 'How long to wait for the answer, such as 30m; the policy may make it shorter' -r
complete -c handoff -n "__fish_handoff_using_subcommand run" -l outcome-file -d 'Write how it ended to this file, as JSON' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand run" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand run" -l env-all -d 'Hand the whole environment to the command; never allowed without a person'
complete -c handoff -n "__fish_handoff_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l reason -d 'Why it should be done' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l environment -d 'Where it acts, such as production; rules may be stricter for it' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l resource -d 'What it touches' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l effect -d 'What it will do' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l rollback -d 'How to undo it' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l declare -d 'A declared fact: risk, sensitivity, impact, reversibility, confidence or label' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l attach -d 'A file for the reviewers to read; kept and hashed' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l bind -d 'Keep a file\'s bytes; {bind:NAME} in the command becomes a private copy of exactly those' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l env -d 'Hand a variable to the command, with this value or the present one' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l secret-env -d 'Hand a variable to the command and show only its length; forces a review' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l stdin -d 'What the command reads: nothing, piped bytes kept and bound, or whatever comes, unbound' -r -f -a "none\t'The command reads nothing'
capture\t'Read it to the end now, keep and bind it'
pass\t'Hand it on unseen'"
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l precheck -d 'A check the policy defines; run now and again right before execution' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l once -d 'Idempotency key: the same key is the same ticket, and it runs at most once' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l deadline -l timeout -d 'How long to wait for the answer, such as 30m; the policy may make it shorter' -r
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand propose" -l env-all -d 'Hand the whole environment to the command; never allowed without a person'
complete -c handoff -n "__fish_handoff_using_subcommand propose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand watch" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand watch" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand watch" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand watch" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand watch" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand watch" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand watch" -l for -d 'Stop waiting after this long and exit with 119' -r
complete -c handoff -n "__fish_handoff_using_subcommand watch" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l test -d 'Try the notifiers with a card about nothing, and say how each ended'
complete -c handoff -n "__fish_handoff_using_subcommand notify" -l detached -d 'Without a word and away from the terminal, as other commands start it'
complete -c handoff -n "__fish_handoff_using_subcommand notify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand exec" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand exec" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand exec" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand exec" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand exec" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand exec" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand exec" -l outcome-file -d 'Write how it ended to this file, as JSON' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand exec" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand review" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand review" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand review" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand review" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand review" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand review" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand review" -l as -d 'Who you sign as; from the settings otherwise' -r
complete -c handoff -n "__fish_handoff_using_subcommand review" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand review" -l plain -d 'One question after the other instead of a full screen'
complete -c handoff -n "__fish_handoff_using_subcommand review" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand list" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand list" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand list" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand list" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand list" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand list" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand list" -l state -d 'Only tickets in this state' -r -f -a "pending\t''
approved\t''
rejected\t''
expired\t''
cancelled\t''"
complete -c handoff -n "__fish_handoff_using_subcommand list" -l limit -d 'At most this many' -r
complete -c handoff -n "__fish_handoff_using_subcommand list" -l skip -d 'Skip this many first' -r
complete -c handoff -n "__fish_handoff_using_subcommand list" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand list" -l all -d 'Every ticket, newest first, not only the open ones'
complete -c handoff -n "__fish_handoff_using_subcommand list" -l mine -d 'Only your own requests'
complete -c handoff -n "__fish_handoff_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand show" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand show" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand show" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand show" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand show" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand show" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand show" -l blob -d 'Write an attachment\'s or bound file\'s bytes to standard output, by name or digest' -r
complete -c handoff -n "__fish_handoff_using_subcommand show" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand show" -l card -d 'Only the card, byte for byte as reviewers sign it'
complete -c handoff -n "__fish_handoff_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l note -d 'A note for the requester and the log' -r
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l as -d 'Who you sign as; from the settings otherwise' -r
complete -c handoff -n "__fish_handoff_using_subcommand approve" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand approve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l reason -d 'Why, told to the requester' -r
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l suggest -d 'What to do instead, told to the requester' -r
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l requester -d 'Every pending ticket of this account, by name or uid' -r
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l as -d 'Who you sign as; from the settings otherwise' -r
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand reject" -l all -d 'Every pending ticket'
complete -c handoff -n "__fish_handoff_using_subcommand reject" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l reason -d 'Why, told to the requester' -r
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l as -d 'Who you sign as; from the settings otherwise' -r
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand cancel" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand cancel" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand cancel" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand cancel" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand cancel" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand cancel" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand cancel" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l prepare -d 'Print the exact bytes to sign on standard output, the card on standard error' -r
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l import -d 'Record a decision signed with: ssh-keygen -Y sign (FILE.sig beside FILE)' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l as -d 'Who will sign' -r
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l reason -d 'Why, told to the requester' -r
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l suggest -d 'What to do instead, told to the requester' -r
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l reject -d 'Prepare a reject'
complete -c handoff -n "__fish_handoff_using_subcommand decide" -l revoke -d 'Prepare a revoke'
complete -c handoff -n "__fish_handoff_using_subcommand decide" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l finding -d 'What was found out' -r
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l as -d 'Who you sign as; from the settings otherwise' -r
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l import -d 'Record a statement signed with: ssh-keygen -Y sign (FILE.sig beside FILE)' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l clock -d 'Accept the present wall clock, which is behind the log'
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -l prepare -d 'Print the exact bytes to sign elsewhere instead of signing here'
complete -c handoff -n "__fish_handoff_using_subcommand reconcile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -f -a "check" -d 'Judge a command without filing it, and say why: exit 0 allow, 119 review, 121 deny'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -f -a "test" -d 'Run every rule\'s examples, also in other spellings, and find dead rules'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -f -a "trust" -d 'Trust a project\'s policy file as it is now'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and not __fish_seen_subcommand_from check test trust show" -f -a "show" -d 'The layers and rules in force'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l environment -d 'Where it would act' -r
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l declare -d 'A declared fact' -r
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l shell -d 'A line of shell code to judge, in place of a command' -r
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -l corpus -d 'Judge the labelled commands of this file instead, a JSON object a line, and count misses each way' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from trust" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from trust" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from trust" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from trust" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from trust" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from trust" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from trust" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from trust" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from show" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from show" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from show" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from show" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from show" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from show" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from show" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -f -a "log" -d 'Read the log, oldest first'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -f -a "export" -d 'Take the log along as a bundle that anybody can check without this program'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -f -a "verify" -d 'Check every event, signature and decision of the queue, or of a bundle'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -f -a "checkpoint" -d 'Sign the log\'s present head, for keeping elsewhere'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -f -a "receipt" -d 'Prove one decision, or another event, in one file without the rest of the log'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and not __fish_seen_subcommand_from log export verify checkpoint receipt prune-blobs" -f -a "prune-blobs" -d 'Remove what was handed in with tickets long over, for good; the log stays whole and says so'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l bundle -d 'Read an export, folder or tar, instead of the queue' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l from -d 'From this sequence number on' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l since -d 'Only what was recorded at this time or later (RFC 3339, or a date)' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l until -d 'Only what was recorded before this time' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l kind -d 'Only events of this kind, as in the log\'s second column (proposed, decision, finished, …); repeatable' -r -f -a "created\t''
policy\t''
reviewers\t''
proposed\t''
decision\t''
refused\t''
approved\t''
rejected\t''
expired\t''
cancelled\t''
claimed\t''
finished\t''
not_started\t''
unknown\t''
reconciled\t''
notified\t''
restored\t''
pruned\t''"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l limit -d 'At most this many' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -l raw -d 'Print the exact bytes of each event, as hashed'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -s o -l output -d 'Where to: a folder, or with the ending .tar one file; nothing may be there yet. With --format a file, or -' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l format -d 'A view for spreadsheets and SIEMs instead, one event a line; it proves nothing' -r -f -a "csv\t'A spreadsheet\'s rows'
ocsf\t'The Open Cybersecurity Schema Framework\'s base events, as JSON'
cef\t'The Common Event Format'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l since -d 'Only tickets filed at this time or later (RFC 3339, or a date)' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l until -d 'Only tickets filed before this time' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l environment -d 'Only tickets for this declared environment' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l requester -d 'Only tickets of this account, by name or user id' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l state -d 'Only tickets in this state' -r -f -a "pending\t''
approved\t''
rejected\t''
expired\t''
cancelled\t''"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l checkpoint -d 'A signed head somebody kept, which a filtered export must be comparable with' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l checkpoint -d 'A signed tree head you kept' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l pins -d 'A reviewer\'s own memory of the log' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l log-key -d 'The queue\'s log key as you know it, for a receipt (`audit checkpoint --json` tells it)' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from checkpoint" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from checkpoint" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from checkpoint" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from checkpoint" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from checkpoint" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from checkpoint" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from checkpoint" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from checkpoint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -l event -d 'This event of it, by its number in the log; without, its only decision' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -s o -l output -d 'Write it there, where nothing may be yet; without, to standard output' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from receipt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l older-than -d 'Of tickets that ended longer ago than this, such as 90d' -r
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -l dry-run -d 'Only tell what would be removed'
complete -c handoff -n "__fish_handoff_using_subcommand audit; and __fish_seen_subcommand_from prune-blobs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -f -a "new" -d 'Make a signing key with a passphrase'
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -f -a "list" -d 'The reviewers in force, with their keys'
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -f -a "trust" -d 'Count a key as a reviewer\'s from now on'
complete -c handoff -n "__fish_handoff_using_subcommand key; and not __fish_seen_subcommand_from new list trust revoke" -f -a "revoke" -d 'Stop counting a key: from now on, or with --stolen at once and for all time'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -l comment -d 'A comment inside the key' -r
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from list" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from list" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from list" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from list" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from list" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from list" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from list" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -l until -d 'Until when it counts, as YYYY-MM-DD' -r
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from trust" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -l stolen -d 'The key was stolen: nothing it ever signed counts any more'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand key; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand init" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand init" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand init" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand init" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand init" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand init" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand init" -l as -d 'Your name as a reviewer; USER@HOST otherwise' -r
complete -c handoff -n "__fish_handoff_using_subcommand init" -l name -d 'The queue\'s name; HOST and four random letters otherwise' -r
complete -c handoff -n "__fish_handoff_using_subcommand init" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand init" -l agent -d 'Use the first ed25519 key of the running ssh-agent'
complete -c handoff -n "__fish_handoff_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -l format -d 'Print numbers for a monitoring program instead' -r -f -a "prometheus\t'The text format that Prometheus and its textfile collector read'"
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand backup" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand backup" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand backup" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand backup" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand backup" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand backup" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand backup" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand restore" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand restore" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand restore" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand restore" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand restore" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand restore" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand restore" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand demo" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand demo" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand demo" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand demo" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand demo" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand demo" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand demo" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand demo" -l keep -d 'Keep the folder with queue, keys and evidence'
complete -c handoff -n "__fish_handoff_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand completions" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand completions" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand completions" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand completions" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand completions" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand completions" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand completions" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c handoff -n "__fish_handoff_using_subcommand man" -l color -d 'When to use colour; NO_COLOR and TERM=dumb mean never' -r -f -a "auto\t'On a terminal that wants it'
always\t'Always'
never\t'Never'"
complete -c handoff -n "__fish_handoff_using_subcommand man" -l log -d 'What standard error is for: words for people, or one JSON object a line for a log collector' -r -f -a "text\t'Words for people'
json\t'A JSON object a line, with the ticket\'s and the request\'s ids'"
complete -c handoff -n "__fish_handoff_using_subcommand man" -l queue -d 'The queue\'s database file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand man" -l policy -d 'The root policy file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand man" -l reviewers -d 'The reviewers, an allowed_signers file' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand man" -l key -d 'The signing key: a private key file, or the public one of a key in an agent or token' -r -F
complete -c handoff -n "__fish_handoff_using_subcommand man" -l json -d 'Print data as JSON, one object a line, in the documented schema'
complete -c handoff -n "__fish_handoff_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
