import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as book from '../vectors/by-the-book.ts'
import { type Vectors, vectorsFile } from '../vectors/v2.ts'

/* As own-vectors: what sections 3 and 10 say of linking, and of the kinds that the conversation has none of. */

const { derive, digest, field, join, optional, seal, text, u32, u64, u8 } = book

const v = JSON.parse(readFileSync(vectorsFile, 'utf8')) as Vectors

type Content = Vectors['contents'][0]
type Recorded = Vectors['backup']['records'][0]

function bodyOf(content: Content): [kind: number, body: string] {
  switch (content.kind) {
    case 'text':
      return [3, join(u32(content.lifetimeSeconds ?? 0), text(content.text))]
    case 'copy':
      return [4, join(text(content.to), u32(content.lifetimeSeconds ?? 0), text(content.text))]
    case 'receipt':
      return [5, join(u8(content.status === 'read' ? 2 : 1), u8(content.ids.length), ...content.ids.map(text))]
    case 'reset':
      return [2, text('')]
    case 'group':
      return [6, join(groupBody(content), u32(content.lifetimeSeconds ?? 0), text(content.text))]
    case 'news': {
      const { group, asks, changes, lists } = content
      return [
        7,
        join(group, u8(asks ? 1 : 0), ...[changes, lists].flatMap((some) => [u8(some.length), ...some.map(field)])),
      ]
    }
    case 'afterword':
      return [numberOf(content.said), join(content.to ? join(u8(1), text(content.to)) : u8(0), saidOf(content.said))]
    case 'group afterword':
      return [numberOf(content.said), join(u8(2), groupBody(content), saidOf(content.said))]
    case 'unknown':
      return [content.number, content.body]
  }
}

type Afterword = Extract<Content, { kind: 'afterword' }>['said']

const numberOf = ({ kind }: Afterword) => (kind === 'reaction' ? 8 : 9)
const saidOf = (said: Afterword): string =>
  said.kind === 'reaction'
    ? join(text(said.of.author), text(said.of.id), text(said.emoji))
    : join(u8(said.ids.length), ...said.ids.map(text))

const groupBody = ({
  group,
  head,
  counter,
  salt,
  previous,
  heard,
}: Pick<Extract<Content, { kind: 'group' }>, 'group' | 'head' | 'counter' | 'salt' | 'previous' | 'heard'>): string =>
  join(
    group,
    head,
    u64(counter),
    salt,
    previous,
    u8(heard.length),
    ...heard.map((said) => join(said.device, u64(said.counter), said.digest)),
  )

/** What stands behind the body. */
function extensionsOf(content: Content): string {
  const extensions: string[] = []
  if ('attachment' in content && content.attachment) {
    const { blob, key, root, sizeBytes, name, type, voiceMs } = content.attachment
    extensions.push(u8(2), field(join(blob, key, root, u64(sizeBytes), text(name), text(type))))
    if (voiceMs !== undefined) extensions.push(u8(5), field(u32(voiceMs)))
  }
  if ('answers' in content && content.answers)
    extensions.push(u8(6), field(join(text(content.answers.author), text(content.answers.id))))
  return join(...extensions)
}

describe('section 10', () => {
  it.each(v.contents)('makes a $kind', (content) => {
    const { id, sequence, sentAt, encoded } = content
    const [kind, body] = bodyOf(content)
    expect(join(u8(kind), text(id), u64(sequence), u64(sentAt), u8(0), body, extensionsOf(content))).toBe(encoded)
  })

  it('has every kind and status, with and without a lifetime', () =>
    expect(v.contents.map(({ encoded }) => encoded.slice(0, 2))).toEqual([
      '03',
      '04',
      '04',
      '05',
      '05',
      '03',
      '04',
      '03',
      '0a',
      '06',
      '06',
      '07',
      '07',
      '03',
      '04',
      '06',
      '08',
      '08',
      '09',
      '09',
      '08',
      '09',
    ]))
})

