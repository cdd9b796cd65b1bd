/*
 * history.row is what a listener counts by. A message's state: waiting (plain, no envelope yet), sealed (in the outbox),
 * sent (the relay has it on disk), failed; incoming ones are received. Its text is UTF-8 in a BLOB, for the binding for
 * Node 20 cuts a TEXT at its first zero.
 */
export const deviceMigrations: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE prekey (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, expires INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
   CREATE TABLE policy (epoch INTEGER PRIMARY KEY, link BLOB NOT NULL) STRICT;
   CREATE TABLE contact (
     user TEXT PRIMARY KEY, list BLOB NOT NULL, verified INTEGER NOT NULL DEFAULT 0, changed_list BLOB) STRICT, WITHOUT ROWID;
   CREATE TABLE session (
     user TEXT NOT NULL, device BLOB NOT NULL, ephemeral BLOB NOT NULL, retired INTEGER NOT NULL DEFAULT 0, bytes BLOB NOT NULL,
     PRIMARY KEY (user, device, ephemeral)) STRICT, WITHOUT ROWID;
   CREATE TABLE ledger (ephemeral BLOB PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE history (
     row INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, peer TEXT, direction TEXT, device BLOB, id TEXT, sequence INTEGER,
     sent_at INTEGER, recorded_at INTEGER NOT NULL, state TEXT, epoch INTEGER, text BLOB NOT NULL) STRICT;
   CREATE UNIQUE INDEX history_out ON history (peer, id) WHERE direction = 'out';
   CREATE UNIQUE INDEX history_in ON history (peer, device, id) WHERE direction = 'in';
   CREATE INDEX history_waiting ON history (state, row) WHERE state IN ('waiting', 'sealed');
   CREATE INDEX history_peer ON history (peer, row);
   CREATE TABLE outbox (
     row INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER, user TEXT NOT NULL, device BLOB NOT NULL, sequence INTEGER NOT NULL,
     epoch INTEGER NOT NULL, envelope BLOB NOT NULL, place BLOB NOT NULL, abandoned BLOB NOT NULL) STRICT;
   CREATE INDEX outbox_queue ON outbox (user, device, row);
   CREATE INDEX outbox_message ON outbox (message);
   CREATE TABLE sent (
     user TEXT NOT NULL, device BLOB NOT NULL, counter INTEGER NOT NULL, digest BLOB NOT NULL,
     PRIMARY KEY (user, device)) STRICT, WITHOUT ROWID;
   CREATE TABLE numbered (
     user TEXT NOT NULL, device BLOB NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (user, device)) STRICT, WITHOUT ROWID;
   CREATE TABLE heard (
     user TEXT NOT NULL, device BLOB NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (user, device)) STRICT, WITHOUT ROWID;
   CREATE TABLE taken (digest BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX taken_at ON taken (at);
   CREATE TABLE held (row INTEGER PRIMARY KEY, user TEXT NOT NULL, device BLOB NOT NULL, time INTEGER NOT NULL, envelope BLOB NOT NULL) STRICT;
   CREATE TABLE lease (only INTEGER PRIMARY KEY CHECK (only = 1), pid INTEGER NOT NULL, expires INTEGER NOT NULL) STRICT`,

  // Whoever was a contact before there were requests is known; what had been received had been seen. A message with a
  // lifetime gets the moment it goes when it is sent or read. What stands in the outbox without a message has its content
  // there, to be encrypted again. A receipt waits for its turn.
  `ALTER TABLE contact ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE contact ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE contact ADD COLUMN lifetime INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE contact ADD COLUMN read_row INTEGER NOT NULL DEFAULT 0;
   UPDATE contact SET accepted = 1, read_row = (SELECT coalesce(max(row), 0) FROM history);
   ALTER TABLE history ADD COLUMN lifetime INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE history ADD COLUMN goes_at INTEGER;
   CREATE INDEX history_goes ON history (goes_at) WHERE goes_at IS NOT NULL;
   CREATE INDEX history_forgotten ON history (recorded_at) WHERE kind = 'forgotten';
   ALTER TABLE outbox ADD COLUMN content BLOB;
   CREATE TABLE receipt (row INTEGER PRIMARY KEY, user TEXT NOT NULL, status TEXT NOT NULL, id TEXT NOT NULL) STRICT`,

  // a handshake is looked for among all sessions, prekeys by their kind, changed keys among all contacts
  `CREATE INDEX session_ephemeral ON session (ephemeral);
   CREATE INDEX prekey_kind ON prekey (kind, expires, id);
   CREATE INDEX contact_changed ON contact (user) WHERE changed_list IS NOT NULL`,

  // What grows old does so in running time. What was there before begins anew, which takes nothing away; a message with a
  // lifetime keeps what the latest entry says is left of it, but a day at least, for that entry's clock may have been wrong.
  `CREATE TABLE look (only INTEGER PRIMARY KEY CHECK (only = 1), running INTEGER NOT NULL, clock INTEGER NOT NULL) STRICT;
   ALTER TABLE prekey ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
   UPDATE taken SET at = 0;
   UPDATE ledger SET expires = 180 * 24 * 3600 * 1000;
   UPDATE history SET goes_at = max(
       min(goes_at - (SELECT max(recorded_at) FROM history), lifetime * 1000), min(lifetime * 1000, 24 * 3600 * 1000)
     ) WHERE goes_at IS NOT NULL;
   UPDATE history SET goes_at = 60 * 24 * 3600 * 1000 WHERE kind = 'forgotten';
   DROP INDEX history_forgotten`,

  // what the vault vouches for, see client/device/trust.ts
  `ALTER TABLE contact ADD COLUMN seal BLOB NOT NULL DEFAULT x''`,

  // receipts by what they are of and in their order, what waits by who it is for, and the oldest sessions answered
  `CREATE INDEX receipt_id ON receipt (user, id);
   CREATE INDEX receipt_order ON receipt (user, row);
   DROP INDEX history_waiting;
   CREATE INDEX history_unsent ON history (state, peer, row) WHERE state IN ('waiting', 'sealed');
   CREATE INDEX ledger_expires ON ledger (expires)`,

  // Before suite 2. The relay has dropped these prekeys: what is newest counts as expired, so that others are made. Mail that names them is
  // still read, and none is sealed to them any more.
  `UPDATE prekey SET expires = 0`,

  // a file beside a message: what says where it is, and its key
  `ALTER TABLE history ADD COLUMN attachment BLOB;
   CREATE INDEX history_attached ON history (row) WHERE attachment IS NOT NULL;
   DROP INDEX history_unsent;
   CREATE INDEX history_unsent ON history (state, peer, row) WHERE state IN ('uploading', 'waiting', 'sealed')`,

  // in a group several people write: a message is named by its author too
  `ALTER TABLE history ADD COLUMN author TEXT;
   DROP INDEX history_in;
   CREATE UNIQUE INDEX history_in ON history (peer, coalesce(author, ''), device, id) WHERE direction = 'in'`,

  // of what was sent to a group: how far it has come to each of those whom it was for
  `ALTER TABLE history ADD COLUMN confirmed BLOB`,

  // What a message answers, or an afterword says of others. A deletion may come before its message, or from another device: an author's messages are
  // looked for by their ids.
  `ALTER TABLE history ADD COLUMN about BLOB;
   CREATE INDEX history_named ON history (peer, id) WHERE direction = 'in';
   CREATE INDEX history_awaited ON history (peer, direction, coalesce(author, '')) WHERE kind = 'forgotten' AND state IS NULL`,
]
