//! Writes a value in canonical form as it is walked, without a tree of it in between.
//! Pure.

use std::fmt::{self, Write as _};
use std::ops::Range;

use serde::Serialize;
use serde::ser;

use super::canonical::{LARGEST, RecordError, check_key, is_plain, write_string};
use super::members::{Member, Members};
use crate::escaped::Escaped;

/// The canonical text of a value under the profile, of any length.
///
/// # Errors
/// When the value breaks the profile.
pub(super) fn written<T: Serialize + ?Sized>(value: &T) -> Result<String, RecordError> {
    let mut sheet = Sheet { out: String::with_capacity(512), members: Vec::new() };
    value.serialize(Writer { sheet: &mut sheet })?;
    Ok(sheet.out)
}

impl ser::Error for RecordError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Shape(Escaped::composed(&message.to_string()))
    }
}

const NO_INTEGER: RecordError = RecordError::Profile("a number that is not an integer from 0 to 2^53-1");

/// What was written so far, and the members of the objects that are open, outermost first.
pub(super) struct Sheet {
    pub(super) out: String,
    pub(super) members: Vec<Member>,
}

impl Sheet {
    pub(super) fn text(&self, range: &Range<usize>) -> &str {
        self.out.get(range.clone()).unwrap_or_default()
    }
}

pub(super) struct Writer<'a> {
    pub(super) sheet: &'a mut Sheet,
}

impl Writer<'_> {
    fn integer(self, number: Option<u64>) -> Result<(), RecordError> {
        let number = number.filter(|number| *number <= LARGEST).ok_or(NO_INTEGER)?;
        // A string takes whatever is written to it.
        let _ = write!(self.sheet.out, "{number}");
        Ok(())
    }
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = RecordError;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Members<'a>;

    fn serialize_bool(self, flag: bool) -> Result<(), RecordError> {
        self.sheet.out.push_str(if flag { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, number: i8) -> Result<(), RecordError> {
        self.integer(u64::try_from(number).ok())
    }

    fn serialize_i16(self, number: i16) -> Result<(), RecordError> {
        self.integer(u64::try_from(number).ok())
    }

    fn serialize_i32(self, number: i32) -> Result<(), RecordError> {
        self.integer(u64::try_from(number).ok())
    }

    fn serialize_i64(self, number: i64) -> Result<(), RecordError> {
        self.integer(u64::try_from(number).ok())
    }

    fn serialize_u8(self, number: u8) -> Result<(), RecordError> {
        self.integer(Some(number.into()))
    }

    fn serialize_u16(self, number: u16) -> Result<(), RecordError> {
        self.integer(Some(number.into()))
    }

    fn serialize_u32(self, number: u32) -> Result<(), RecordError> {
        self.integer(Some(number.into()))
    }

    fn serialize_u64(self, number: u64) -> Result<(), RecordError> {
        self.integer(Some(number))
    }

    fn serialize_f32(self, _: f32) -> Result<(), RecordError> {
        Err(NO_INTEGER)
    }

    fn serialize_f64(self, _: f64) -> Result<(), RecordError> {
        Err(NO_INTEGER)
    }

    fn serialize_char(self, letter: char) -> Result<(), RecordError> {
        self.serialize_str(letter.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), RecordError> {
        write_string(&mut self.sheet.out, text);
        Ok(())
    }

    // Ids, digests and times are written where they stand; what must be escaped is written once more.
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), RecordError> {
        let out = &mut self.sheet.out;
        out.push('"');
        let start = out.len();
        write!(out, "{value}").map_err(<RecordError as ser::Error>::custom)?;
        if out.get(start..).is_some_and(is_plain) {
            out.push('"');
        } else {
            let text = out.split_off(start);
            out.pop();
            write_string(out, &text);
        }
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), RecordError> {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Result<(), RecordError> {
        Err(RecordError::Profile("a null"))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), RecordError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), RecordError> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), RecordError> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), RecordError> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), RecordError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), RecordError> {
        check_key(name)?;
        let _ = write!(self.sheet.out, "{{\"{name}\":");
        value.serialize(Writer { sheet: &mut *self.sheet })?;
        self.sheet.out.push('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, RecordError> {
        self.sheet.out.push('[');
        Ok(List { sheet: self.sheet, first: true, end: "]" })
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, RecordError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, RecordError> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<List<'a>, RecordError> {
        check_key(name)?;
        let _ = write!(self.sheet.out, "{{\"{name}\":[");
        Ok(List { sheet: self.sheet, first: true, end: "]}" })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, RecordError> {
        Ok(Members::of(self.sheet, "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, RecordError> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Members<'a>, RecordError> {
        check_key(name)?;
        let _ = write!(self.sheet.out, "{{\"{name}\":");
        Ok(Members::of(self.sheet, "}}"))
    }
}

/// The items of a list, as they come.
pub(super) struct List<'a> {
    sheet: &'a mut Sheet,
    first: bool,
    end: &'static str,
}

impl List<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), RecordError> {
        if !std::mem::replace(&mut self.first, false) {
            self.sheet.out.push(',');
        }
        value.serialize(Writer { sheet: &mut *self.sheet })
    }

    fn done(self) -> Result<(), RecordError> {
        self.sheet.out.push_str(self.end);
        Ok(())
    }
}

