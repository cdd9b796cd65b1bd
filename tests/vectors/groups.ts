import { encodeContent, type GroupContent, groupDigest } from '../../crypto/content.ts'
import { digitsOf } from '../../crypto/fingerprint.ts'
import { orderChanges } from '../../crypto/group-order.ts'
import { derive, labels } from '../../crypto/kdf.ts'
import type { Digest } from '../../crypto/keys.ts'
import type { Deed, SignedChange } from '../../crypto/membership.ts'
import { bare, changeBy, founding, type GroupPerson, groupPerson, step } from '../support/group-people.ts'
import { seededRandom } from '../support/random.ts'

const people = ['alice', 'bob', 'carol'].map((name) => groupPerson(name, `vectors: ${name}`)) as [
  GroupPerson,
  GroupPerson,
  GroupPerson,
]
const [alice, bob, carol] = people

/** Section 10c: a group with a fork in it, what stands of it, its number, and the hash of a message. */
export function groups() {
  const made: { author: string; deed: Deed; signed: SignedChange }[] = []
  const make = (author: GroupPerson, upon: ReturnType<typeof step>['after'] | null, deed: Deed) => {
    const one = step(author, upon, deed)
    made.push({ author: author.user, deed, signed: one.signed })
    return one.after
  }
  const founded = make(alice, null, founding('Bücher'))
  const withBob = make(alice, founded, { kind: 'add', ...bare(bob) })
  const led = make(alice, withBob, { kind: 'promote', ...bare(bob) })
  const removed = make(alice, led, {
    kind: 'remove',
    ...bare(bob),
    spoken: [{ device: bob.device.record.id, from: 2, to: 7 }],
  })
  const renamed = make(alice, removed, { kind: 'rename', title: 'Books' })
  const timed = make(alice, renamed, { kind: 'lifetime', seconds: 604_800 })
  // made at the same time as the removal, by whom it removes
  const fallen = changeBy(bob, led, { kind: 'add', ...bare(carol) })
  made.push({ author: 'bob', deed: fallen.change.deed, signed: fallen })
  const order = orderChanges(made.map(({ signed }) => signed))
  const random = seededRandom('vectors: message to a group')
  const content: GroupContent = {
    kind: 'group',
    id: 'message-9',
    sequence: 9,
    sentAt: 1_700_000_000_009,
    abandoned: [],
    text: 'grüße 🗝',
    group: founded.group,
    head: timed.head,
    counter: 2,
    salt: random(32),
    previous: random(32) as Digest,
    heard: [{ device: bob.device.record.id, counter: 7, digest: random(32) as Digest }],
  }
  const { accountKey, id: device } = alice.device.record
  const number = derive<Uint8Array>(labels.groupNumber, founded.group, [timed.head], 60)
  return {
    people: people.map(({ user, device: { record }, signedList }) => ({
      user,
      accountKey: record.accountKey as Uint8Array,
      device: record.id as Uint8Array,
      signingKey: record.signingKey as Uint8Array,
      signedList,
    })),
    changes: made.map(({ author, deed, signed: { change, digest, bytes } }) => ({
      author,
      number: change.number,
      parent: change.parent as Uint8Array | null,
      listNumber: change.listNumber,
      deed,
      bytes,
      digest: digest as Uint8Array,
    })),
    group: founded.group as Uint8Array,
    standing: order?.standing.map(({ digest }) => digest) ?? [],
    digits: [...digitsOf(number.subarray(0, 30)), ...digitsOf(number.subarray(30))],
    message: {
      content,
      encoded: encodeContent(content),
      accountKey: accountKey as Uint8Array,
      device: device as Uint8Array,
      hash: groupDigest(content, accountKey, device) as Uint8Array,
    },
  }
}
