import { equal, utf8 } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import type { SignedPolicy } from '../../crypto/policy.ts'
import type { Random } from '../../crypto/random.ts'
import { type Connection, type Delivery, type Listener, type Relay, RelayError } from '../../server/api.ts'
import { connectAs, isRefusal } from './connecting.ts'
import type { Device } from './device.ts'
import type { ForOne } from './outbox.ts'
import { createPartners } from './partners.ts'
import { patient } from './patience.ts'
import { isRecent } from './recent.ts'
import { noteRegistration, registrationOf } from './registration.ts'
import { createTransmitter } from './transmitter.ts'
import { createUploads } from './uploads.ts'

const receiveAtOnce = 64
/** A relay that has nothing more to deliver is quiet for longer. */
const quietMs = 1_000
const removedAtOnce = 4
/** What waits in memory to be taken in: sixteen times what a relay may have under way. */
const waitingMaximumBytes = 16 * 1024 * 1024
/** for each envelope or link, whatever its size */
const overheadBytes = 256
const publishEveryMs = 6 * 3600 * 1000
/** What is counted on from here has to stay a number that JavaScript counts exactly. */
const counterMaximum = 2 ** 48

/** One connection of a device to its relay, worked in turns. */
export interface Link {
  /** What comes before anything else: the policy chain, our devices, what the relay remembers of our sending, our prekeys. */
  begin(): Promise<void>
  /**
   * Takes in what has come, sends what is to go.
   * @returns whether anything was done
   * @throws RelayError when the connection is over
   */
  turn(): Promise<boolean>
  /** Whether something has come that a turn would take in. */
  hasNews(): boolean
  /** Whether an answer of the relay's to what was handed in is still to come. */
  isWaiting(): boolean
  /** Until something comes, or that long. */
  idle(ms: number): Promise<void>
  readonly close: () => void
}

/** The relay has ended the connection because it takes no files: that is told in the history, and all else goes on. */
export class FileRefused extends RelayError {}

const forked = () =>
  new CryptoError('policy-broken', 'the relay shows another access policy than it did before, under the same epoch')

