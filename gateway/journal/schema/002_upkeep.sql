-- Format 2: what the upkeep of a journal needs. Removal of old events, forms that go with them,
-- and the chain that tells whether a record was changed, taken away, added or moved.

-- Blocks of records, sealed some seconds after their commit. A block holds every record whose
-- number lies between the end of the one before it and its own last_seq. entries: for each record
-- that is still kept, 5 bytes of its number and 11 of its SHA-256; root: SHA-256 over all of
-- them as they were sealed; link: SHA-256 over the link before, this row and its root
-- (gateway/journal/chain.py).
CREATE TABLE chain (
    number     INTEGER PRIMARY KEY,
    last_seq   INTEGER NOT NULL,
    records    INTEGER NOT NULL,
    sealed_ms  INTEGER NOT NULL,
    root       BLOB    NOT NULL,
    link       BLOB    NOT NULL,
    entries    BLOB    NOT NULL
);

-- One row: what was removed so far, and the block that the chain begins behind.
CREATE TABLE removed (
    only         INTEGER PRIMARY KEY CHECK (only = 1),
    last_seq     INTEGER NOT NULL,
    events       INTEGER NOT NULL,
    received_ms  INTEGER NOT NULL,
    block        INTEGER NOT NULL,
    block_seq    INTEGER NOT NULL,
    link         BLOB    NOT NULL
);
INSERT INTO removed VALUES (1, 0, 0, 0, 0, 0, zeroblob(32));

-- Forms from first_form on, up to those of the next era, are used by events from first_seq on, up
-- to those of the next era, and by no others: with the events the forms can go.
CREATE TABLE era (
    first_form  INTEGER PRIMARY KEY,
    first_seq   INTEGER NOT NULL
);
INSERT INTO era VALUES (1, 1);