describe('section 10b', () => {
  const pieceSize = 2 * 65_536
  const cut = (hex: string, size: number) => hex.match(new RegExp(`.{1,${size}}`, 'g')) ?? []
  const node = (leaves: readonly string[]): string => {
    if (leaves.length === 1) return leaves[0] as string
    const left = 2 ** Math.floor(Math.log2(leaves.length - 1))
    return digest('attachment node', node(leaves.slice(0, left)), node(leaves.slice(left)))
  }

  it.each(v.attachments)(
    'seals a file of $sizeBytes bytes',
    ({ seed, sizeBytes, paddedBytes, key, blobDigest, root }) => {
      const file = digest('lab', seed)
        .repeat(Math.ceil(sizeBytes / 32))
        .slice(0, 2 * sizeBytes)
      const padded = file.padEnd(2 * paddedBytes, '0')
      const encryptionKey = derive('attachment encryption', key)
      const plain = cut(padded, pieceSize)
      const sealed = plain.map((piece, i) =>
        seal(encryptionKey, join('00'.repeat(19), u32(i), u8(i === plain.length - 1 ? 1 : 0)), piece),
      )
      expect(digest('lab', sealed.join(''))).toBe(blobDigest)
      const leaves = sealed.map((piece, i) => digest('attachment piece', u32(i), piece))
      expect(derive('attachment root', key, [u64(sizeBytes), node(leaves)])).toBe(root)
    },
  )

  it('has files of one piece and of several, of which the last is short', () =>
    expect(v.attachments.map(({ paddedBytes }) => paddedBytes)).toEqual([128, 1280, 65_536, 81_920, 327_680]))
})

describe('section 10f', () => {
  const { fileKey, head, records, pieces, piecesDigest } = v.backup
  const flag = (value: boolean) => u8(value ? 1 : 0)
  const states = ['restored', 'sent', 'delivered', 'read', 'failed']
  const bodies: { [Kind in Recorded['kind']]: (record: Extract<Recorded, { kind: Kind }>) => string } = {
    owner: (one) =>
      join(u8(1), text(one.user), one.accountKey, u64(one.madeAt), flag(one.refusesAccess), flag(one.receipts)),
    person: (one) =>
      join(
        u8(2),
        text(one.user),
        field(one.list),
        optional(one.changedList && field(one.changedList)),
        ...[one.verified, one.accepted, one.blocked].map(flag),
        u32(one.lifetimeSeconds),
      ),
    stranger: (one) => join(u8(3), text(one.user)),
    group: (one) => join(u8(4), text(one.peer), flag(one.isAccepted)),
    list: (one) => join(u8(5), field(one.signedList)),
    change: (one) => join(u8(6), field(one.signed)),
    muted: (one) => join(u8(7), text(one.peer), optional(one.until === null ? null : u64(one.until))),
    message: (one) =>
      join(
        u8(8),
        text(one.peer),
        flag(one.direction === 'out'),
        optional(one.author === null ? null : text(one.author)),
        one.device,
        text(one.id),
        u64(one.sentAt),
        u64(one.recordedAt),
        u8(states.indexOf(one.state)),
        optional(one.epoch === null ? null : u32(one.epoch)),
        u32(one.lifetimeSeconds),
        optional(one.leftMs === null ? null : u64(one.leftMs)),
        text(one.text),
        optional(one.attachment && field(one.attachment)),
      ),
  }

  it.each(records)('makes the record of a $kind', (record) => {
    expect((bodies[record.kind] as (one: Recorded) => string)(record)).toBe(record.encoded)
  })

  it('seals them in pieces of one length, under a key of the file and its lock', () => {
    const label = text('doormat backup 1')
    expect(head.startsWith(label)).toBe(true)
    const lock = head.slice(label.length + 8)
    const key = derive('backup encryption', fileKey, [lock])
    const plain = join(...records.map(({ encoded }) => field(encoded)), u32(0))
    const size = 2 * 65_536
    const padded = plain.padEnd(size * Math.ceil(plain.length / size), '0')
    const sealed = Array.from({ length: padded.length / size }, (_, i) =>
      seal(key, join('00'.repeat(19), u32(i), u8(i === pieces - 1 ? 1 : 0)), padded.slice(i * size, (i + 1) * size)),
    )
    expect([sealed.length, digest('lab', sealed.join(''))]).toEqual([pieces, piecesDigest])
  })
})

