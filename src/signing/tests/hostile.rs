//! Everything the stock tools or common libraries let through, built byte by byte and refused.

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signer as _, SigningKey, Verifier as _};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256, Sha512};

use crate::signing::wire::put_string;
use crate::signing::{FileKey, Signature, SignatureError, Signer, signed_bytes};

const SPACE: &str = "decision.v1@q";
const MESSAGE: &[u8] = b"the decision";

/// The fields of a signature before they are laid out; each test spoils one.
#[derive(Clone)]
struct Forge {
    magic: Vec<u8>,
    version: u32,
    key: Vec<u8>,
    namespace: Vec<u8>,
    reserved: Vec<u8>,
    hash: Vec<u8>,
    inner: Vec<u8>,
    trailing: Vec<u8>,
}

impl Forge {
    fn of(key: Vec<u8>, inner: Vec<u8>) -> Self {
        Self {
            magic: b"SSHSIG".to_vec(),
            version: 1,
            key,
            namespace: SPACE.into(),
            reserved: Vec::new(),
            hash: b"sha512".to_vec(),
            inner,
            trailing: Vec::new(),
        }
    }

    fn honest() -> Self {
        Self::of(plain_key(secret().verifying_key().as_bytes()), plain_inner(&honest_bytes()))
    }

    fn armor(&self) -> String {
        let mut blob = self.magic.clone();
        blob.extend(self.version.to_be_bytes());
        for field in [&self.key, &self.namespace, &self.reserved, &self.hash, &self.inner] {
            put_string(&mut blob, field);
        }
        blob.extend(&self.trailing);
        armor(&blob, 70, "\n")
    }

    fn check(&self) -> Result<(), SignatureError> {
        Signature::parse(&self.armor())?.verify(SPACE, MESSAGE)
    }
}

fn armor(blob: &[u8], columns: usize, end: &str) -> String {
    let base64 = Base64::encode_string(blob);
    let lines = base64.as_bytes().chunks(columns).map(|line| std::str::from_utf8(line).unwrap());
    let lines =
        ["-----BEGIN SSH SIGNATURE-----"].into_iter().chain(lines).chain(["-----END SSH SIGNATURE-----"]);
    lines.map(|line| format!("{line}{end}")).collect()
}

fn secret() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn honest_bytes() -> [u8; 64] {
    secret().sign(&signed_bytes(SPACE, MESSAGE)).to_bytes()
}

fn strings(fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    fields.iter().for_each(|field| put_string(&mut bytes, field));
    bytes
}

fn plain_key(point: &[u8]) -> Vec<u8> {
    strings(&[b"ssh-ed25519", point])
}

fn plain_inner(signature: &[u8]) -> Vec<u8> {
    strings(&[b"ssh-ed25519", signature])
}

fn honest_armor() -> String {
    Signer::File(FileKey::from_seed(&[7; 32])).sign(SPACE, MESSAGE).unwrap()
}

fn malformed(forge: &Forge) -> bool {
    matches!(forge.check(), Err(SignatureError::Malformed(_)))
}

#[test]
fn the_unspoilt_signature_is_good_and_is_what_we_write() {
    assert_eq!(Forge::honest().check(), Ok(()));
    assert_eq!(Forge::honest().armor(), honest_armor());
}

#[test]
fn a_malleated_s_is_bad() {
    // The order of the base point (RFC 8032 section 5.1), little-endian; s + L fits the same equation.
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = honest_bytes();
    let mut carry = 0;
    for (byte, add) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + add + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    let forge = Forge { inner: plain_inner(&bytes), ..Forge::honest() };
    assert_eq!(forge.check(), Err(SignatureError::Bad));
}

#[test]
fn a_key_of_small_order_is_refused() {
    // With the identity as key, R = identity and s = 0 fit every message.
    let mut one = [0; 32];
    one[0] = 1;
    let mut signature = [0; 64];
    signature[0] = 1;
    let forge = Forge::of(plain_key(&one), plain_inner(&signature));
    assert!(matches!(forge.check(), Err(SignatureError::Key(_))));
}

#[test]
fn a_commitment_of_small_order_is_bad_even_where_the_equation_holds() {
    // R = identity and s = k·a; the scalars are built from the key's own, bit by bit.
    let mut bytes = [0; 64];
    bytes[0] = 1;
    let signed = signed_bytes(SPACE, MESSAGE);
    let key = secret().verifying_key();
    let hash = Sha512::new()
        .chain_update(&bytes[..32])
        .chain_update(key.as_bytes())
        .chain_update(&signed)
        .finalize();
    let a = secret().to_scalar();
    let one = a * a.invert();
    let bits = hash.iter().rev().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let k = bits.fold(one - one, |k, bit| if bit == 1 { k + k + one } else { k + k });
    bytes[32..].copy_from_slice((k * a).as_bytes());
    assert!(
        key.verify(&signed, &ed25519_dalek::Signature::from_bytes(&bytes)).is_ok(),
        "the lenient check takes it"
    );
    assert_eq!(Forge { inner: plain_inner(&bytes), ..Forge::honest() }.check(), Err(SignatureError::Bad));
}

