-- Schema 1. Released statements never change; a later schema is a further file.

CREATE TABLE identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  origin TEXT NOT NULL,
  incarnation TEXT NOT NULL,
  log_key TEXT NOT NULL
) STRICT;

CREATE TABLE head (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  frontier BLOB NOT NULL,
  leaf BLOB NOT NULL,
  time_ms INTEGER NOT NULL
) STRICT;

-- seq is that of the event which opened the ticket: newest first needs no index of its own.
-- phase is the state's word, for an approved ticket the execution's.
-- due_ms: the deadline while pending, the approval's end while approved and unclaimed, else nothing.
CREATE TABLE tickets (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  phase TEXT NOT NULL,
  due_ms INTEGER,
  once BLOB,
  same BLOB,
  request_sha256 BLOB NOT NULL,
  verdict TEXT NOT NULL,
  deadline TEXT NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tickets_once ON tickets (uid, once) WHERE once IS NOT NULL;
CREATE UNIQUE INDEX tickets_same ON tickets (uid, same) WHERE same IS NOT NULL;
CREATE INDEX tickets_phase ON tickets (phase, seq);
CREATE INDEX tickets_uid ON tickets (uid, phase, seq);
CREATE INDEX tickets_due ON tickets (phase, due_ms, seq) WHERE due_ms IS NOT NULL;
CREATE TRIGGER tickets_stay BEFORE DELETE ON tickets
BEGIN SELECT RAISE(ABORT, 'a ticket is never deleted'); END;

-- How many tickets each requester has in each phase, so that nobody counts a million rows.
CREATE TABLE counts (
  uid INTEGER NOT NULL,
  phase TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (uid, phase)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER tickets_counted AFTER INSERT ON tickets
BEGIN
  INSERT INTO counts (uid, phase, n) VALUES (NEW.uid, NEW.phase, 1)
    ON CONFLICT (uid, phase) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tickets_recounted AFTER UPDATE OF phase, uid ON tickets
WHEN OLD.phase <> NEW.phase OR OLD.uid <> NEW.uid
BEGIN
  UPDATE counts SET n = n - 1 WHERE uid = OLD.uid AND phase = OLD.phase;
  INSERT INTO counts (uid, phase, n) VALUES (NEW.uid, NEW.phase, 1)
    ON CONFLICT (uid, phase) DO UPDATE SET n = n + 1;
END;

-- The guards keep our own mistakes out. Whoever owns the file can drop them: the tree shows that.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  ticket TEXT,
  kind TEXT NOT NULL,
  bytes TEXT NOT NULL,
  leaf BLOB NOT NULL,
  root BLOB NOT NULL
) STRICT;
CREATE INDEX events_ticket ON events (ticket, seq) WHERE ticket IS NOT NULL;
CREATE TRIGGER events_in_order BEFORE INSERT ON events
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'an event takes the next number'); END;
CREATE TRIGGER events_unchanged BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;

-- The newest event of each kind.
CREATE TABLE newest (kind TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER events_newest AFTER INSERT ON events
BEGIN
  INSERT INTO newest (kind, seq) VALUES (NEW.kind, NEW.seq)
    ON CONFLICT (kind) DO UPDATE SET seq = excluded.seq;
END;

-- Complete inner nodes of the tree, from level 1; level 0 are the events' leaves.
CREATE TABLE nodes (
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER nodes_unchanged BEFORE UPDATE ON nodes
BEGIN SELECT RAISE(ABORT, 'a node never changes'); END;
CREATE TRIGGER nodes_stay BEFORE DELETE ON nodes
BEGIN SELECT RAISE(ABORT, 'a node is never deleted'); END;

CREATE TABLE decisions (
  ticket TEXT NOT NULL REFERENCES tickets (id),
  seq INTEGER NOT NULL,
  nonce TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  statement TEXT NOT NULL,
  signature TEXT NOT NULL,
  PRIMARY KEY (ticket, seq),
  UNIQUE (ticket, nonce)
) STRICT;

CREATE TABLE blobs (digest BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
