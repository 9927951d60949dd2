//! Reads what one process did to the files below a folder out of a trace by `strace -xx -y`, step by step.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::disk::{Change, Disk};

/// What strace has to record.
pub const TRACE: &str = "trace=open,openat,close,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,\
                         unlink,unlinkat,mkdir,rmdir,link,linkat,clone,clone3,vfork,lseek,dup,dup2,writev,pwritev,\
                         copy_file_range,sendfile,fallocate,truncate,creat,exit_group";

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Step {
    Change(Change),
    SyncFile(usize, PathBuf),
    SyncFolder(PathBuf),
    /// This was written to standard output.
    Told(String),
    /// The command was started.
    Started,
    Ended,
}

struct Open {
    path: PathBuf,
    file: Option<usize>,
    at: usize,
    appends: bool,
}

/// The steps of the process that made the trace, from the disk as it was before.
pub fn steps(trace: &str, before: &Disk, root: &Path) -> Vec<Step> {
    let mut reader = Reader { disk: before.clone(), root, open: BTreeMap::new(), steps: Vec::new() };
    trace.lines().filter_map(Call::parse).for_each(|call| reader.take(&call));
    reader.steps
}

struct Reader<'a> {
    disk: Disk,
    root: &'a Path,
    open: BTreeMap<usize, Open>,
    steps: Vec<Step>,
}

impl Reader<'_> {
    fn change(&mut self, change: Change) {
        self.disk.make(&change);
        self.steps.push(Step::Change(change));
    }

    fn is_ours(&self, path: &Path) -> bool {
        path.starts_with(self.root) && !path.to_string_lossy().ends_with("-shm")
    }

    fn take(&mut self, call: &Call<'_>) {
        match call.name {
            "open" | "openat" => self.opened(call),
            "close" => drop(self.open.remove(&call.number(0))),
            "write" | "pwrite64" => self.written(call),
            "lseek" => {
                if let Some(open) = self.open.get_mut(&call.number(0)) {
                    open.at = call.result;
                }
            }
            "ftruncate" => {
                if let Some(file) = self.open.get(&call.number(0)).and_then(|open| open.file) {
                    self.change(Change::Resize { file, to: call.number(1) });
                }
            }
            "fsync" | "fdatasync" => {
                if let Some(open) = self.open.get(&call.number(0)) {
                    self.steps.push(match open.file {
                        Some(file) => Step::SyncFile(file, open.path.clone()),
                        None => Step::SyncFolder(open.path.clone()),
                    });
                }
            }
            "rename" | "renameat" | "renameat2" => {
                let [from, to] = [0, 1].map(|at| call.path(at));
                if self.is_ours(&to) {
                    self.change(Change::Rename { from, to });
                }
            }
            "unlink" | "unlinkat" | "rmdir" => {
                let path = call.path(0);
                if self.is_ours(&path) {
                    self.change(Change::Unname { path });
                }
            }
            "mkdir" => {
                let path = call.path(0);
                if self.is_ours(&path) {
                    self.change(Change::Folder { path });
                }
            }
            "clone" | "clone3" | "vfork" => self.steps.push(Step::Started),
            "exit_group" => self.steps.push(Step::Ended),
            other => panic!("a disk does not know {other}"),
        }
    }

    fn opened(&mut self, call: &Call<'_>) {
        let path = call.path(0);
        if !self.is_ours(&path) {
            return;
        }
        let known = self.disk.names.get(&path).copied();
        let file = match known {
            Some(file) => file,
            None if call.text.contains("O_CREAT") => {
                let file = self.disk.next_file();
                self.change(Change::Name { path: path.clone(), file });
                Some(file)
            }
            None => None,
        };
        if let Some(file) = file.filter(|_| call.text.contains("O_TRUNC")) {
            self.change(Change::Resize { file, to: 0 });
        }
        let appends = call.text.contains("O_APPEND");
        self.open.insert(call.result, Open { path, file, at: 0, appends });
    }

    fn written(&mut self, call: &Call<'_>) {
        let to = call.number(0);
        let bytes = call.bytes(0);
        let Some(open) = self.open.get_mut(&to) else {
            if to == 1 {
                self.steps.push(Step::Told(String::from_utf8_lossy(&bytes).into_owned()));
            }
            return;
        };
        let Some(file) = open.file else { return };
        let at = match call.name {
            "pwrite64" => call.last_number(),
            _ if open.appends => self.disk.size(file),
            _ => open.at,
        };
        open.at = at + bytes.len();
        self.change(Change::Write { file, at, bytes: bytes[..call.result].to_vec() });
    }
}

/// One line of a trace, of a call that succeeded.
struct Call<'a> {
    name: &'a str,
    text: &'a str,
    strings: Vec<&'a str>,
    result: usize,
}

impl<'a> Call<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, rest) = line.split_once('(')?;
        let (text, result) = rest.rsplit_once(" = ")?;
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let result = digits(result);
        if result.is_empty() && name != "exit_group" {
            return None;
        }
        assert!(!text.contains("\"..."), "a string was cut: {name}");
        // In hexadecimal no quote is inside of a string.
        let strings = text.split('"').skip(1).step_by(2).collect();
        Some(Self { name, text, strings, result: result.parse().unwrap_or(0) })
    }

    fn bytes(&self, at: usize) -> Vec<u8> {
        let codes = self.strings.get(at).copied().unwrap_or_default().split("\\x").skip(1);
        codes.map(|code| u8::from_str_radix(code, 16).unwrap()).collect()
    }

    fn path(&self, at: usize) -> PathBuf {
        use std::os::unix::ffi::OsStringExt as _;
        std::ffi::OsString::from_vec(self.bytes(at)).into()
    }

    fn number(&self, at: usize) -> usize {
        let argument = self.text.split(", ").nth(at).unwrap();
        let digits: String = argument.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(usize::MAX)
    }

    fn last_number(&self) -> usize {
        let argument = self.text.rsplit(", ").next().unwrap();
        argument.trim_end_matches(')').trim_end().trim_end_matches(')').parse().unwrap()
    }
}