#[test]
fn other_versions_magic_hashes_and_filled_reserved_fields_are_refused() {
    for version in [0, 2, u32::MAX] {
        assert!(malformed(&Forge { version, ..Forge::honest() }), "version {version}");
    }
    for hash in ["sha256", "SHA512", "sha1", "", "sha512 "] {
        assert!(malformed(&Forge { hash: hash.into(), ..Forge::honest() }), "{hash:?}");
    }
    assert!(malformed(&Forge { reserved: vec![0], ..Forge::honest() }));
    assert!(malformed(&Forge { magic: b"SSHSIH".to_vec(), ..Forge::honest() }));
}

#[test]
fn a_signature_in_another_form_is_told_which_part_is_wrong() {
    let spoilt = |spoil: &dyn Fn(&mut Forge)| {
        let mut forge = Forge::honest();
        spoil(&mut forge);
        forge.check()
    };
    let told = |why| Err(SignatureError::Malformed(why));
    assert_eq!(spoilt(&|f| f.magic[0] = b's'), told("its bytes do not start with SSHSIG"));
    assert_eq!(spoilt(&|f| f.version = 2), told("its version is not 1"));
    assert_eq!(spoilt(&|f| f.reserved = b"x".to_vec()), told("its reserved field is not empty"));
    assert_eq!(spoilt(&|f| f.hash = b"sha256".to_vec()), told("its hash is not sha512"));
    assert_eq!(spoilt(&|f| f.trailing = b"x".to_vec()), told("bytes follow its end"));
}

#[test]
fn armor_is_read_up_to_its_longest_and_no_further() {
    let of_length = |length: usize| Signature::parse(&"x".repeat(length));
    let longest = crate::signing::sshsig::LONGEST;
    assert_ne!(of_length(longest), Err(SignatureError::Malformed("it is too long")));
    for more in [1, 2] {
        assert_eq!(of_length(longest + more), Err(SignatureError::Malformed("it is too long")));
    }
}

#[test]
fn an_honest_sha256_signature_is_refused_too() {
    let mut signed = b"SSHSIG".to_vec();
    signed.extend(strings(&[SPACE.as_bytes(), b"", b"sha256", &Sha256::digest(MESSAGE)]));
    let inner = plain_inner(&secret().sign(&signed).to_bytes());
    assert!(malformed(&Forge { hash: b"sha256".to_vec(), inner, ..Forge::honest() }));
}

#[test]
fn bytes_after_any_end_are_refused() {
    let honest = Forge::honest();
    assert!(malformed(&Forge { trailing: vec![0], ..honest.clone() }));
    let longer = |field: &[u8]| [field, &[0]].concat();
    assert!(malformed(&Forge { inner: longer(&honest.inner), ..honest.clone() }));
    assert!(Forge { key: longer(&honest.key), ..honest.clone() }.check().is_err());
    assert!(malformed(&Forge { inner: plain_inner(&longer(&honest_bytes())), ..honest.clone() }));
    assert!(malformed(&Forge { inner: plain_inner(&honest_bytes()[..63]), ..honest }));
}

#[test]
fn namespaces_are_plain_and_the_right_one() {
    for bad in ["", "*", "a b", "a,b", "n\0", "n\n"] {
        assert!(malformed(&Forge { namespace: bad.into(), ..Forge::honest() }), "{bad:?}");
    }
    let other = Forge { namespace: b"file".to_vec(), ..Forge::honest() };
    assert!(matches!(other.check(), Err(SignatureError::WrongNamespace { .. })));
    let relabelled = Signature::parse(&other.armor()).unwrap();
    assert_eq!(relabelled.verify("file", MESSAGE), Err(SignatureError::Bad));
}

#[test]
fn key_and_signature_are_of_the_same_accepted_type() {
    let point = *secret().verifying_key().as_bytes();
    let inner = strings(&[b"ssh-rsa", &honest_bytes()]);
    assert!(malformed(&Forge { inner, ..Forge::honest() }));
    for name in ["ssh-rsa", "ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com", ""] {
        let key = strings(&[name.as_bytes(), &point]);
        assert!(Forge { key, ..Forge::honest() }.check().is_err(), "{name:?}");
    }
}

/// A token's signature; the secret is ours here, so a token can be imitated.
fn token(flags: u8, application: &str) -> Forge {
    const TYPE: &[u8] = b"sk-ssh-ed25519@openssh.com";
    let mut signed = Sha256::digest(application).to_vec();
    signed.extend([flags, 0, 0, 1, 44]);
    signed.extend(Sha256::digest(signed_bytes(SPACE, MESSAGE)));
    let mut inner = strings(&[TYPE, &secret().sign(&signed).to_bytes()]);
    inner.extend([flags, 0, 0, 1, 44]);
    let key = strings(&[TYPE, secret().verifying_key().as_bytes(), application.as_bytes()]);
    Forge::of(key, inner)
}

