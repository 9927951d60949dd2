//! Programs that write, move and delete files.

use super::super::Effect;
use super::super::row::{Arguments::*, Role, Row};
use super::{D, N, R, RD, RW, RWD, W};

const ORDERS: Role = Role::Orders;
// With these the mode is an option, and no word of its own.
const MODES: &[&str] =
    &["--reference", "-r", "-w", "-x", "-X", "-s", "-t", "-u", "-g", "-o", "-i", "-a", "-e"];
const TARGET: &[&str] = &["-t", "--target-directory"];

/// The rows.
pub const ROWS: &[Row] = &[
    Row::new("cp gcp", Last { others: R, last: W, target: TARGET })
        .switches(
            "abdfHilLnpPrRsTuvxXcZ",
            "--archive --backup --force --interactive --link --dereference --no-dereference --no-clobber --preserve \
             --recursive --reflink --remove-destination --symbolic-link --no-target-directory --update --verbose \
             --one-file-system --parents --sparse --attributes-only --debug",
        )
        .valued(&[("-t", W), ("--target-directory", W), ("-S", N), ("--suffix", N), ("--no-preserve", N)])
        .links(&["-a", "-d", "-P", "-r", "-R", "--archive", "--recursive", "--no-dereference"])
        // A link lets its source be written.
        .modes(&[(&["-s", "-l", "--link", "--symbolic-link"], Each(RW))]),
    Row::new("mv gmv", Last { others: RD, last: W, target: TARGET })
        .switches(
            "bfhinTuvZ",
            "--backup --force --interactive --no-clobber --no-target-directory --update --verbose --strip-trailing-slashes",
        )
        .valued(&[("-t", W), ("--target-directory", W), ("-S", N), ("--suffix", N)])
        .modes(&[(&["--exchange"], Each(RWD))]),
    // What is written through a link is written to its target.
    Row::new("ln gln", Last { others: Role::Link, last: W, target: TARGET })
        .switches("bdfFhiLnPrsTvw", "--backup --directory --force --interactive --logical --no-dereference --physical --relative --symbolic --no-target-directory --verbose")
        .valued(&[("-t", W), ("--target-directory", W), ("-S", N), ("--suffix", N)])
        .here(Effect::Writes, &[]),
    Row::new("link", Last { others: RW, last: W, target: &[] }),
    Row::new("install ginstall", Last { others: R, last: W, target: TARGET })
        .switches("bcCDpsTvdZ", "--backup --compare --preserve-timestamps --strip --no-target-directory --verbose")
        .valued(&[("-t", W), ("--target-directory", W), ("-m", N), ("--mode", N), ("-o", N), ("--owner", N), ("-g", N), ("--group", N), ("-S", N), ("--suffix", N)])
        .modes(&[(&["-d", "--directory"], Each(W))]),
    Row::new("rm grm unlink rmdir grmdir srm trash trash-put gio-trash", Each(D)).switches(
        "dfirRvIpP",
        "--force --recursive --dir --verbose --interactive --one-file-system --preserve-root --no-preserve-root \
         --parents --ignore-fail-on-non-empty",
    ),
    Row::new("shred gshred wipe", Each(RWD))
        .switches("fuvxz", "--force --remove --verbose --exact --zero")
        .valued(&[("-n", N), ("--iterations", N), ("-s", N), ("--size", N), ("--random-source", R)]),
    Row::new("touch gtouch mkdir gmkdir mkfifo mknod", Each(W))
        .switches("acfhmpvZ", "--no-create --no-dereference --parents --verbose")
        .valued(&[("-d", N), ("--date", N), ("-t", N), ("--time", N), ("-r", R), ("--reference", R), ("-m", N), ("--mode", N)]),
    Row::new("truncate gtruncate fallocate", Each(W))
        .switches("cozvdpx", "--no-create --io-blocks --verbose --dig-holes")
        .valued(&[("-s", N), ("--size", N), ("-r", R), ("--reference", R), ("-l", N), ("--length", N), ("-o", N), ("--offset", N)]),
    Row::new("tee gtee", Each(W)).switches("aip", "--append --ignore-interrupts --output-error"),
    Row::new("sponge", Each(W)).switches("a", ""),
    Row::new("chmod gchmod chown gchown chgrp gchgrp chattr chflags", After(MODES, W))
        .switches(
            "cfvhRHLPnNEaiwrxstugo",
            "--changes --silent --quiet --verbose --recursive --dereference --no-dereference --preserve-root --no-preserve-root",
        )
        .valued(&[("--reference", R), ("--from", N)]),
    Row::new("setfacl", Each(W))
        .switches("bkRLPd", "--remove-all --recursive --default")
        .valued(&[("-m", N), ("--modify", N), ("-x", N), ("--remove", N), ("-M", R), ("-X", R), ("--set", N), ("--restore", R)]),
    // What its script does beyond that, `facts::wrapper` says.
    // Scripts that do more than change text are not understood (`facts::wrapper`).
    Row::new("sed gsed", After(&["-e", "-f", "--expression", "--file"], R))
        .switches(
            "nErsuz",
            "--quiet --silent --regexp-extended --separate --unbuffered --null-data --sandbox --posix --debug",
        )
        .valued(&[
            ("-e", N),
            ("--expression", N),
            ("-f", ORDERS),
            ("--file", ORDERS),
            ("-l", N),
            ("--line-length", N),
        ])
        .suffixed(b'i')
        .modes(&[(
            &["-i", "-I", "--in-place"],
            After(&["-e", "-f", "--expression", "--file"], RW),
        )]),
    Row::new("perl ruby", Each(R)).modes(&[(&["-i"], After(&["-e", "-E", "-pe", "-ne", "-pie"], RW))]).and_more(),
    Row::new("patch gpatch", Ordered(&[RW], R))
        .switches("bcEflNRsu", "--backup --dry-run --forward --reverse --silent --quiet --unified --batch --force")
        .valued(&[("-p", N), ("--strip", N), ("-i", R), ("--input", R), ("-o", W), ("--output", W), ("-d", W), ("--directory", W), ("-r", W), ("--reject-file", W), ("-F", N), ("--fuzz", N), ("-z", N), ("-B", N)])
        .here(Effect::Writes, &["-d", "--directory"])
        // The patch says which files.
        .and_more(),
    Row::new("split gsplit csplit gcsplit", Ordered(&[R], W))
        .switches("dexzukqs", "--numeric-suffixes --elide-empty-files --verbose --quiet --silent --keep-files")
        .valued(&[("-b", N), ("--bytes", N), ("-l", N), ("--lines", N), ("-n", N), ("--number", N), ("-a", N), ("--suffix-length", N), ("--additional-suffix", N), ("-C", N), ("-t", N), ("-f", W), ("--prefix", W)])
        .here(Effect::Writes, &[]),
    Row::new("gzip bzip2 xz zstd lz4 lzma pigz pbzip2 brotli compress", Each(RWD))
        .switches("cdfhklnNqrtvz0123456789eT", "--stdout --decompress --uncompress --force --keep --list --quiet --recursive --test --verbose --fast --best --to-stdout --extreme --rm")
        .valued(&[("-S", N), ("--suffix", N), ("-o", W), ("--output", W), ("--threads", N), ("-T", N), ("-D", R)])
        .instead(&["-c", "-l", "-t", "--stdout", "--to-stdout", "--list", "--test"], Each(R)),
    Row::new("gunzip bunzip2 unxz unzstd unlz4 unlzma uncompress", Each(RWD))
        .switches("cfhklnNqrtv", "--stdout --force --keep --list --quiet --recursive --test --verbose --to-stdout --rm")
        .valued(&[("-S", N), ("--suffix", N), ("-o", W), ("--output", W)])
        .here(Effect::Writes, &["-c", "-l", "-t", "--stdout", "--list", "--test", "--to-stdout"])
        .instead(&["-c", "-l", "-t", "--stdout", "--to-stdout", "--list", "--test"], Each(R)),
    Row::new("zip", Ordered(&[W], R))
        .switches("rqvyuj0123456789XDfo@", "--recurse-paths --quiet --verbose --symlinks --update --junk-paths")
        .links(&["-y", "--symlinks"])
        .valued(&[("-x", N), ("-i", N), ("-n", N), ("-b", W), ("-O", W)])
        .modes(&[(&["-m", "--move"], Ordered(&[W], RD))]),
    Row::new("unzip", Ordered(&[R], N))
        .switches("aCfjLnoqtuUvVXzZ", "")
        .valued(&[("-d", W), ("-x", N), ("-P", N)])
        .here(Effect::Writes, &["-d"])
        .instead(&["-l", "-v", "-t", "-z", "-Z", "-p"], Ordered(&[R], N))
        .switches("aCfjlLnopqtuUvVXzZ", ""),
    Row::new("7z 7za 7zr unrar", Ordered(&[N, RW], R)).here(Effect::Writes, &[]).and_more(),
    Row::new("cpio pax ar", Each(RW)).here(Effect::Writes, &[]).and_more(),
    Row::new("mkfs mke2fs mkswap wipefs blkdiscard badblocks fsck", Each(W)).switches("aftnvqpycCFL", "").and_more(),
    Row::new("fdisk sfdisk gdisk sgdisk parted cfdisk", Each(RW)).and_more(),
    Row::new("mount umount losetup cryptsetup swapon swapoff", Each(RW)).and_more(),
    Row::new("ssh-keygen", Each(R)).valued(&[("-f", RW), ("-t", N), ("-b", N), ("-C", N), ("-N", N), ("-P", N)]).and_more(),
    Row::new("openssl", Each(N))
        .valued(&[
            ("-in", R), ("-out", W), ("-keyout", W), ("-key", R), ("-inkey", R), ("-CAfile", R), ("-cert", R),
            ("-config", R), ("-connect", Role::Host),
        ])
        .and_more(),
    Row::new("make gmake", Each(N)).valued(&[("-f", R), ("-C", R), ("--file", R), ("--directory", R)]).and_more(),
];
