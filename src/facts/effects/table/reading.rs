//! Programs that read files and show something of them, and programs that touch no file at all.

use super::super::row::{Arguments::*, Row};
use super::{N, R, RW, W};

const EVERY: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The rows.
pub const ROWS: &[Row] = &[
    Row::new(
        "echo printf true false : test [ pwd whoami id groups uname hostname arch nproc uptime free tty lscpu \
         logname users who w seq expr basename dirname which whereis type sleep cd pushd popd dirs exit return \
         break continue set shift unset export readonly local declare read jobs wait hash getconf locale yes \
         ps pgrep pidof env printenv tput clear cal",
        Each(N),
    )
    .switches(EVERY, "")
    .any_option(),
    Row::new("date", Each(N)).switches(EVERY, "").valued(&[("-f", R), ("--file", R), ("-r", R), ("--reference", R), ("-d", N)]).any_option(),
    Row::new(
        "cat gcat tac nl rev od hexdump hd strings md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum \
         b3sum cksum sum md5 shasum readlink realpath fold fmt expand unexpand column \
         pr zcat gzcat bzcat xzcat zstdcat lz4cat lsd vdir dir",
        Each(R),
    )
    .switches(EVERY, "")
    .valued(&[
        ("-w", N), ("-f", R), ("--files-from", R), ("--magic-file", R), ("-m", R), ("-n", N), ("-t", N), ("-j", N), ("-N", N),
        ("-o", N), ("-A", N),
    ])
    .any_option()
    .merely_reads(),
    Row::new("base64 gbase64 base32", Each(R))
        .switches("dDi", "--decode --ignore-garbage")
        .valued(&[("-w", N), ("--wrap", N), ("-b", N), ("-o", W), ("--output", W), ("--input", R)]),
    Row::new("file", Each(R))
        .switches(
            "bEhikLlNnprsSv0",
            "--brief --mime --mime-type --mime-encoding --dereference --no-dereference --keep-going --raw --version",
        )
        .valued(&[("-e", N), ("--exclude", N), ("-F", N), ("--separator", N), ("-f", R), ("--files-from", R), ("-m", R), ("--magic-file", R)]),
    Row::new("head tail ghead gtail", Each(R))
        .switches("0123456789cfFqvzr", "--quiet --silent --verbose --zero-terminated --retry --follow")
        .valued(&[("-n", N), ("--lines", N), ("-c", N), ("--bytes", N), ("-s", N), ("--sleep-interval", N), ("--pid", N)])
        .merely_reads(),
    Row::new("wc gwc", Each(R))
        .switches("clmLw", "--bytes --chars --lines --words --max-line-length --total")
        .valued(&[("--files0-from", R)])
        .merely_reads(),
    Row::new("ls gls", Each(R))
        .switches(EVERY, "")
        .valued(&[("-I", N), ("--ignore", N), ("--hide", N), ("-w", N), ("--width", N), ("-T", N), ("--tabsize", N)])
        .any_option(),
    Row::new("eza exa", Each(R))
        .switches(EVERY, "")
        .valued(&[("-L", N), ("--level", N), ("-s", N), ("--sort", N), ("-I", N), ("--ignore-glob", N), ("-t", N), ("--time", N)])
        .any_option(),
    Row::new("stat gstat", Each(R))
        .switches("fLtxlnqFrs", "--file-system --dereference --terse --cached")
        .valued(&[("-c", N), ("--format", N), ("--printf", N), ("-f", N)]),
    Row::new("du gdu df gdf", Each(R))
        .switches("abcDhHklLmPsSx0iTgn", "--all --total --human-readable --summarize --apparent-size --si --inodes --local --print-type --one-file-system")
        .valued(&[("-d", N), ("--max-depth", N), ("-B", N), ("--block-size", N), ("--exclude", N), ("-X", R), ("--exclude-from", R), ("--files0-from", R), ("-t", N), ("--time", N), ("-x", N)]),
    Row::new("cmp diff gdiff diff3 sdiff colordiff comm join paste", Each(R))
        .switches(
            "abBcdeEhiHnNpqrsStTuvwwyZ0123456789z",
            "--brief --unified --context --recursive --ignore-case --ignore-all-space --ignore-space-change \
             --ignore-blank-lines --side-by-side --color --no-color --report-identical-files --text --new-file \
             --suppress-common-lines --minimal --serial --check-order --nocheck-order --zero-terminated --silent --quiet --bytes --verbose",
        )
        .valued(&[("-U", N), ("-C", N), ("-x", N), ("--exclude", N), ("-X", R), ("--exclude-from", R), ("-I", N), ("--ignore-matching-lines", N), ("-W", N), ("--width", N), ("--label", N), ("-L", N), ("-d", N), ("--delimiters", N), ("-o", N), ("-j", N), ("-1", N), ("-2", N)]),
    Row::new("cut gcut", Each(R))
        .switches("nsz", "--only-delimited --complement --zero-terminated")
        .valued(&[("-b", N), ("--bytes", N), ("-c", N), ("--characters", N), ("-d", N), ("--delimiter", N), ("-f", N), ("--fields", N), ("--output-delimiter", N)])
        .merely_reads(),
    Row::new("tr gtr", Each(N)).switches("cCdstU", "--complement --delete --squeeze-repeats --truncate-set1"),
    Row::new("sort gsort", Each(R))
        .switches(
            "bcCdfghHimMnrRsuVz",
            "--numeric-sort --reverse --unique --human-numeric-sort --version-sort --stable --ignore-case --check \
             --general-numeric-sort --month-sort --random-sort --merge --zero-terminated --ignore-leading-blanks",
        )
        .valued(&[
            ("-k", N), ("--key", N), ("-t", N), ("--field-separator", N), ("-o", W), ("--output", W), ("-T", W),
            ("--temporary-directory", W), ("-S", N), ("--buffer-size", N), ("--parallel", N), ("--files0-from", R),
            ("--random-source", R), ("--batch-size", N),
        ]),
    Row::new("uniq guniq", Ordered(&[R], W))
        .switches("cdDiuz", "--count --repeated --ignore-case --unique --zero-terminated --all-repeated --group")
        .valued(&[("-f", N), ("--skip-fields", N), ("-s", N), ("--skip-chars", N), ("-w", N), ("--check-chars", N)]),
    Row::new("xxd", Ordered(&[R], W))
        .switches("abCdeEipru", "")
        .valued(&[("-c", N), ("-g", N), ("-l", N), ("-s", N), ("-o", N), ("-n", N)]),
    Row::new("grep egrep fgrep ggrep zgrep", After(&["-e", "-f", "--regexp", "--file"], R))
        .merely_reads()
        .switches(
            "EFGPiyvwxcLlqsbHhnTUzaIRrob0123456789Vu",
            "--extended-regexp --fixed-strings --basic-regexp --perl-regexp --ignore-case --no-ignore-case \
             --invert-match --word-regexp --line-regexp --count --color --colour --files-without-match \
             --files-with-matches --only-matching --quiet --silent --no-messages --byte-offset --with-filename \
             --no-filename --line-number --initial-tab --null --null-data --text --recursive \
             --dereference-recursive --line-buffered --binary",
        )
        .valued(&[
            ("-e", N), ("--regexp", N), ("-f", R), ("--file", R), ("-m", N), ("--max-count", N), ("-A", N),
            ("--after-context", N), ("-B", N), ("--before-context", N), ("-C", N), ("--context", N),
            ("--include", N), ("--exclude", N), ("--exclude-dir", N), ("--exclude-from", R), ("--label", N),
            ("--binary-files", N), ("-D", N), ("--devices", N), ("-d", N), ("--directories", N),
        ]),
    Row::new("rg", After(&["-e", "-f", "--regexp", "--file", "--files"], R))
        .switches(
            "aFiSsvwxcHINlLnoPpqUu.0",
            "--files --hidden --no-ignore --no-ignore-vcs --ignore-case --smart-case --case-sensitive --count \
             --count-matches --files-with-matches --files-without-match --fixed-strings --line-number \
             --no-line-number --no-heading --heading --with-filename --no-filename --only-matching --pcre2 \
             --multiline --invert-match --word-regexp --json --vimgrep --stats --pretty --text --unrestricted \
             --no-messages --trim --quiet --column --glob-case-insensitive --debug --sort-files --follow -L --null",
        )
        .valued(&[
            ("-e", N), ("--regexp", N), ("-f", R), ("--file", R), ("-g", N), ("--glob", N), ("--iglob", N), ("-t", N),
            ("--type", N), ("-T", N), ("--type-not", N), ("-A", N), ("--after-context", N), ("-B", N),
            ("--before-context", N), ("-C", N), ("--context", N), ("-m", N), ("--max-count", N), ("-d", N),
            ("--max-depth", N), ("-M", N), ("--max-columns", N), ("-j", N), ("--threads", N), ("--color", N),
            ("--colors", N), ("-r", N), ("--replace", N), ("--sort", N), ("--sortr", N), ("--ignore-file", R),
            ("-E", N), ("--encoding", N), ("--max-filesize", N), ("--context-separator", N), ("--path-separator", N),
        ]),
    Row::new("ag ack", After(&["--files"], R)).switches("acilnoqsSuvwQzfgLHhr0", "--hidden --nocolor --nogroup"),
    Row::new("jq gojq jaq", After(&["-f", "--from-file"], R))
        .switches(
            "acCeghijMnrRsSV",
            "--raw-output --compact-output --null-input --slurp --raw-input --exit-status --sort-keys --tab \
             --color-output --monochrome-output --join-output --ascii-output --seq --stream --unbuffered",
        )
        .valued(&[("--indent", N), ("-L", R), ("-f", R), ("--from-file", R)]),
    Row::new("yq", After(&["-f", "--from-file"], R))
        .switches("rePMCNjnsv", "--raw-output --exit-status --prettyPrint --colors --no-colors --no-doc --null-input")
        .valued(&[("-o", N), ("--output-format", N), ("-p", N), ("--input-format", N), ("-I", N), ("--indent", N)])
        .modes(&[(&["-i", "--inplace", "--in-place"], After(&[], RW))])
        // Its expressions may load files.
        .and_more(),
    Row::new("bat batcat", Each(R))
        .switches("pnAudf", "--plain --number --show-all --unbuffered --decorations")
        .valued(&[("-l", N), ("--language", N), ("-r", N), ("--line-range", N), ("--style", N), ("--color", N), ("--theme", N), ("--paging", N), ("-H", N)]),
    Row::new("tree", Each(R))
        .switches("adfisughpCnJXDAxlrtcUQNFqv", "--dirsfirst --noreport --du --gitignore --prune --inodes --device --si --metafirst")
        .valued(&[("-L", N), ("-I", N), ("-P", N), ("-o", W), ("--filelimit", N), ("--timefmt", N), ("--charset", N), ("--sort", N), ("--gitfile", R), ("--infofile", R)]),
    Row::new("source .", Ordered(&[R], N)).and_more(),
    Row::new("more less zless zmore most pg view", Each(R)).switches(EVERY, "").and_more(),
    Row::new("vi vim nvim nano emacs pico ed ex joe micro hx helix", Each(RW)).switches(EVERY, "").and_more(),
    Row::new("code cursor subl open xdg-open", Each(R)).switches(EVERY, "").and_more(),
];
