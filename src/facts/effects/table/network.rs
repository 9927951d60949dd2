//! Programs that talk to other machines.

use super::super::Effect;
use super::super::row::{Arguments::*, Role, Row};
use super::{N, R, RW, W};

const H: Role = Role::Host;
const U: Role = Role::Url;
const DATA: Role = Role::Data;
const ORDERS: Role = Role::Orders;
const MORE: Role = Role::More;
const FROM: Role = Role::Remote(&[Effect::Reads]);
const TO: Role = Role::Remote(&[Effect::Writes]);

/// The rows.
pub const ROWS: &[Row] = &[
    Row::new("curl", Each(U))
        .switches(
            "#0123456afgGiIjJkLlMnNOpRqsSvZ",
            "--silent --show-error --location --fail --fail-with-body --head --include --insecure --verbose --compressed \
             --get --globoff --http1.1 --http2 --http3 --ipv4 --ipv6 --no-progress-meter --progress-bar \
             --remote-name --remote-name-all --remote-header-name --location-trusted --no-buffer --tlsv1.2 --tlsv1.3 \
             --parallel --retry-connrefused --retry-all-errors --create-dirs --junk-session-cookies --remote-time",
        )
        .valued(&[
            ("-o", W), ("--output", W), ("--output-dir", W), ("-T", R), ("--upload-file", R), ("-d", DATA),
            ("--data", DATA), ("--data-binary", DATA), ("--data-raw", N), ("--data-urlencode", DATA), ("--json", DATA),
            ("-F", DATA), ("--form", DATA), ("--form-string", N), ("-K", ORDERS), ("--config", ORDERS), ("-D", W),
            ("--dump-header", W), ("-c", W), ("--cookie-jar", W), ("-b", R), ("--cookie", R), ("-E", R), ("--cert", R),
            ("--key", R), ("--cacert", R), ("--capath", R), ("--netrc-file", R), ("--trace", W), ("--trace-ascii", W),
            ("--stderr", W), ("--etag-save", W), ("--etag-compare", R), ("--hsts", RW), ("--alt-svc", RW),
            ("--libcurl", W), ("--unix-socket", RW), ("--abstract-unix-socket", N), ("-H", DATA), ("--header", DATA),
            ("-X", N), ("--request", N), ("-A", N), ("--user-agent", N), ("-e", N), ("--referer", N), ("-u", N),
            ("--user", N), ("-m", N), ("--max-time", N), ("--connect-timeout", N), ("--retry", N), ("--retry-delay", N),
            ("--retry-max-time", N), ("-w", DATA), ("--write-out", DATA), ("-r", N), ("--range", N), ("-y", N), ("-Y", N),
            ("-z", N), ("--url", U), ("-x", U), ("--proxy", U), ("--socks5", H), ("--socks5-hostname", H), ("--socks4", H),
            ("--socks4a", H), ("--preproxy", U), ("--connect-to", H), ("--resolve", H), ("--doh-url", U), ("--oauth2-bearer", N),
            ("--limit-rate", N), ("--max-redirs", N), ("--max-filesize", N), ("--ciphers", N), ("--proto", N),
            ("--interface", N), ("--dns-servers", H), ("-U", N), ("--proxy-user", N), ("-C", N), ("--continue-at", N),
            ("-t", N), ("-Q", N), ("--quote", N), ("--aws-sigv4", N), ("--url-query", N), ("--variable", DATA),
        ])
        .here_with(Effect::Writes, &["-O", "-J", "--remote-name", "--remote-name-all", "--remote-header-name"]),
    Row::new("wget wget2", Each(U))
        .switches(
            "46cFhHkKlLmNnqrSvVxp",
            "--quiet --no-verbose --verbose --continue --timestamping --no-clobber --recursive --mirror --no-parent \
             --convert-links --page-requisites --no-check-certificate --server-response --spider --https-only \
             --content-disposition --show-progress --no-directories --no-host-directories",
        )
        .valued(&[
            ("-O", W), ("--output-document", W), ("-P", W), ("--directory-prefix", W), ("-o", W), ("--output-file", W),
            ("-a", W), ("--append-output", W), ("-i", ORDERS), ("--input-file", ORDERS), ("--post-file", R), ("--body-file", R),
            ("--load-cookies", R), ("--save-cookies", W), ("--ca-certificate", R), ("--certificate", R),
            ("--private-key", R), ("--config", ORDERS), ("--header", N), ("--post-data", N), ("--body-data", N),
            ("--method", N), ("-U", N), ("--user-agent", N), ("--user", N), ("--password", N), ("-t", N), ("--tries", N),
            ("-T", N), ("--timeout", N), ("-w", N), ("--wait", N), ("-Q", N), ("-A", N), ("-R", N), ("-D", H),
            ("--domains", H), ("-l", N), ("--level", N), ("-B", U), ("--base", U), ("--limit-rate", N), ("--warc-file", W),
        ])
        .here(Effect::Writes, &["-O", "--output-document", "-P", "--directory-prefix", "--spider"]),
    Row::new("aria2c axel", Each(U))
        .valued(&[("-o", W), ("--out", W), ("-d", W), ("--dir", W), ("-i", R), ("--input-file", R)])
        .here(Effect::Writes, &[])
        .and_more(),
    Row::new("http https xh xhs httpie", Ordered(&[], U)).valued(&[("-o", W), ("--output", W)]).and_more(),
    Row::new("scp", Last { others: FROM, last: TO, target: &[] })
        .switches("346ABCOpqRrTv", "")
        .valued(&[("-c", N), ("-D", MORE), ("-F", ORDERS), ("-i", R), ("-J", H), ("-l", N), ("-o", MORE), ("-P", N), ("-S", MORE), ("-X", N)]),
    Row::new("rsync", Last { others: FROM, last: TO, target: &[] })
        .switches(
            "avqcrRubdlLkKHpEXoOgDtUsSnWxCIzhiPFAyN0123456789m",
            "--archive --verbose --quiet --checksum --recursive --relative --update --links --copy-links --perms \
             --executability --acls --xattrs --owner --group --devices --specials --times --sparse --dry-run \
             --whole-file --one-file-system --existing --ignore-existing --partial --compress --progress \
             --human-readable --itemize-changes --stats --numeric-ids --mkpath --size-only --prune-empty-dirs \
             --inplace --append --hard-links --force --list-only --no-perms --no-owner --no-group --info",
        )
        .valued(&[
            ("--exclude", N), ("--include", N), ("-f", N), ("--filter", N), ("--exclude-from", R),
            ("--include-from", R), ("--files-from", ORDERS), ("--log-file", W), ("--backup-dir", W), ("--link-dest", R),
            ("--compare-dest", R), ("--copy-dest", R), ("-T", W), ("--temp-dir", W), ("--bwlimit", N), ("--timeout", N),
            ("--port", N), ("--password-file", R), ("--max-size", N), ("--min-size", N), ("--chmod", N), ("--chown", N),
            ("-B", N), ("--partial-dir", W), ("--suffix", N),
        ])
        .links(&["-a", "-l", "--archive", "--links"])
        .modes(&[
            (
                &["--del", "--delete", "--delete-before", "--delete-during", "--delete-delay", "--delete-after", "--delete-excluded"],
                Last { others: N, last: Role::Remote(&[Effect::Deletes]), target: &[] },
            ),
            (&["--remove-source-files"], Last { others: Role::Remote(&[Effect::Deletes]), last: N, target: &[] }),
        ]),
    Row::new("ssh mosh slogin rsh autossh", Ordered(&[H], N))
        .switches("46AaCfGgKkMNnqsTtVvXxYy", "")
        .valued(&[
            ("-b", N), ("-B", N), ("-c", N), ("-D", N), ("-E", W), ("-e", N), ("-F", R), ("-I", R), ("-i", R), ("-J", H),
            ("-L", N), ("-l", N), ("-m", N), ("-O", N), ("-o", N), ("-P", N), ("-p", N), ("-R", N), ("-S", RW), ("-W", H),
            ("-w", N),
        ])
        .and_more(),
    Row::new("sftp ftp lftp tftp", Ordered(&[H], N)).valued(&[("-P", N), ("-i", R), ("-b", R), ("-F", R), ("-o", N), ("-J", H)]).and_more(),
    Row::new("ssh-copy-id", Ordered(&[H], N)).switches("fns", "").valued(&[("-i", R), ("-p", N), ("-o", N)]).and_more(),
    Row::new("ssh-keyscan", Each(H)).switches("46cDHqv", "").valued(&[("-f", R), ("-p", N), ("-T", N), ("-t", N), ("-O", N)]),
    Row::new("ping ping6 fping", Each(H))
        .switches("46aAbBdDfhLnOqrRUvV", "")
        .valued(&[("-c", N), ("-i", N), ("-I", N), ("-l", N), ("-m", N), ("-M", N), ("-p", N), ("-Q", N), ("-s", N), ("-S", N), ("-t", N), ("-T", N), ("-w", N), ("-W", N)]),
    Row::new("traceroute tracepath mtr", Each(H))
        .switches("46bdeFhIlnrTUvw", "--report --no-dns --tcp --udp")
        .valued(&[("-c", N), ("-f", N), ("-g", H), ("-i", N), ("-m", N), ("-N", N), ("-p", N), ("-P", N), ("-q", N), ("-s", N), ("-w", N)]),
    Row::new("dig host nslookup drill resolvectl whois", Each(H))
        .switches("46adlrsvwACTVh", "")
        .valued(&[("-t", N), ("-c", N), ("-p", N), ("-q", H), ("-x", H), ("-f", R), ("-k", R), ("-b", N), ("-y", N), ("-h", H)]),
    Row::new("nc ncat netcat telnet", Ordered(&[H], N))
        .switches("46bCdDFhklNnrStUuvz", "")
        .valued(&[("-i", N), ("-I", N), ("-M", N), ("-m", N), ("-O", N), ("-p", N), ("-P", N), ("-q", N), ("-s", N), ("-T", N), ("-V", N), ("-W", N), ("-w", N), ("-X", N), ("-x", H)])
        .and_more(),
    Row::new("nmap masscan", Each(H)).valued(&[("-p", N), ("-oN", W), ("-oX", W), ("-oG", W), ("-oA", W), ("-iL", R)]).and_more(),
];
