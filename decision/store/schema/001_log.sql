-- Format 1 of the fact log. Numbers only grow; a file that was released is never edited.

-- One row per fact, appended only: every state of the decision core is a fold over these rows.
-- event_id stands with the one fact that an event of the gateway caused, and may stand there once:
-- so an event has one effect, however often it is delivered.
-- digest is SHA-256 over the row and the digest before it (decision/store/chain.py).
CREATE TABLE fact (
    seq       INTEGER PRIMARY KEY,
    at_us     INTEGER NOT NULL,
    subject   TEXT    NOT NULL,
    actor     BLOB    NOT NULL,
    kind      TEXT    NOT NULL,
    body      BLOB    NOT NULL,
    event_id  TEXT,
    digest    BLOB    NOT NULL
) STRICT;

CREATE INDEX fact_of_subject ON fact (subject, seq);
CREATE UNIQUE INDEX fact_of_event ON fact (event_id) WHERE event_id IS NOT NULL;

-- What was recorded stays as it was recorded.
CREATE TRIGGER fact_is_never_changed BEFORE UPDATE ON fact BEGIN
    SELECT raise(ABORT, 'facts are never changed');
END;
CREATE TRIGGER fact_is_never_deleted BEFORE DELETE ON fact BEGIN
    SELECT raise(ABORT, 'facts are never deleted');
END;
-- INSERT OR REPLACE deletes without asking the trigger above; so a number is only ever taken once,
-- the numbers have no gap, and an event id is refused before it could replace anything.
CREATE TRIGGER fact_is_next BEFORE INSERT ON fact
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM fact)
BEGIN
    SELECT raise(ABORT, 'a fact takes the next number');
END;
CREATE TRIGGER fact_of_event_is_one BEFORE INSERT ON fact
WHEN NEW.event_id IS NOT NULL AND EXISTS (SELECT 1 FROM fact WHERE event_id = NEW.event_id)
BEGIN
    SELECT raise(ABORT, 'an event has one effect');
END;

-- Derived from the facts and rebuilt from them when it is lost: which subjects wait for something.
CREATE TABLE mark (
    subject   TEXT    PRIMARY KEY,
    is_open   INTEGER NOT NULL,
    due_us    INTEGER,
    site      TEXT    NOT NULL,
    first_us  INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mark_open ON mark (subject) WHERE is_open;
CREATE INDEX mark_due ON mark (due_us) WHERE due_us IS NOT NULL;
CREATE INDEX mark_of_site ON mark (site, first_us) WHERE site <> '';
CREATE INDEX mark_by_time ON mark (first_us);

-- One row: by which version of the rules the marks were made; another one makes them anew.
CREATE TABLE marks_made_by (version INTEGER NOT NULL) STRICT;
INSERT INTO marks_made_by VALUES (0);
