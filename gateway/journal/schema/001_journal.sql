-- Format 1 of the journal. Numbers only grow; a file that was released is never edited.

-- One row per run of the gateway. A run without closed_ms did not end well; the next one then
-- leaves a gap in the numbers, so that none is used twice even where the disk lost its tail.
CREATE TABLE session (
    boot        INTEGER PRIMARY KEY,
    boot_id     TEXT    NOT NULL,
    started_ms  INTEGER NOT NULL,
    first_seq   INTEGER NOT NULL,
    last_seq    INTEGER,
    closed_ms   INTEGER,
    recoveries  INTEGER NOT NULL DEFAULT 0
);

-- One row per event, appended only. No secondary index: it would double the cost of a commit.
-- The narrow columns stand before the wide one, so that they are read without overflow pages.
CREATE TABLE event (
    seq          INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL,
    account      TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    is_priority  INTEGER NOT NULL,
    received_ms  INTEGER NOT NULL,
    report_id    TEXT    NOT NULL,
    report_index INTEGER NOT NULL,
    report_count INTEGER NOT NULL,
    input        TEXT    NOT NULL,
    peer         TEXT    NOT NULL,
    monotonic_ns INTEGER NOT NULL,
    raw          BLOB    NOT NULL,
    identity     BLOB    NOT NULL,
    link         TEXT    NOT NULL,
    boot         INTEGER NOT NULL,
    checksum     INTEGER NOT NULL,
    json         BLOB    NOT NULL
);

-- An event like others before it: its form, and what fills that. The body is MessagePack: seq,
-- form, received_ms, peer, sequence, clock skew in ms, monotonic ns, raw bytes
-- (gateway/journal/alike.py).
CREATE TABLE alike (
    seq          INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL,
    form         INTEGER NOT NULL,
    received_ms  INTEGER NOT NULL,
    identity     BLOB    NOT NULL,
    checksum     INTEGER NOT NULL,
    body         BLOB    NOT NULL
);

-- What alike events share; the pieces are their JSON with a NUL between them where each event has
-- something of its own (gateway/journal/form.py). Written with the first event that needs it.
CREATE TABLE form (
    number       INTEGER PRIMARY KEY,
    boot         INTEGER NOT NULL,
    account      TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    is_priority  INTEGER NOT NULL,
    input        TEXT    NOT NULL,
    checksum     INTEGER NOT NULL,
    pieces       BLOB    NOT NULL
);

-- The same once more, on pages of its own: a damaged page of either loses no event.
CREATE TABLE form_copy (
    number       INTEGER PRIMARY KEY,
    boot         INTEGER NOT NULL,
    account      TEXT    NOT NULL,
    class        TEXT    NOT NULL,
    is_priority  INTEGER NOT NULL,
    input        TEXT    NOT NULL,
    checksum     INTEGER NOT NULL,
    pieces       BLOB    NOT NULL
);

CREATE TRIGGER form_has_copy AFTER INSERT ON form BEGIN
    INSERT INTO form_copy VALUES (
        NEW.number, NEW.boot, NEW.account, NEW.class, NEW.is_priority, NEW.input, NEW.checksum,
        NEW.pieces
    );
END;

-- The narrow table: what a start reads to know repeats again, and to count what is outstanding.
-- The key of a report stands with its first event. Being its primary key, a number stands for one
-- event only, of whichever table.
CREATE TABLE identity (
    seq          INTEGER PRIMARY KEY,
    digest       BLOB,
    received_ms  INTEGER NOT NULL,
    link         TEXT
);

-- In triggers, so that a group is one statement: each further one costs the writing thread a
-- fight for the interpreter lock (benchmarks/journal_append.py).
CREATE TRIGGER event_has_identity AFTER INSERT ON event BEGIN
    INSERT INTO identity VALUES (
        NEW.seq,
        CASE NEW.report_index WHEN 0 THEN NEW.identity END,
        NEW.received_ms,
        CASE NEW.report_index WHEN 0 THEN NEW.link END
    );
END;

CREATE TRIGGER alike_has_identity AFTER INSERT ON alike BEGIN
    INSERT INTO identity VALUES (NEW.seq, NEW.identity, NEW.received_ms, '');
END;

-- When the last event frame of a link came again: its window begins anew each time (REL-35).
CREATE TABLE link (
    link         TEXT    PRIMARY KEY,
    digest       BLOB    NOT NULL,
    received_ms  INTEGER NOT NULL
) WITHOUT ROWID;

-- Which events are done: one bit per seq, 4096 to a row, lowest bit first. Consumer '' holds the
-- events that are done; a name holds what that consumer confirmed while others still have to.
-- A lost or damaged row means "not done": its events are published again, never dropped.
CREATE TABLE done (
    page      INTEGER NOT NULL,
    consumer  TEXT    NOT NULL,
    bits      BLOB    NOT NULL,
    checksum  INTEGER NOT NULL,
    PRIMARY KEY (page, consumer)
) WITHOUT ROWID;