/// serde tells four kinds of lists apart; in JSON they are one.
macro_rules! list {
    ($($kind:ident $item:ident),*) => {$(
        impl ser::$kind for List<'_> {
            type Ok = ();
            type Error = RecordError;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), RecordError> {
                self.item(value)
            }

            fn end(self) -> Result<(), RecordError> {
                self.done()
            }
        }
    )*};
}

list!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::canonical;
    use super::*;

    /// The slow way: a tree of it first.
    fn by_a_tree<T: Serialize>(value: &T) -> Option<String> {
        serde_json::to_value(value).ok().and_then(|tree| canonical(&tree).ok())
    }

    #[derive(Clone, Debug, Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Unit,
        New(String),
        Pair(u8, Vec<bool>),
        Fields {
            z: u64,
            b: Option<i64>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            a: Vec<Kind>,
        },
    }

    #[derive(Clone, Debug, Serialize)]
    #[serde(tag = "of")]
    enum Tagged {
        One { zeta: String, alpha: (char, u32) },
        Two(BTreeMap<String, Kind>),
    }

    #[derive(Clone, Debug, Serialize)]
    struct Whole {
        zz: Tagged,
        b: Kind,
        a: Vec<Kind>,
        a_1: f32,
        nothing: (),
    }

    fn kind() -> impl Strategy<Value = Kind> {
        let leaf = prop_oneof![
            Just(Kind::Unit),
            any::<String>().prop_map(Kind::New),
            (any::<u8>(), any::<Vec<bool>>()).prop_map(|(n, list)| Kind::Pair(n, list)),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let list = prop::collection::vec(inner, 0..4);
            (any::<u64>(), prop::option::weighted(0.9, -1_i64..=5), list).prop_map(|(z, b, a)| Kind::Fields {
                z: z >> 9,
                b,
                a,
            })
        })
    }

    fn tagged() -> impl Strategy<Value = Tagged> {
        prop_oneof![
            any::<(String, char, u32)>().prop_map(|(zeta, c, n)| Tagged::One { zeta, alpha: (c, n) }),
            prop::collection::btree_map("[a-z][a-z0-9_]{0,4}|[A-Z\"]?", kind(), 0..4).prop_map(Tagged::Two),
        ]
    }

    #[test]
    fn fields_in_any_order_are_written_in_that_of_their_names() {
        let kind = Kind::Fields { z: 1, b: Some(2), a: vec![Kind::Unit, Kind::Pair(3, vec![true])] };
        let text = written(&kind).unwrap();
        assert_eq!(text, r#"{"fields":{"a":["unit",{"pair":[3,[true]]}],"b":2,"z":1}}"#);
        assert_eq!(Some(text), by_a_tree(&kind));
    }

    #[test]
    fn what_the_profile_has_no_place_for_is_refused() {
        let none: Option<u8> = None;
        assert!(written(&none).is_err() && written(&()).is_err());
        assert!(written(&1.0_f64).is_err() && written(&-1_i8).is_err() && written(&u128::MAX).is_err());
        assert!(written(&(LARGEST + 1)).is_err() && written(&LARGEST).is_ok());
        for bad in [json!({"": 1}), json!({"A": 1}), json!({"a\"": 1}), json!({"a": {"é": 1}})] {
            assert!(written(&bad).is_err(), "{bad}");
        }
        assert!(written(&BTreeMap::from([(1, 1)])).is_err());
        let whole =
            Whole { zz: Tagged::Two(BTreeMap::new()), b: Kind::Unit, a: Vec::new(), a_1: 0.5, nothing: () };
        assert!(written(&whole).is_err());
    }

    #[test]
    fn a_member_that_comes_twice_is_refused() {
        struct Twice;
        impl Serialize for Twice {
            fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map([("a", 1), ("b", 2), ("a", 3)])
            }
        }
        assert!(written(&Twice).is_err());
    }

    /// Shown as it is, as ids, digests and times are.
    #[derive(Debug)]
    struct Shown(String);

    impl Serialize for Shown {
        fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&self.0)
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            9 => any::<String>().prop_map(Value::from),
            9 => any::<u64>().prop_map(|n| Value::from(n >> 10)),
            9 => any::<bool>().prop_map(Value::from),
            1 => Just(Value::Null),
            1 => any::<i64>().prop_map(Value::from),
            1 => any::<f64>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z][a-z0-9_]{0,6}|.?", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_tree_is_written_as_the_slow_writer_writes_it(value in value()) {
            prop_assert_eq!(written(&value).ok(), by_a_tree(&value));
        }

        #[test]
        fn any_type_is_written_as_the_slow_writer_writes_its_tree(kind in kind(), tagged in tagged()) {
            prop_assert_eq!(written(&kind).ok(), by_a_tree(&kind));
            prop_assert_eq!(written(&tagged).ok(), by_a_tree(&tagged));
        }

        #[test]
        fn what_is_shown_is_escaped_like_any_text(text in r#"[a-z"\\\n\x01é]{0,8}"#, other in any::<String>()) {
            let list = [Shown(text), Shown(other)];
            prop_assert_eq!(written(&list).ok(), by_a_tree(&list));
        }
    }
}