/** @throws ClientError `wrong-relay` | `name-lost` | RelayError */
export async function openLink(device: Device, relay: Relay, random: Random, clock: () => number): Promise<Link> {
  const { store, self, outbox, inbox, policies, contacts, prekeys, history, conversations, groupSending } = device
  const ourName = self.device.record.user
  const deliveries: Delivery[] = []
  const links: Uint8Array[] = []
  /** of what waits in both */
  let waitingBytes = 0
  let over: RelayError | null = null
  let published = 0
  /** since when nothing has come, by a clock that nobody sets */
  let quietSince = performance.now()
  let hasRefreshed = false
  let wake = () => {}
  /** whether a message has been written since the last turn began */
  let isWritten = false

  /** An honest relay waits for acknowledgements: one that does not has lost the connection. */
  function hasRoomFor(bytes: Uint8Array): boolean {
    waitingBytes += bytes.length + overheadBytes
    if (waitingBytes > waitingMaximumBytes)
      over ??= new RelayError('internal', 'the relay sends more than it may before it is acknowledged')
    return over === null
  }

  const listener: Listener = {
    ready: () => undefined,
    deliver(delivery) {
      if (hasRoomFor(delivery.envelope)) deliveries.push(delivery)
      wake()
    },
    policy(link) {
      if (hasRoomFor(link)) links.push(link)
      wake()
    },
    closed(error) {
      over = error ?? new RelayError('unreachable', 'the connection is closed')
      wake()
    },
  }

  const connection: Connection = patient(await connectAs(self, relay, listener))
  const stopWatching = device.onWritten(() => {
    isWritten = true
    wake()
  })

  const head = () => {
    const policy = policies.head()
    if (!policy) throw new RelayError('internal', 'the relay has published no access policy')
    return policy
  }

  const partners = createPartners(device, connection, head, random, clock)
  const transmitter = createTransmitter(outbox, connection, partners, clock, () => wake())
  const uploads = createUploads(device, relay, connection, random, () => wake())

  /**
   * Whatever has come of the policy is known before anything is sealed, also what came while devices were asked for. A link that
   * is refused ends the turn, and stays.
   * @returns whether there was anything
   */
  function takePolicy(): boolean {
    const isNews = links.length > 0
    for (let link = links[0]; link; link = links[0]) {
      policies.append(link)
      links.shift()
      waitingBytes -= link.length + overheadBytes
    }
    return isNews
  }

  async function catchUpPolicy(): Promise<void> {
    const known = policies.head()
    const links = await relay.policies(known?.policy.epoch ?? 0)
    for (const link of links) policies.append(link)
    if (known && links.length === 0) await checkHead(known)
  }

  /** A relay with nothing newer has our head as its own, or has lost it, or shows another in its place. */
  async function checkHead({ policy: { epoch }, bytes }: SignedPolicy): Promise<void> {
    const [theirs] = await relay.policies(epoch - 1)
    if (!theirs) return giveBack(epoch)
    if (!equal(theirs, bytes)) throw forked()
  }

  /** A relay that has gone back behind our chain is given it again. */
  async function giveBack(last: number): Promise<void> {
    for (let epoch = (await relay.access()).epoch + 1; epoch <= last; epoch++) {
      const lost = policies.at(epoch)
      if (lost)
        await relay.returnPolicy(lost.bytes).catch((error: unknown) => {
          throw isRefusal(error, 'out-of-order') ? forked() : error
        })
    }
  }

  /** A relay that has gone back behind a list of ours is given it again; one that shows another account is told of. */
  async function catchUpDevices(): Promise<void> {
    try {
      self.adopt(policies.present(await connection.devices(ourName)).signedList)
      if (store.meta('own account')) store.dropMeta('own account')
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      if (error.code === 'list-went-back') return relay.register(self.signedList)
      const told = store.meta('own account')
      if (told && equal(told, utf8(error.code))) return
      store.setMeta('own account', utf8(error.code))
      history.notice('own-account', null, { text: error.code })
    }
  }

  async function reconcile(): Promise<void> {
    const counters = await connection.sent()
    if (counters.some(({ counter }) => counter > counterMaximum))
      throw new RelayError('internal', 'the relay says that more was sent than anybody can have sent')
    if (outbox.reconcile(counters)) return
    await prekeys.republish(connection)
    for (const { id } of self.others()) await partners.startAnew({ user: ourName, device: id })
    for (const { user, list } of contacts.all())
      for (const { id } of list.devices) await partners.startAnew({ user, device: id })
    outbox.renewed()
  }

  async function replacePrekeys(): Promise<void> {
    history.notice('rolled-back', null, {
      text: 'the relay has prekeys that this store does not know: new ones follow',
    })
    await prekeys.republish(connection)
  }

  async function receive(): Promise<boolean> {
    const batch = deliveries.splice(0, receiveAtOnce)
    for (const { envelope } of batch) waitingBytes -= envelope.length + overheadBytes
    if (batch.length === 0) return false
    if (inbox.needsPolicy(batch, head().policy.epoch)) await catchUpPolicy()
    const { acknowledge, resets, opened, doubtful, unmet } = inbox.receive(batch)
    await connection.acknowledge(acknowledge)
    if (doubtful && (await prekeys.isBehind(connection))) await replacePrekeys()
    else if (opened) await prekeys.publish(connection)
    for (const address of resets) await partners.startAnew(address)
    for (const user of unmet) await partners.meet(user)
    return true
  }

  /** @returns how many messages are on their way now that were not */
  async function seal(users: readonly string[]): Promise<number> {
    const ready: ForOne[] = []
    for (const user of users)
      await partners.forOne(user, async () => {
        const theirs = await partners.theirs(user)
        if (theirs.length > 0) ready.push({ user, devices: [...theirs, ...(await partners.ours())] })
      })
    takePolicy()
    const open = ready.filter(({ user }) => !partners.isClosedTo(user))
    try {
      return outbox.sealForMany(open, head())
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      return sealForEach(open)
    }
  }

  /** Where one of them cannot be written to, the others can. */
  async function sealForEach(open: readonly ForOne[]): Promise<number> {
    let sealed = 0
    for (const { user, devices } of open)
      await partners.forOne(user, async () => {
        sealed += outbox.seal(user, devices, head())
      })
    return sealed
  }

  function sealReceipts(): number {
    const owed = outbox.owesReceipts().filter((user) => !partners.isClosedTo(user))
    for (const user of owed) outbox.sealReceipt(user, contacts.get(user)?.list.devices ?? [], head())
    return owed.length
  }

  /** @returns how much of what people are owed of their groups is on its way now */
  async function sealForGroups(): Promise<number> {
    if (groupSending.isWaiting()) groupSending.place((await partners.ours()).length > 0)
    const ready: ForOne[] = []
    for (const user of groupSending.owed()) {
      if (partners.isParked(user) || partners.isClosedTo(user)) continue
      await partners.forOne(user, async () => {
        const devices = user === ourName ? await partners.ours() : await partners.theirs(user)
        if (devices.length > 0) ready.push({ user, devices })
        // a device that is linked or added later is not told what was said before
        else if (user === ourName) groupSending.letGo(user)
      })
    }
    takePolicy()
    const open = ready.filter(({ user }) => !partners.isClosedTo(user))
    const sealed = open.length === 0 ? 0 : await sealOwed(open)
    outbox.settleGroups()
    return sealed
  }

  /** Where one of them cannot be written to, the others can. */
  async function sealOwed(open: readonly ForOne[]): Promise<number> {
    try {
      return outbox.sealForGroups(open, head())
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error
      let sealed = 0
      for (const one of open)
        await partners.forOne(one.user, async () => {
          sealed += outbox.sealForGroups([one], head())
        })
      return sealed
    }
  }

  /** Files of deleted messages, at most so many a turn. What the relay refuses to remove goes with its time. */
  async function removeUnwanted(): Promise<void> {
    for (const blob of device.afterwords.unwanted().slice(0, removedAtOnce)) {
      try {
        await connection.removeBlob(blob)
      } catch (error) {
        if (!(error instanceof RelayError) || error.code === 'unreachable' || error.code === 'too-many') return
      }
      store.transaction(() => device.afterwords.removed(blob))
    }
  }

  async function send(): Promise<boolean> {
    const { settled, disputed } = transmitter.settle()
    for (const { to, stale } of disputed) {
      await reconcile()
      if (!stale) continue
      await catchUpPolicy()
      if (!partners.isClosedTo(to.user)) outbox.reseal(to, head())
    }
    for (const user of device.toMeet.all()) {
      await partners.meet(user)
      device.toMeet.remove(user)
    }
    takePolicy()
    const writable = outbox.waitingFor().filter((user) => !partners.isParked(user) && !partners.isClosedTo(user))
    const sealed = sealReceipts() + (await seal(writable)) + (await sealForGroups())
    transmitter.transmit()
    return settled || sealed > 0
  }

  /** What waits until all that was there has been read: a change upon an old one would be made beside the newer ones. */
  function whenQuiet(): void {
    if (!hasRefreshed) device.groups.refresh()
    hasRefreshed = true
    device.groups.letGo()
    device.groups.withdraw()
  }

  const hasNews = () =>
    over !== null || isWritten || deliveries.length + links.length > 0 || uploads.hasNews() || transmitter.hasNews()

  return {
    async begin() {
      await catchUpPolicy()
      await catchUpDevices()
      await reconcile()
      await prekeys.publish(connection)
      published = clock()
      if (registrationOf(store) !== 'complete') noteRegistration(store, 'complete')
    },
    async turn() {
      if (over) throw uploads.refused(over) ? new FileRefused(over.code, over.message) : over
      isWritten = false
      if (!isRecent(published, publishEveryMs, clock())) {
        published = clock()
        await prekeys.publish(connection)
      }
      const isNews = takePolicy()
      const gone = conversations.expire()
      const received = await receive()
      if (received) quietSince = performance.now()
      if (performance.now() - quietSince >= quietMs) whenQuiet()
      const uploaded = uploads.turn()
      await removeUnwanted()
      const sent = await send()
      return isNews || gone > 0 || received || uploaded || sent
    },
    hasNews,
    isWaiting: () => transmitter.isWaiting() || uploads.isWaiting(),
    idle: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        if (hasNews()) wake()
      }),
    close() {
      stopWatching()
      uploads.stop()
      connection.close()
    },
  }
}
