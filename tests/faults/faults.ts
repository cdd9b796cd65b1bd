/** One small fault in the source, and the test that must fail because of it. */
export interface Fault {
  readonly name: string
  readonly file: string
  /** stands in the file exactly once */
  readonly find: string
  readonly replace: string
  readonly testFile: string
  /** a part of the failing test's full name */
  readonly test: string
}

export const faults: readonly Fault[] = [
  {
    name: 'a nonce used again',
    file: 'crypto/message.ts',
    find: 'const nonce = random(nonceSizeBytes)',
    replace: 'const nonce = new Uint8Array(nonceSizeBytes)',
    testFile: 'tests/crypto/message.test.ts',
    test: 'draws its nonces afresh',
  },
  {
    name: 'the commitment over the tag only',
    file: 'crypto/message.ts',
    find: 'derive<Digest>(labels.commitment, key, [nonce, associatedData, ciphertext])',
    replace: 'derive<Digest>(labels.commitment, key, [nonce, associatedData, ciphertext.subarray(-16)])',
    testFile: 'tests/crypto/message.test.ts',
    test: 'is refused with the first bit of the ciphertext turned',
  },
  {
    name: 'the commitment not checked',
    file: 'crypto/message.ts',
    find: '      body.commitment,\n',
    replace: '      commit(commitmentKey, body.nonce, associatedData, body.ciphertext),\n',
    testFile: 'tests/crypto/forgery.test.ts',
    test: 'cannot pass off',
  },
  {
    name: 'the stanza unbound from the message',
    file: 'crypto/message.ts',
    find: 'concat(context, encodeStanzas(stanzas))',
    replace: 'concat(context, encodeStanzas(stanzas).subarray(0, 0))',
    testFile: 'tests/crypto/message.test.ts',
    test: 'is refused with its stanza stripped',
  },
  {
    name: 'a recipient that does not make the stanza again',
    file: 'crypto/access/message-key-escrow.ts',
    find: '!equal(given.payload, right.payload)',
    replace: 'given.payload.length !== right.payload.length',
    testFile: 'tests/crypto/rogue.test.ts',
    test: 'is refused by one that complies',
  },
  {
    name: 'the context left out of the stanza',
    file: 'crypto/access/message-key-escrow.ts',
    find: 'const payload = concat(encryptionKey, context)',
    replace: 'const payload = concat(encryptionKey, encryptionKey)',
    testFile: 'tests/crypto/access.test.ts',
    test: 'needs nothing but the secret and the archive',
  },
  {
    name: 'the policy epoch unchecked',
    file: 'crypto/ratchet.ts',
    find: 'if (epoch < state.epoch)',
    replace: 'if (epoch < 0)',
    testFile: 'tests/crypto/ratchet-epochs.test.ts',
    test: 'may stay and rise, and never falls along a chain',
  },
  {
    name: 'a policy chain that may fork',
    file: 'crypto/policy.ts',
    find: 'if (!equal(policy.previous, head?.reference.digest ?? new Uint8Array(32)))',
    replace: 'if (policy.previous.length !== 32)',
    testFile: 'tests/crypto/policy.test.ts',
    test: 'fork',
  },
  {
    name: 'a message key that is not used up',
    file: 'crypto/ratchet.ts',
    find: '.filter((other) => other !== found)',
    replace: '.filter(() => true)',
    testFile: 'tests/crypto/ratchet.test.ts',
    test: 'refuses duplicates',
  },
  {
    name: 'no limit to skipping',
    file: 'crypto/ratchet.ts',
    find: 'if (index - chain.index > skipLimit) throw tooFarAhead()',
    replace: '',
    testFile: 'tests/crypto/ratchet-limits.test.ts',
    test: 'let a message skip 1,000 of its chain, and not one more',
  },
  {
    name: 'the KEM secret left out of the handshake',
    file: 'crypto/pqxdh.ts',
    find: '    decapsulate(keys.kem.secret, handshake.kemCiphertext),\n',
    replace: '    decapsulate(keys.kem.secret, handshake.kemCiphertext).fill(0),\n',
    testFile: 'tests/crypto/handshake.test.ts',
    test: 'gives both sides one root secret',
  },
  {
    name: 'the device records left out of the transcript',
    file: 'crypto/pqxdh.ts',
    find: '    encodeDeviceRecord(initiator),\n    encodeDeviceRecord(responder),\n',
    replace: '',
    testFile: 'tests/crypto/handshake.test.ts',
    test: 'gains nothing by a device record',
  },
  {
    name: 'prekey signatures unchecked',
    file: 'crypto/prekeys.ts',
    find: '    checkPrekey(owner, prekey)\n',
    replace: '',
    testFile: 'tests/crypto/handshake.test.ts',
    test: 'cannot offer a bundle that another device has signed',
  },
  {
    name: 'mixed-order signing keys let in',
    file: 'crypto/keys.ts',
    find: '    sodium.crypto_sign_ed25519_pk_to_curve25519(key)\n',
    replace: '',
    testFile: 'tests/crypto/weak-keys.test.ts',
    test: '',
  },
  {
    name: 'padding not checked',
    file: 'crypto/padding.ts',
    find: 'if (padded.subarray(end).some((byte) => byte !== 0))',
    replace: 'if (padded.length < 0)',
    testFile: 'tests/crypto/padding.test.ts',
    test: 'refuses padding that is not zero',
  },
  {
    name: 'an acknowledgement before the commit',
    file: 'server/mailbox.ts',
    find: '      jobs.push({ run, resolve, reject })\n',
    replace: '      jobs.push({ run, resolve, reject })\n      resolve()\n',
    testFile: 'tests/server/relay.test.ts',
    test: 'answers and delivers after the commit, never before',
  },
  {
    name: 'one-time prekeys handed out twice',
    file: 'server/store/sqlite-store.ts',
    find: "'DELETE FROM prekey WHERE device = ? AND id = (SELECT min(id)",
    replace: "'UPDATE prekey SET id = id WHERE device = ? AND id = (SELECT min(id)",
    testFile: 'tests/server/store.test.ts',
    test: 'hands out each prekey once',
  },
  {
    name: 'old epochs taken for ever',
    file: 'server/policy.ts',
    find: 'if (behind > 1 || (behind === 1 && late))',
    replace: 'if (behind > 1)',
    testFile: 'tests/server/relay.test.ts',
    test: 'takes the epoch before for 10 seconds',
  },
  {
    name: 'a recipient that forgets what it has taken in',
    file: 'client/inbox.ts',
    find: 'isNew(delivery) && take(delivery)',
    replace: 'take(delivery)',
    testFile: 'tests/client/delivery-faults.test.ts',
    test: 'that comes twice as if it were new',
  },
  {
    name: 'an envelope sent before its session is stored',
    file: 'client/outbox.ts',
    find: '          sessions.put(session)\n        }\n        for (const { row } of messages)',
    replace: '        }\n        for (const { row } of messages)',
    testFile: 'tests/client/crash.test.ts',
    test: 'each place is used once',
  },
]
