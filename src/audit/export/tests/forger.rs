//! Somebody who has a bundle, our code and perhaps the log's key, and no reviewer's.
//! For tests only.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::audited;
use crate::audit::bundle::hex;
use crate::audit::{Given, Report};
use crate::ids::Digest;
use crate::log::checkpoint::Checkpoint;
use crate::log::logkey::LogKey;
use crate::log::sums::SignedSums;
use crate::log::tree::{Frontier, empty_root, leaf_hash};
use crate::record::canonical;

/// A bundle's files, to be changed at will.
#[derive(Clone)]
pub struct Forged(pub BTreeMap<String, Vec<u8>>);

impl Forged {
    /// A bundle in a folder.
    pub fn read(path: &Path) -> Self {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(path).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                for inner in std::fs::read_dir(entry.path()).unwrap().map(Result::unwrap) {
                    let inner_name = inner.file_name().into_string().unwrap();
                    files.insert(format!("{name}/{inner_name}"), std::fs::read(inner.path()).unwrap());
                }
            } else {
                files.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
        Self(files)
    }

    /// What an auditor says of it.
    pub fn audited(&self, given: Given) -> Report {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in &self.0 {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        audited(folder.path(), given)
    }

    /// The lines of the log.
    pub fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0["events.jsonl"].clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The same with other lines, and nothing else done about it.
    pub fn with_lines(&self, lines: &[String]) -> Self {
        let mut forged = self.clone();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        forged.0.insert("events.jsonl".to_owned(), text.into_bytes());
        forged
    }

    /// The same with one file changed.
    pub fn with(&self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let mut forged = self.clone();
        forged.0.insert(name.to_owned(), bytes.into());
        forged
    }

    /// The same without one file.
    pub fn without(&self, name: &str) -> Self {
        let mut forged = self.clone();
        forged.0.remove(name).unwrap();
        forged
    }

    /// The list made anew and signed with the log's key.
    pub fn relisted(mut self, key: &LogKey) -> Self {
        self.0.remove("SHA256SUMS");
        self.0.remove("SHA256SUMS.note");
        let line = |(name, bytes): (&String, &Vec<u8>)| format!("{}  {name}\n", hex(&Digest::of(bytes)));
        let list: String = self.0.iter().map(line).collect();
        let note = SignedSums::sign(key, &Digest::of(list.as_bytes())).to_string();
        self.0.insert("SHA256SUMS".to_owned(), list.into_bytes());
        self.0.insert("SHA256SUMS.note".to_owned(), note.into_bytes());
        self
    }

    /// The whole log made anew from these lines: numbers, chain, tree, signed head, manifest, statements, list.
    pub fn rewritten(&self, lines: &[String], key: &LogKey) -> Self {
        let (mut frontier, mut prev, mut text, mut events) =
            (Frontier::new(), empty_root(), Vec::new(), Vec::<Value>::new());
        for line in lines {
            let mut value: Value = serde_json::from_str(line).unwrap();
            value["seq"] = json!(events.len());
            value["prev"] = json!(prev);
            let bytes = canonical(&value).unwrap();
            prev = leaf_hash(bytes.as_bytes());
            frontier.append(prev);
            text.push(bytes);
            events.push(value);
        }
        let mut forged = self.with_lines(&text);
        forged.0.retain(|name, _| !name.starts_with("checkpoints/") && !name.starts_with("statements/"));
        for event in &events {
            let what = &event["what"];
            let signed = if what["decision"].is_object() { &what["decision"] } else { &what["reconciled"] };
            for (ending, field) in [("json", "statement"), ("json.sig", "signature")] {
                if let Some(text) = signed[field].as_str() {
                    forged.0.insert(format!("statements/{}.{ending}", event["seq"]), text.into());
                }
            }
        }
        let (size, root) = (frontier.size(), frontier.root());
        let head = Checkpoint { origin: key.name().clone(), size, root }.sign(key).unwrap();
        forged.0.insert(format!("checkpoints/{size}"), head.to_string().into_bytes());
        let mut manifest: Value = serde_json::from_slice(&self.0["bundle.json"]).unwrap();
        manifest["size"] = json!(size);
        manifest["events"] = json!(size);
        manifest["root"] = json!(root);
        if let Some(last) = events.last() {
            manifest["incarnation"] = last["incarnation"].clone();
        }
        forged.0.insert("bundle.json".to_owned(), canonical(&manifest).unwrap().into_bytes());
        forged.relisted(key)
    }
}
