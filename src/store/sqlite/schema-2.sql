-- Schema 2. What tickets are found by, each kind in small letters: 1 who asks, 2 the environment, 3 the program;
-- and 4 how the commands begin that people approved, as digests. It only finds: nothing rests on it.
CREATE TABLE clues (
  kind INTEGER NOT NULL,
  value BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (kind, value, seq)
) STRICT, WITHOUT ROWID;
