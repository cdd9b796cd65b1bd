/** Mail has a rowid and an index on (device, sequence): five times faster to append to than with that primary key. */
const countShares =
  'INSERT INTO share SELECT device, sender, count(*), sum(length(envelope)) FROM mail GROUP BY device, sender'

/** What takes the relay's store from one version of its schema to the next. */
export const migrations: readonly string[] = [
  `CREATE TABLE account (user TEXT PRIMARY KEY, list BLOB NOT NULL) STRICT;
   CREATE TABLE device (
     row INTEGER PRIMARY KEY, user TEXT NOT NULL REFERENCES account(user), id BLOB NOT NULL,
     last_sequence INTEGER NOT NULL DEFAULT 0, mail_count INTEGER NOT NULL DEFAULT 0, mail_bytes INTEGER NOT NULL DEFAULT 0,
     UNIQUE (user, id)) STRICT;
   CREATE TABLE prekey (
     device INTEGER NOT NULL REFERENCES device(row), id INTEGER NOT NULL, kind TEXT NOT NULL, expires INTEGER NOT NULL,
     bytes BLOB NOT NULL, PRIMARY KEY (device, id)) STRICT, WITHOUT ROWID;
   CREATE INDEX prekey_kind ON prekey (device, kind, id);
   CREATE TABLE mail (
     device INTEGER NOT NULL REFERENCES device(row), sequence INTEGER NOT NULL, sender INTEGER NOT NULL REFERENCES device(row),
     time INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;
   CREATE UNIQUE INDEX mail_order ON mail (device, sequence);
   CREATE INDEX mail_time ON mail (time);
   CREATE TABLE sent (
     sender INTEGER NOT NULL REFERENCES device(row), recipient INTEGER NOT NULL REFERENCES device(row),
     counter INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (sender, recipient)) STRICT, WITHOUT ROWID;
   CREATE TABLE policy (epoch INTEGER PRIMARY KEY, link BLOB NOT NULL) STRICT`,

  // mail that a device sent before it was removed still says who sent it
  `ALTER TABLE device ADD COLUMN removed INTEGER NOT NULL DEFAULT 0`,

  `CREATE TABLE share (
     device INTEGER NOT NULL REFERENCES device(row), sender INTEGER NOT NULL REFERENCES device(row),
     mail_count INTEGER NOT NULL, mail_bytes INTEGER NOT NULL, PRIMARY KEY (device, sender)) STRICT, WITHOUT ROWID;
   ${countShares}`,

  // Mail grows old in running time. What was there before is as old as the newest mail says, and at most 29 days, so that
  // no clock that was wrong then makes all of it go at once.
  `CREATE TABLE look (only INTEGER PRIMARY KEY CHECK (only = 1), running INTEGER NOT NULL, clock INTEGER NOT NULL) STRICT;
   ALTER TABLE mail ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
   UPDATE mail SET since = max(time - (SELECT max(time) FROM mail), -29 * 24 * 3600 * 1000);
   DROP INDEX mail_time;
   CREATE INDEX mail_since ON mail (since)`,

  // an id belongs to the keys that it first had; for a device from before this rule, the list says which those are
  `ALTER TABLE device ADD COLUMN keys BLOB`,
  // Prekeys of suite 1, with which nobody begins a conversation any more: each device publishes others when it is next online.
  `DELETE FROM prekey`,

  // The relay counts in memory how full a mailbox is. Rows of devices are never deleted, so mail and counters need not be
  // checked against them each time.
  `DROP TABLE share;
   ALTER TABLE device DROP COLUMN mail_count;
   ALTER TABLE device DROP COLUMN mail_bytes;
   ALTER TABLE mail RENAME TO old_mail;
   CREATE TABLE mail (
     device INTEGER NOT NULL, sequence INTEGER NOT NULL, sender INTEGER NOT NULL, time INTEGER NOT NULL,
     since INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;
   INSERT INTO mail SELECT device, sequence, sender, time, since, envelope FROM old_mail ORDER BY rowid;
   DROP TABLE old_mail;
   CREATE UNIQUE INDEX mail_order ON mail (device, sequence);
   CREATE INDEX mail_since ON mail (since);
   ALTER TABLE sent RENAME TO old_sent;
   CREATE TABLE sent (
     sender INTEGER NOT NULL, recipient INTEGER NOT NULL, counter INTEGER NOT NULL, digest BLOB NOT NULL,
     PRIMARY KEY (sender, recipient)) STRICT, WITHOUT ROWID;
   INSERT INTO sent SELECT * FROM old_sent;
   DROP TABLE old_sent`,

  // How full a mailbox is, and by whom, stands in the index: of 10,000 messages no row need be read for that.
  `DROP INDEX mail_order;
   CREATE INDEX mail_order ON mail (device, sequence, sender, length(envelope))`,

  // How much room is taken is counted as it changes: of 100,000 blobs, none is looked at when another comes.
  `CREATE TABLE blob (
     id BLOB PRIMARY KEY, owner TEXT NOT NULL, size INTEGER NOT NULL, received INTEGER NOT NULL DEFAULT 0,
     since INTEGER NOT NULL, removed INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
   CREATE INDEX blob_since ON blob (since);
   CREATE INDEX blob_open ON blob (since) WHERE received < size;
   CREATE TABLE blob_account (
     owner TEXT PRIMARY KEY, count INTEGER NOT NULL, bytes INTEGER NOT NULL, open INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE blob_all (only INTEGER PRIMARY KEY CHECK (only = 1), count INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
   INSERT INTO blob_all VALUES (1, 0, 0);
   CREATE TRIGGER blob_reserved AFTER INSERT ON blob BEGIN
     INSERT INTO blob_account VALUES (new.owner, 1, new.size, 1)
       ON CONFLICT (owner) DO UPDATE SET count = count + 1, bytes = bytes + excluded.bytes, open = open + 1;
   END;
   CREATE TRIGGER blob_grown AFTER UPDATE OF received ON blob BEGIN
     UPDATE blob_account SET open = open - (new.received = new.size) WHERE owner = new.owner;
     UPDATE blob_all SET count = count + (old.received = 0), bytes = bytes + new.received - old.received;
   END;
   CREATE TRIGGER blob_gone AFTER DELETE ON blob BEGIN
     UPDATE blob_account SET count = count - 1, bytes = bytes - old.size, open = open - (old.received < old.size)
       WHERE owner = old.owner;
     DELETE FROM blob_account WHERE owner = old.owner AND count = 0;
     UPDATE blob_all SET count = count - (old.received > 0), bytes = bytes - old.received;
   END`,
]
