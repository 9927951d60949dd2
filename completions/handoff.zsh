#compdef handoff

autoload -U is-at-least

_handoff() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_handoff_commands" \
"*::: :->handoff" \
&& ret=0
    case $state in
    (handoff)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:handoff-command-$line[1]:"
        case $line[1] in
            (run)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--reason=[Why it should be done]:TEXT:_default' \
'--environment=[Where it acts, such as production; rules may be stricter for it]:NAME:_default' \
'*--resource=[What it touches]:TEXT:_default' \
'--effect=[What it will do]:TEXT:_default' \
'--rollback=[How to undo it]:TEXT:_default' \
'*--declare=[A declared fact\: risk, sensitivity, impact, reversibility, confidence or label]:NAME=VALUE:_default' \
'*--attach=[A file for the reviewers to read; kept and hashed]:FILE:_files' \
'*--bind=[Keep a file'\''s bytes; {bind\:NAME} in the command becomes a private copy of exactly those]:NAME=FILE:_default' \
'*--env=[Hand a variable to the command, with this value or the present one]:NAME[=VALUE]:_default' \
'*--secret-env=[Hand a variable to the command and show only its length; forces a review]:NAME:_default' \
'--stdin=[What the command reads\: nothing, piped bytes kept and bound, or whatever comes, unbound]:HOW:((none\:"The command reads nothing"
capture\:"Read it to the end now, keep and bind it"
pass\:"Hand it on unseen"))' \
'*--precheck=[A check the policy defines; run now and again right before execution]:NAME:_default' \
'--once=[Idempotency key\: the same key is the same ticket, and it runs at most once]:KEY:_default' \
'--deadline=[How long to wait for the answer, such as 30m; the policy may make it shorter]:TIME:_default' \
'--timeout=[How long to wait for the answer, such as 30m; the policy may make it shorter]:TIME:_default' \
'--outcome-file=[Write how it ended to this file, as JSON]:PATH:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--env-all[Hand the whole environment to the command; never allowed without a person]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::command -- The command, after --:_default' \
&& ret=0
;;
(propose)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--reason=[Why it should be done]:TEXT:_default' \
'--environment=[Where it acts, such as production; rules may be stricter for it]:NAME:_default' \
'*--resource=[What it touches]:TEXT:_default' \
'--effect=[What it will do]:TEXT:_default' \
'--rollback=[How to undo it]:TEXT:_default' \
'*--declare=[A declared fact\: risk, sensitivity, impact, reversibility, confidence or label]:NAME=VALUE:_default' \
'*--attach=[A file for the reviewers to read; kept and hashed]:FILE:_files' \
'*--bind=[Keep a file'\''s bytes; {bind\:NAME} in the command becomes a private copy of exactly those]:NAME=FILE:_default' \
'*--env=[Hand a variable to the command, with this value or the present one]:NAME[=VALUE]:_default' \
'*--secret-env=[Hand a variable to the command and show only its length; forces a review]:NAME:_default' \
'--stdin=[What the command reads\: nothing, piped bytes kept and bound, or whatever comes, unbound]:HOW:((none\:"The command reads nothing"
capture\:"Read it to the end now, keep and bind it"
pass\:"Hand it on unseen"))' \
'*--precheck=[A check the policy defines; run now and again right before execution]:NAME:_default' \
'--once=[Idempotency key\: the same key is the same ticket, and it runs at most once]:KEY:_default' \
'--deadline=[How long to wait for the answer, such as 30m; the policy may make it shorter]:TIME:_default' \
'--timeout=[How long to wait for the answer, such as 30m; the policy may make it shorter]:TIME:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--env-all[Hand the whole environment to the command; never allowed without a person]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::command -- The command, after --:_default' \
&& ret=0
;;
(watch)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--for=[Stop waiting after this long and exit with 119]:TIME:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::ids -- The tickets to wait for; without one, the whole queue is followed:_default' \
&& ret=0
;;
(notify)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--test[Try the notifiers with a card about nothing, and say how each ended]' \
'(--test)--detached[Without a word and away from the terminal, as other commands start it]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::names -- Only these notifiers:_default' \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--outcome-file=[Write how it ended to this file, as JSON]:PATH:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':id -- The ticket'\''s id, or any unique beginning of it:_default' \
&& ret=0
;;
(review)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--as=[Who you sign as; from the settings otherwise]:PRINCIPAL:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--plain[One question after the other instead of a full screen]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::id -- Begin with this ticket:_default' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'*--state=[Only tickets in this state]:STATE:(pending approved rejected expired cancelled)' \
'--limit=[At most this many]:N:_default' \
'--skip=[Skip this many first]:N:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--all[Every ticket, newest first, not only the open ones]' \
'--mine[Only your own requests]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'(--card)--blob=[Write an attachment'\''s or bound file'\''s bytes to standard output, by name or digest]:NAME:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--card[Only the card, byte for byte as reviewers sign it]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':id -- The ticket'\''s id, or any unique beginning of it:_default' \
&& ret=0
;;
(approve)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--note=[A note for the requester and the log]:TEXT:_default' \
'--as=[Who you sign as; from the settings otherwise]:PRINCIPAL:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':id -- The ticket'\''s id, or any unique beginning of it:_default' \
&& ret=0
;;
(reject)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--reason=[Why, told to the requester]:TEXT:_default' \
'--suggest=[What to do instead, told to the requester]:TEXT:_default' \
'()--requester=[Every pending ticket of this account, by name or uid]:ACCOUNT:_default' \
'--as=[Who you sign as; from the settings otherwise]:PRINCIPAL:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'(--requester)--all[Every pending ticket]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::ids -- Tickets'\'' ids, or unique beginnings of them:_default' \
&& ret=0
;;
(revoke)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--reason=[Why, told to the requester]:TEXT:_default' \
'--as=[Who you sign as; from the settings otherwise]:PRINCIPAL:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':id -- The ticket'\''s id, or any unique beginning of it:_default' \
&& ret=0
;;
(cancel)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::ids -- Tickets'\'' ids, or unique beginnings of them:_default' \
&& ret=0
;;
(decide)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'(--import)--prepare=[Print the exact bytes to sign on standard output, the card on standard error]:ID:_default' \
'--import=[Record a decision signed with\: ssh-keygen -Y sign (FILE.sig beside FILE)]:FILE.sig:_files' \
'--as=[Who will sign]:PRINCIPAL:_default' \
'--reason=[Why, told to the requester]:TEXT:_default' \
'--suggest=[What to do instead, told to the requester]:TEXT:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'(--revoke)--reject[Prepare a reject]' \
'--revoke[Prepare a revoke]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(reconcile)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--finding=[What was found out]:TEXT:_default' \
'--as=[Who you sign as; from the settings otherwise]:PRINCIPAL:_default' \
'(--clock --prepare)--import=[Record a statement signed with\: ssh-keygen -Y sign (FILE.sig beside FILE)]:FILE.sig:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'()--clock[Accept the present wall clock, which is behind the log]' \
'--prepare[Print the exact bytes to sign elsewhere instead of signing here]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::id -- The ticket whose outcome is unknown:_default' \
&& ret=0
;;
(policy)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_handoff__subcmd__policy_commands" \
"*::: :->policy" \
&& ret=0

    case $state in
    (policy)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:handoff-policy-command-$line[1]:"
        case $line[1] in
            (check)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--environment=[Where it would act]:NAME:_default' \
'*--declare=[A declared fact]:NAME=VALUE:_default' \
'()--shell=[A line of shell code to judge, in place of a command]:LINE:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::command -- The command, after --:_default' \
&& ret=0
;;
(test)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'*--corpus=[Judge the labelled commands of this file instead, a JSON object a line, and count misses each way]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(trust)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::file -- The file; .handoff.toml here otherwise:_files' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(audit)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_handoff__subcmd__audit_commands" \
"*::: :->audit" \
&& ret=0

    case $state in
    (audit)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:handoff-audit-command-$line[1]:"
        case $line[1] in
            (log)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--bundle=[Read an export, folder or tar, instead of the queue]:BUNDLE:_files' \
'--from=[From this sequence number on]:SEQ:_default' \
'--since=[Only what was recorded at this time or later (RFC 3339, or a date)]:TIME:_default' \
'--until=[Only what was recorded before this time]:TIME:_default' \
'*--kind=[Only events of this kind, as in the log'\''s second column (proposed, decision, finished, …); repeatable]:KIND:(created policy reviewers proposed decision refused approved rejected expired cancelled claimed finished not_started unknown reconciled notified restored pruned)' \
'--limit=[At most this many]:N:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--raw[Print the exact bytes of each event, as hashed]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::id -- Only this ticket'\''s events:_default' \
&& ret=0
;;
(export)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'-o+[Where to\: a folder, or with the ending .tar one file; nothing may be there yet. With --format a file, or -]:PATH:_files' \
'--output=[Where to\: a folder, or with the ending .tar one file; nothing may be there yet. With --format a file, or -]:PATH:_files' \
'--format=[A view for spreadsheets and SIEMs instead, one event a line; it proves nothing]:FORMAT:((csv\:"A spreadsheet'\''s rows"
ocsf\:"The Open Cybersecurity Schema Framework'\''s base events, as JSON"
cef\:"The Common Event Format"))' \
'--since=[Only tickets filed at this time or later (RFC 3339, or a date)]:TIME:_default' \
'--until=[Only tickets filed before this time]:TIME:_default' \
'*--environment=[Only tickets for this declared environment]:NAME:_default' \
'*--requester=[Only tickets of this account, by name or user id]:ACCOUNT:_default' \
'*--state=[Only tickets in this state]:STATE:(pending approved rejected expired cancelled)' \
'*--checkpoint=[A signed head somebody kept, which a filtered export must be comparable with]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--checkpoint=[A signed tree head you kept]:FILE:_files' \
'--pins=[A reviewer'\''s own memory of the log]:FILE:_files' \
'--log-key=[The queue'\''s log key as you know it, for a receipt (\`audit checkpoint --json\` tells it)]:KEY:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::bundle -- An export, folder or tar, or a receipt; without it, the queue:_files' \
&& ret=0
;;
(checkpoint)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(receipt)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--event=[This event of it, by its number in the log; without, its only decision]:SEQ:_default' \
'-o+[Write it there, where nothing may be yet; without, to standard output]:FILE:_files' \
'--output=[Write it there, where nothing may be yet; without, to standard output]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':id -- The ticket:_default' \
&& ret=0
;;
(prune-blobs)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--older-than=[Of tickets that ended longer ago than this, such as 90d]:AGE:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--dry-run[Only tell what would be removed]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(key)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_handoff__subcmd__key_commands" \
"*::: :->key" \
&& ret=0

    case $state in
    (key)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:handoff-key-command-$line[1]:"
        case $line[1] in
            (new)
_arguments "${_arguments_options[@]}" : \
'--comment=[A comment inside the key]:TEXT:_default' \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::file -- Where to write it:_files' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(trust)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--until=[Until when it counts, as YYYY-MM-DD]:DATE:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':principal -- The reviewer'\''s name:_default' \
':file -- Their public key file:_files' \
&& ret=0
;;
(revoke)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--stolen[The key was stolen\: nothing it ever signed counts any more]' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':fingerprint -- The key'\''s fingerprint, SHA256\:…:_default' \
&& ret=0
;;
        esac
    ;;
esac
;;
(init)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--as=[Your name as a reviewer; USER@HOST otherwise]:PRINCIPAL:_default' \
'--name=[The queue'\''s name; HOST and four random letters otherwise]:NAME:_default' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--agent[Use the first ed25519 key of the running ssh-agent]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'(--json)--format=[Print numbers for a monitoring program instead]:FORM:((prometheus\:"The text format that Prometheus and its textfile collector read"))' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(backup)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- The new file:_files' \
&& ret=0
;;
(restore)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':file -- The backup:_files' \
&& ret=0
;;
(demo)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'--keep[Keep the folder with queue, keys and evidence]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- For which shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'--color=[When to use colour; NO_COLOR and TERM=dumb mean never]:WHEN:((auto\:"On a terminal that wants it"
always\:"Always"
never\:"Never"))' \
'--log=[What standard error is for\: words for people, or one JSON object a line for a log collector]:FORM:((text\:"Words for people"
json\:"A JSON object a line, with the ticket'\''s and the request'\''s ids"))' \
'--queue=[The queue'\''s database file]:FILE:_files' \
'--policy=[The root policy file]:FILE:_files' \
'--reviewers=[The reviewers, an allowed_signers file]:FILE:_files' \
'--key=[The signing key\: a private key file, or the public one of a key in an agent or token]:FILE:_files' \
'--json[Print data as JSON, one object a line, in the documented schema]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
        esac
    ;;
esac
}

(( $+functions[_handoff_commands] )) ||
_handoff_commands() {
    local commands; commands=(
'run:Propose a command, wait for the answer, run it once, exit as it did' \
'propose:File a request and return at once; prints the ticket'\''s id' \
'watch:Wait for the answer to tickets; without an id, follow the queue' \
'notify:Tell whoever the settings name what is due\: new tickets, reminders, answers' \
'exec:Execute an approved ticket' \
'review:Read and decide what waits, one ticket at a time, in the terminal' \
'list:The queue\: what is open, or with --all everything' \
'show:One ticket\: its card, state, decisions and events' \
'approve:Read one ticket'\''s card in the terminal and sign that it may run once' \
'reject:Sign that tickets must not run' \
'revoke:Sign that an approval is taken back before it is used' \
'cancel:Take back your own tickets' \
'decide:Prepare a decision to be signed elsewhere with stock ssh-keygen, or import a signed one' \
'reconcile:Sign what a person found out about an unknown outcome, or accept a clock that went back' \
'policy:Judge commands, test rules, see and trust policies' \
'audit:The log\: read it, take it along, verify it, sign its head' \
'key:Keys and reviewers' \
'init:Set up this account\: key, reviewers, queue, policy' \
'doctor:Health, level of trust, and what to do about it' \
'backup:Copy the queue to a file while it is in use' \
'restore:Put a backup back; what was approved and unused is cancelled' \
'demo:The whole cycle on a real command in a throw-away queue' \
'completions:Print shell completions' \
'man:Print the manual page' \
    )
    _describe -t commands 'handoff commands' commands "$@"
}
(( $+functions[_handoff__subcmd__approve_commands] )) ||
_handoff__subcmd__approve_commands() {
    local commands; commands=()
    _describe -t commands 'handoff approve commands' commands "$@"
}
(( $+functions[_handoff__subcmd__audit_commands] )) ||
_handoff__subcmd__audit_commands() {
    local commands; commands=(
'log:Read the log, oldest first' \
'export:Take the log along as a bundle that anybody can check without this program' \
'verify:Check every event, signature and decision of the queue, or of a bundle' \
'checkpoint:Sign the log'\''s present head, for keeping elsewhere' \
'receipt:Prove one decision, or another event, in one file without the rest of the log' \
'prune-blobs:Remove what was handed in with tickets long over, for good; the log stays whole and says so' \
    )
    _describe -t commands 'handoff audit commands' commands "$@"
}
(( $+functions[_handoff__subcmd__audit__subcmd__checkpoint_commands] )) ||
_handoff__subcmd__audit__subcmd__checkpoint_commands() {
    local commands; commands=()
    _describe -t commands 'handoff audit checkpoint commands' commands "$@"
}
(( $+functions[_handoff__subcmd__audit__subcmd__export_commands] )) ||
_handoff__subcmd__audit__subcmd__export_commands() {
    local commands; commands=()
    _describe -t commands 'handoff audit export commands' commands "$@"
}
(( $+functions[_handoff__subcmd__audit__subcmd__log_commands] )) ||
_handoff__subcmd__audit__subcmd__log_commands() {
    local commands; commands=()
    _describe -t commands 'handoff audit log commands' commands "$@"
}
(( $+functions[_handoff__subcmd__audit__subcmd__prune-blobs_commands] )) ||
_handoff__subcmd__audit__subcmd__prune-blobs_commands() {
    local commands; commands=()
    _describe -t commands 'handoff audit prune-blobs commands' commands "$@"
}
(( $+functions[_handoff__subcmd__audit__subcmd__receipt_commands] )) ||
_handoff__subcmd__audit__subcmd__receipt_commands() {
    local commands; commands=()
    _describe -t commands 'handoff audit receipt commands' commands "$@"
}
(( $+functions[_handoff__subcmd__audit__subcmd__verify_commands] )) ||
_handoff__subcmd__audit__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'handoff audit verify commands' commands "$@"
}
(( $+functions[_handoff__subcmd__backup_commands] )) ||
_handoff__subcmd__backup_commands() {
    local commands; commands=()
    _describe -t commands 'handoff backup commands' commands "$@"
}
(( $+functions[_handoff__subcmd__cancel_commands] )) ||
_handoff__subcmd__cancel_commands() {
    local commands; commands=()
    _describe -t commands 'handoff cancel commands' commands "$@"
}
(( $+functions[_handoff__subcmd__completions_commands] )) ||
_handoff__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'handoff completions commands' commands "$@"
}
(( $+functions[_handoff__subcmd__decide_commands] )) ||
_handoff__subcmd__decide_commands() {
    local commands; commands=()
    _describe -t commands 'handoff decide commands' commands "$@"
}
(( $+functions[_handoff__subcmd__demo_commands] )) ||
_handoff__subcmd__demo_commands() {
    local commands; commands=()
    _describe -t commands 'handoff demo commands' commands "$@"
}
(( $+functions[_handoff__subcmd__doctor_commands] )) ||
_handoff__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'handoff doctor commands' commands "$@"
}
(( $+functions[_handoff__subcmd__exec_commands] )) ||
_handoff__subcmd__exec_commands() {
    local commands; commands=()
    _describe -t commands 'handoff exec commands' commands "$@"
}
(( $+functions[_handoff__subcmd__init_commands] )) ||
_handoff__subcmd__init_commands() {
    local commands; commands=()
    _describe -t commands 'handoff init commands' commands "$@"
}
(( $+functions[_handoff__subcmd__key_commands] )) ||
_handoff__subcmd__key_commands() {
    local commands; commands=(
'new:Make a signing key with a passphrase' \
'list:The reviewers in force, with their keys' \
'trust:Count a key as a reviewer'\''s from now on' \
'revoke:Stop counting a key\: from now on, or with --stolen at once and for all time' \
    )
    _describe -t commands 'handoff key commands' commands "$@"
}
(( $+functions[_handoff__subcmd__key__subcmd__list_commands] )) ||
_handoff__subcmd__key__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'handoff key list commands' commands "$@"
}
(( $+functions[_handoff__subcmd__key__subcmd__new_commands] )) ||
_handoff__subcmd__key__subcmd__new_commands() {
    local commands; commands=()
    _describe -t commands 'handoff key new commands' commands "$@"
}
(( $+functions[_handoff__subcmd__key__subcmd__revoke_commands] )) ||
_handoff__subcmd__key__subcmd__revoke_commands() {
    local commands; commands=()
    _describe -t commands 'handoff key revoke commands' commands "$@"
}
(( $+functions[_handoff__subcmd__key__subcmd__trust_commands] )) ||
_handoff__subcmd__key__subcmd__trust_commands() {
    local commands; commands=()
    _describe -t commands 'handoff key trust commands' commands "$@"
}
(( $+functions[_handoff__subcmd__list_commands] )) ||
_handoff__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'handoff list commands' commands "$@"
}
(( $+functions[_handoff__subcmd__man_commands] )) ||
_handoff__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'handoff man commands' commands "$@"
}
(( $+functions[_handoff__subcmd__notify_commands] )) ||
_handoff__subcmd__notify_commands() {
    local commands; commands=()
    _describe -t commands 'handoff notify commands' commands "$@"
}
(( $+functions[_handoff__subcmd__policy_commands] )) ||
_handoff__subcmd__policy_commands() {
    local commands; commands=(
'check:Judge a command without filing it, and say why\: exit 0 allow, 119 review, 121 deny' \
'test:Run every rule'\''s examples, also in other spellings, and find dead rules' \
'trust:Trust a project'\''s policy file as it is now' \
'show:The layers and rules in force' \
    )
    _describe -t commands 'handoff policy commands' commands "$@"
}
(( $+functions[_handoff__subcmd__policy__subcmd__check_commands] )) ||
_handoff__subcmd__policy__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'handoff policy check commands' commands "$@"
}
(( $+functions[_handoff__subcmd__policy__subcmd__show_commands] )) ||
_handoff__subcmd__policy__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'handoff policy show commands' commands "$@"
}
(( $+functions[_handoff__subcmd__policy__subcmd__test_commands] )) ||
_handoff__subcmd__policy__subcmd__test_commands() {
    local commands; commands=()
    _describe -t commands 'handoff policy test commands' commands "$@"
}
(( $+functions[_handoff__subcmd__policy__subcmd__trust_commands] )) ||
_handoff__subcmd__policy__subcmd__trust_commands() {
    local commands; commands=()
    _describe -t commands 'handoff policy trust commands' commands "$@"
}
(( $+functions[_handoff__subcmd__propose_commands] )) ||
_handoff__subcmd__propose_commands() {
    local commands; commands=()
    _describe -t commands 'handoff propose commands' commands "$@"
}
(( $+functions[_handoff__subcmd__reconcile_commands] )) ||
_handoff__subcmd__reconcile_commands() {
    local commands; commands=()
    _describe -t commands 'handoff reconcile commands' commands "$@"
}
(( $+functions[_handoff__subcmd__reject_commands] )) ||
_handoff__subcmd__reject_commands() {
    local commands; commands=()
    _describe -t commands 'handoff reject commands' commands "$@"
}
(( $+functions[_handoff__subcmd__restore_commands] )) ||
_handoff__subcmd__restore_commands() {
    local commands; commands=()
    _describe -t commands 'handoff restore commands' commands "$@"
}
(( $+functions[_handoff__subcmd__review_commands] )) ||
_handoff__subcmd__review_commands() {
    local commands; commands=()
    _describe -t commands 'handoff review commands' commands "$@"
}
(( $+functions[_handoff__subcmd__revoke_commands] )) ||
_handoff__subcmd__revoke_commands() {
    local commands; commands=()
    _describe -t commands 'handoff revoke commands' commands "$@"
}
(( $+functions[_handoff__subcmd__run_commands] )) ||
_handoff__subcmd__run_commands() {
    local commands; commands=()
    _describe -t commands 'handoff run commands' commands "$@"
}
(( $+functions[_handoff__subcmd__show_commands] )) ||
_handoff__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'handoff show commands' commands "$@"
}
(( $+functions[_handoff__subcmd__watch_commands] )) ||
_handoff__subcmd__watch_commands() {
    local commands; commands=()
    _describe -t commands 'handoff watch commands' commands "$@"
}

if [ "$funcstack[1]" = "_handoff" ]; then
    _handoff "$@"
else
    compdef _handoff handoff
fi