#[test]
fn a_hardware_key_counts_only_when_touched() {
    for touched in [0x01, 0x05] {
        assert_eq!(token(touched, "ssh:").check(), Ok(()));
        assert_eq!(
            Signature::parse(&token(touched, "ssh:").armor()).unwrap().to_armor(),
            token(touched, "ssh:").armor()
        );
    }
    for untouched in [0x00, 0x04, 0xfe] {
        assert_eq!(token(untouched, "ssh:").check(), Err(SignatureError::NoTouch));
    }
}

#[test]
fn flags_counter_and_application_are_under_the_signature() {
    let mut raised = token(0x00, "ssh:");
    let flags = raised.inner.len() - 5;
    raised.inner[flags] = 0x01;
    assert_eq!(raised.check(), Err(SignatureError::Bad));
    let mut counted = token(0x01, "ssh:");
    *counted.inner.last_mut().unwrap() ^= 1;
    assert_eq!(counted.check(), Err(SignatureError::Bad));
    let moved = Forge { key: token(0x01, "ssh:other").key, ..token(0x01, "ssh:") };
    assert_eq!(moved.check(), Err(SignatureError::Bad));
    assert!(matches!(token(0x01, "webauthn").check(), Err(SignatureError::Key(_))));
    let short = Forge { inner: token(0x01, "ssh:").inner[..flags].to_vec(), ..token(0x01, "ssh:") };
    assert!(malformed(&short), "without flags and counter");
}

#[test]
fn armor_has_one_layout() {
    let good = honest_armor();
    let blob = Base64::decode_vec(&good.lines().filter(|l| !l.starts_with('-')).collect::<String>()).unwrap();
    assert_eq!(armor(&blob, 70, "\n"), good);
    let others = [
        armor(&blob, 70, "\r\n"),
        armor(&blob, 76, "\n"),
        armor(&blob, 64, "\n"),
        armor(&blob, 10_000, "\n"),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        format!("\n{good}"),
        format!(" {good}"),
        format!("{good} "),
        format!("{good}{good}"),
        format!("comment\n{good}"),
        good.replacen('\n', " \n", 1),
        good.replacen('\n', "\n\n", 1),
        good.replacen("U1NI", "U1NI ", 1),
        good.replacen("\n-----END", "=\n-----END", 1),
        good.replacen("\n-----END", "\n=\n-----END", 1),
        good.replace("SSH SIGNATURE", "OPENSSH SIGNATURE"),
        good.to_lowercase(),
        String::new(),
    ];
    for other in others {
        assert!(matches!(Signature::parse(&other), Err(SignatureError::Malformed(_))), "{other}");
    }
}

#[test]
fn what_is_signed_is_laid_out_as_the_protocol_says() {
    let mut expected = b"SSHSIG\0\0\0\x01n\0\0\0\0\0\0\0\x06sha512\0\0\0\x40".to_vec();
    expected.extend(Sha512::digest(b"m"));
    assert_eq!(signed_bytes("n", b"m"), expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_of_the_armor_is_refused(at in 0..honest_armor().len(), to in 0u8..0x80) {
        let mut bytes = honest_armor().into_bytes();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(Signature::parse(&changed).and_then(|s| s.verify(SPACE, MESSAGE)).is_err());
    }

    #[test]
    fn any_changed_byte_of_the_message_is_refused(message: Vec<u8>, at: prop::sample::Index, by in 1u8..) {
        prop_assume!(!message.is_empty());
        let armored = Signer::File(FileKey::from_seed(&[9; 32])).sign(SPACE, &message).unwrap();
        let signature = Signature::parse(&armored).unwrap();
        prop_assert_eq!(signature.verify(SPACE, &message), Ok(()));
        let mut changed = message.clone();
        changed[at.index(message.len())] ^= by;
        prop_assert_eq!(signature.verify(SPACE, &changed), Err(SignatureError::Bad));
    }

    #[test]
    fn no_input_is_taken_that_we_would_not_write(text in "\\PC*|[A-Za-z0-9+/=\n]{0,400}") {
        let framed = format!("-----BEGIN SSH SIGNATURE-----\n{text}-----END SSH SIGNATURE-----\n");
        for input in [&text, &framed] {
            if let Ok(signature) = Signature::parse(input) {
                prop_assert_eq!(&signature.to_armor(), input);
            }
        }
    }

    #[test]
    fn no_blob_is_taken_that_we_would_not_write(at in 0..180usize, bytes: Vec<u8>, keep in 0..40usize) {
        let base64: String = honest_armor().lines().filter(|l| !l.starts_with('-')).collect();
        let mut blob = Base64::decode_vec(&base64).unwrap();
        let at = at.min(blob.len());
        let end = (at + keep).min(blob.len());
        blob.splice(at..end, bytes);
        let input = armor(&blob, 70, "\n");
        if let Ok(signature) = Signature::parse(&input) {
            prop_assert_eq!(signature.to_armor(), input);
        }
    }
}
