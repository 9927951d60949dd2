//! Keys we never hold: in ssh-agent or in hardware, signing through the stock `ssh-keygen`, as git does.
//! Reads a `.pub` file and runs one program; believes nothing it says before checking it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::key::KeyError;
use super::public::PublicKey;
use super::sshsig::Signature;
use crate::escaped::Escaped;
use crate::files::read_limited;

/// A `.pub` file is one line.
const LONGEST: u64 = 16 * 1024;

/// Where what `ssh-keygen` says while signing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompts {
    /// To our own stderr: the request to touch a hardware key is seen (it is only made to a terminal).
    Terminal,
    /// Into the error, if there is one: no touch prompt is seen.
    Kept,
}

/// The stock program and how to run it.
#[derive(Debug, Clone)]
pub struct StockKeygen {
    /// Its path, or its name to be found in PATH.
    pub program: PathBuf,
    /// The agent's socket; without one the child finds it in its own environment.
    pub agent: Option<PathBuf>,
    /// Where its prompts go.
    pub prompts: Prompts,
}

impl Default for StockKeygen {
    fn default() -> Self {
        Self { program: "ssh-keygen".into(), agent: None, prompts: Prompts::Terminal }
    }
}

/// A key named by its `.pub` file.
#[derive(Debug, Clone)]
pub struct StockKey {
    keygen: StockKeygen,
    path: PathBuf,
    public: PublicKey,
}

impl StockKey {
    /// Reads the `.pub` file; the secret is asked for only when signing.
    ///
    /// # Errors
    /// When the file cannot be read, or holds another type of key.
    pub fn read(path: &Path, keygen: StockKeygen) -> Result<Self, KeyError> {
        let bytes = read_limited(path, LONGEST)?;
        let text = String::from_utf8_lossy(&bytes);
        let public = PublicKey::parse(text.strip_suffix('\n').unwrap_or(&text))
            .map_err(|source| KeyError::Public { path: Escaped::os(path), source })?;
        Ok(Self { keygen, path: path.to_owned(), public })
    }

    /// The key asked for.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, KeyError> {
        let program = Escaped::os(&self.keygen.program);
        let output = match self.run(namespace, message) {
            Ok(output) => output,
            Err(source) => return Err(KeyError::Start { program, source }),
        };
        if !output.status.success() {
            let said = self.said(&output.stderr);
            return Err(KeyError::Refused { program, status: output.status, said });
        }
        self.checked(namespace, message, &String::from_utf8_lossy(&output.stdout))
    }

    fn run(&self, namespace: &str, message: &[u8]) -> std::io::Result<Output> {
        let mut command = Command::new(&self.keygen.program);
        // Quiet: it need not say that it reads its input. The request to touch a key is made all the same.
        command.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(&self.path);
        if let Some(socket) = &self.keygen.agent {
            command.env("SSH_AUTH_SOCK", socket);
        }
        let stderr = match self.keygen.prompts {
            Prompts::Terminal => Stdio::inherit(),
            Prompts::Kept => Stdio::piped(),
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr).spawn()?;
        give(&mut child, message);
        child.wait_with_output()
    }

    // The program, or the agent behind it, may be old, lax or hostile.
    fn checked(&self, namespace: &str, message: &[u8], armored: &str) -> Result<String, KeyError> {
        let program = Escaped::os(&self.keygen.program);
        let signature = Signature::parse(armored).and_then(|signature| {
            signature.verify(namespace, message)?;
            Ok(signature)
        });
        let signature = signature.map_err(|source| KeyError::Unfit { program: program.clone(), source })?;
        if *signature.public_key() == self.public {
            Ok(armored.to_owned())
        } else {
            Err(KeyError::OtherKey { program, found: signature.public_key().fingerprint() })
        }
    }

    fn said(&self, stderr: &[u8]) -> Escaped {
        if self.keygen.prompts == Prompts::Terminal {
            return Escaped::trusted("its own message is above");
        }
        let text = String::from_utf8_lossy(stderr);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let telling: Vec<&str> = lines.filter(|line| !line.starts_with("Signing data on")).collect();
        Escaped::prose(telling.join("; ").as_bytes())
    }
}

// A child that refuses before it has read everything closes the pipe; its status then says why.
fn give(child: &mut Child, message: &[u8]) {
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(message);
    }
}