describe('section 10c', () => {
  const { people, changes, group, standing, digits, message } = v.groups
  const zeros = '00'.repeat(32)
  const kinds = ['found', 'add', 'remove', 'leave', 'rename', 'promote', 'demote', 'refresh', 'lifetime']
  type Deed = Vectors['groups']['changes'][0]['deed']
  const spokenIn = ({ spoken }: Extract<Deed, { kind: 'leave' | 'remove' }>) =>
    join(u8(spoken.length), ...spoken.map(({ device, from, to }) => join(device, u64(from), u64(to))))
  const askedBy = (deed: Deed): string => {
    if (deed.kind === 'refresh') return ''
    if (deed.kind === 'leave') return spokenIn(deed)
    if (deed.kind === 'found') return join(text(deed.title), deed.salt)
    if (deed.kind === 'rename') return text(deed.title)
    if (deed.kind === 'lifetime') return u32(deed.seconds)
    const person = join(text(deed.user), deed.accountKey)
    if (deed.kind !== 'remove') return person
    return join(person, spokenIn(deed))
  }
  const personCalled = (name: string) => people.find(({ user }) => user === name) ?? people[0]

  it.each(changes)('makes change $number by $author: $deed.kind', (change) => {
    const { author, number, parent, listNumber, deed, bytes, digest: over } = change
    const person = personCalled(author)
    const body = join(
      u8(1),
      number === 0 ? zeros : group,
      u32(number),
      parent ?? zeros,
      text(author),
      person?.accountKey ?? '',
      person?.device ?? '',
      u32(listNumber),
      u8(1 + kinds.indexOf(deed.kind)),
      askedBy(deed),
    )
    expect(bytes.slice(0, -128)).toBe(body)
    expect(digest('group change', body)).toBe(over)
    expect(book.verify('group change', person?.signingKey ?? '', body, bytes.slice(-128))).toBe(true)
  })

  it('names the group by its first change, and lets fall what a removed admin did meanwhile', () => {
    expect(changes[0]?.digest).toBe(group)
    expect(standing).toEqual(changes.slice(0, 6).map((change) => change.digest))
    expect(changes[6]).toMatchObject({ author: 'bob', number: 3 })
  })

  it('makes the number of the group', () => {
    const over = derive('group number', group, [standing.at(-1) ?? ''], 60)
    const numbers = (over.match(/.{10}/g) ?? []).map((five) => String(BigInt(`0x${five}`) % 100_000n).padStart(5, '0'))
    expect(numbers).toEqual(digits)
  })

  it('hashes a message without what differs from one recipient to the next', () => {
    const { content, accountKey, device, encoded, hash } = message
    const { id, sentAt } = content
    const whole = (sequence: number) =>
      join(u8(6), text(id), u64(sequence), u64(sentAt), u8(0), groupBody(content), u32(0), text(content.text))
    expect(whole(9)).toBe(encoded)
    expect(digest('group body', accountKey, device, whole(0))).toBe(hash)
  })
})

describe('section 3', () => {
  const { secret, code, slot, notes } = v.linking
  const root = digest('link root', secret)

  it('writes a code as base32 in groups of four', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
    const value = Array.from(code.replaceAll('-', '')).reduce(
      (sum, letter) => sum * 32n + BigInt(alphabet.indexOf(letter)),
      0n,
    )
    expect(value.toString(16).padStart(40, '0')).toBe(secret)
    expect(code).toMatch(/^([A-Z2-7]{4}-){7}[A-Z2-7]{4}$/)
  })

  it('says where the notes lie', () => expect(derive('link slot', root)).toBe(slot))

  it.each(notes)('seals the note of step $step', ({ step, nonce, note, sealed }) =>
    expect(join(nonce, seal(derive('link note', root), nonce, note, u8(step)))).toBe(sealed),
  )

  it('makes the number that both screens show', () => {
    const { policyKey, accountKey, account, device, record, digest: over, digits } = v.linking.number
    expect(digest('link number', policyKey, accountKey, account, device, record)).toBe(over)
    const groups = (over.slice(0, 60).match(/.{10}/g) ?? []).map((group) => BigInt(`0x${group}`) % 100_000n)
    expect(groups.map((group) => String(group).padStart(5, '0'))).toEqual(digits)
  })

  it('pins four steps and a field of 20 bytes', () =>
    expect([notes.map(({ step }) => step), field(secret).slice(0, 8)]).toEqual([[1, 2, 3, 4], u32(20)]))
})
