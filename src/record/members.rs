//! The members of an object, put in order of their names where they do not come in it.
//! Pure. Writes on the sheet of the writer above it.

use std::ops::Range;

use serde::Serialize;
use serde::ser;

use super::canonical::{RecordError, check_key};
use super::writer::{Sheet, Writer};

/// The members of an object: which of the sheet's they are, and whether they are in order so far.
pub(super) struct Members<'a> {
    sheet: &'a mut Sheet,
    first: usize,
    sorted: bool,
    end: &'static str,
}

/// Where a member was written.
pub(super) struct Member {
    key: Range<usize>,
    /// Of key and value, without the comma.
    whole: Range<usize>,
}

impl<'a> Members<'a> {
    pub(super) fn of(sheet: &'a mut Sheet, end: &'static str) -> Self {
        sheet.out.push('{');
        let first = sheet.members.len();
        Self { sheet, first, sorted: true, end }
    }

    fn own(&self) -> &[Member] {
        self.sheet.members.get(self.first..).unwrap_or_default()
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), RecordError> {
        if !self.own().is_empty() {
            self.sheet.out.push(',');
        }
        let start = self.sheet.out.len();
        key.serialize(Writer { sheet: &mut *self.sheet })?;
        let text = start + 1..self.sheet.out.len().saturating_sub(1);
        check_key(self.sheet.text(&text))?;
        let follows = |before: &Member| self.sheet.text(&before.key) < self.sheet.text(&text);
        self.sorted &= self.own().last().is_none_or(follows);
        self.sheet.out.push(':');
        self.sheet.members.push(Member { key: text, whole: start..start });
        Ok(())
    }

    // Those of the objects in it are gone again behind the value.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), RecordError> {
        value.serialize(Writer { sheet: &mut *self.sheet })?;
        let end = self.sheet.out.len();
        self.sheet.members.last_mut().into_iter().for_each(|member| member.whole.end = end);
        Ok(())
    }

    fn done(mut self) -> Result<(), RecordError> {
        if !self.sorted {
            self.sort()?;
        }
        self.sheet.members.truncate(self.first);
        self.sheet.out.push_str(self.end);
        Ok(())
    }

    // Keys are ASCII, so their bytes sort as RFC 8785 wants them.
    fn sort(&mut self) -> Result<(), RecordError> {
        let mut members = self.sheet.members.split_off(self.first);
        let text = |member: &Member| self.sheet.text(&member.key);
        members.sort_by(|a, b| text(a).cmp(text(b)));
        if members.iter().zip(members.iter().skip(1)).any(|(a, b)| text(a) == text(b)) {
            return Err(RecordError::Profile("a key twice in one object"));
        }
        let begin = members.iter().map(|member| member.whole.start).min().unwrap_or(self.sheet.out.len());
        let inside = self.sheet.out.split_off(begin);
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                self.sheet.out.push(',');
            }
            let Range { start, end } = member.whole;
            self.sheet.out.push_str(inside.get(start - begin..end - begin).unwrap_or_default());
        }
        Ok(())
    }
}

impl ser::SerializeMap for Members<'_> {
    type Ok = ();
    type Error = RecordError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), RecordError> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), RecordError> {
        self.value(value)
    }

    fn end(self) -> Result<(), RecordError> {
        self.done()
    }
}

macro_rules! members {
    ($($kind:ident),*) => {$(
        impl ser::$kind for Members<'_> {
            type Ok = ();
            type Error = RecordError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), RecordError> {
                self.key(key)?;
                self.value(value)
            }

            fn end(self) -> Result<(), RecordError> {
                self.done()
            }
        }
    )*};
}

members!(SerializeStruct, SerializeStructVariant);
