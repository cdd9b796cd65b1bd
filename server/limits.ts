import { RelayError } from './api.ts'
import { forwardOnly } from './running-time.ts'
import type { BlobRoom } from './store/store.ts'

/** A rate: so much at once, and so much more as time passes. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/**
 * What the relay gives to one device, or to all together. It never counts by address, because a whole class behind one
 * router has one address.
 */
export interface Limits {
  /** envelopes handed in by one device */
  readonly submissions: Rate
  readonly acknowledgements: Rate
  /** everything else that one device asks for, and its connections */
  readonly requests: Rate
  /** Requests of one device that were refused, pings, and pongs that answer none. The next ends its connection. */
  readonly refusals: Rate
  /** The same for envelopes: a device may have 256 under way when it hears that they are too many, and again after 250 ms. */
  readonly refusedSubmissions: Rate
  /** bundles with one-time keys of one device for one other; beyond them, and beyond the next, bundles come without */
  readonly freshBundlesForOne: Rate
  /** bundles with one-time keys of one device for everybody */
  readonly freshBundlesForAll: Rate
  /** linkings that one device begins */
  readonly linkings: Rate
  /** next device lists of one account: whoever else registers, a stolen device can be taken out */
  readonly updates: Rate
  /** the limits that follow are for the whole relay */
  readonly registrations: Rate
  readonly switches: Rate
  readonly httpRequests: Rate
  /** parts of blobs, by their size: whoever moves files keeps nobody from signing in */
  readonly blobParts: Rate
  readonly socketsOfDevice: number
  readonly socketsUnauthenticated: number
  readonly sockets: number
  /** connections that no device has logged in on yet, sockets or not */
  readonly strangers: number
  /** all connections; beyond it they are dropped without a word */
  readonly connections: number
  /** memory for all strangers: bodies that have not come completely, answers that have not been read */
  readonly bytesForStrangers: number
  /** files left for others, see server/blobs.ts */
  readonly blobs: BlobRoom
  /** memory for all sockets: frames that have not come completely, wait for their commit, or have not been read */
  readonly bytesForDevices: number
}

/**
 * What each thing takes of its rate. A unit is about 0.2 ms of the relay, its waiting for the disk included; whatever has
 * to be committed waits some 3 ms. docs/decisions/0018-limits-count-cost.md has the measurements.
 */
export const prices = {
  question: 1,
  /** for publishing prekeys; each of them costs besides: a signature to check and a row to write */
  publication: 16,
  prekey: 1,
  bundle: 16,
  /** a row to write */
  blob: 16,
  sentCounters: 16,
  /** a signature to check, and up to 256 messages that are delivered at once */
  connection: 16,
  /** of HTTP requests: they have to be read before anybody has said who they are */
  upgrade: 10,
} as const

const piece = 4096

/** Of an envelope that is handed in, or an answer to an HTTP request: a unit for each 4,096 bytes begun. */
export const priceOf = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / piece))

const secondsOfHour = 3600

export const defaultLimits: Limits = {
  submissions: { burst: 2000, perSecond: 1000 },
  acknowledgements: { burst: 2000, perSecond: 1000 },
  requests: { burst: 2000, perSecond: 200 },
  refusals: { burst: 100, perSecond: 10 },
  refusedSubmissions: { burst: 2000, perSecond: 1000 },
  freshBundlesForOne: { burst: 10, perSecond: 10 / secondsOfHour },
  freshBundlesForAll: { burst: 60, perSecond: 60 / secondsOfHour },
  linkings: { burst: 10, perSecond: 10 / secondsOfHour },
  updates: { burst: 50, perSecond: 50 / secondsOfHour },
  registrations: { burst: 1000, perSecond: 10 },
  switches: { burst: 100, perSecond: 1 },
  httpRequests: { burst: 4000, perSecond: 2000 },
  blobParts: { burst: 16_384, perSecond: 16_384 },
  socketsOfDevice: 4,
  socketsUnauthenticated: 1000,
  sockets: 20_000,
  strangers: 2_000,
  connections: 22_000,
  bytesForStrangers: 32 * 1024 * 1024,
  blobs: {
    bytesOfAccount: 2 * 1024 ** 3,
    countOfAccount: 2000,
    openOfAccount: 16,
    bytesOfAll: 32 * 1024 ** 3,
    countOfAll: 100_000,
  },
  bytesForDevices: 64 * 1024 * 1024,
}

/** Keeps how much of a rate is left to each of many. */
export interface Buckets {
  has(key: string): boolean
  /**
   * Whoever has something left may have one more thing; what that costs beyond it is owed.
   * @returns false, and takes nothing, when it is used up
   */
  take(key: string, price?: number): boolean
}

interface Bucket {
  level: number
  at: number
}

/** Full buckets are not kept. So whatever keys come, memory holds only those that were used recently. */
const sweepAtLeast = 1000
/** Beyond so many, the bucket unused for longest counts as full: some 10 MiB. */
const keptMaximum = 100_000

export function createBuckets({ burst, perSecond }: Rate, clock: () => number): Buckets {
  const used = new Map<string, Bucket>()
  let sweepAt = sweepAtLeast
  /** A clock that was put back takes nothing away and gives nothing, and counting goes on from there. */
  const steady = forwardOnly(clock)

  function levelOf({ level, at }: Bucket, now: number): number {
    return Math.min(burst, level + ((now - at) / 1000) * perSecond)
  }

  function sweep(now: number): void {
    for (const [key, bucket] of used) if (levelOf(bucket, now) >= burst) used.delete(key)
    sweepAt = Math.max(sweepAtLeast, 2 * used.size)
  }

  const left = (key: string, now: number) => {
    const bucket = used.get(key)
    return bucket ? levelOf(bucket, now) : burst
  }

  return {
    has: (key) => left(key, steady()) >= 1,
    take(key, price = 1) {
      const now = steady()
      const level = left(key, now)
      if (level < 1) return false
      used.delete(key)
      used.set(key, { level: level - price, at: now })
      if (used.size > sweepAt) sweep(now)
      if (used.size > keptMaximum) used.delete(used.keys().next().value as string)
      return true
    },
  }
}

/** Seats for connections. When all are taken, the next one gets the seat of the one that has waited longest. */
export interface Seats {
  /** @param leave ends a connection, and is called at most once. @returns gives the seat back */
  take(leave: () => void): () => void
}

export function createSeats(maximum: number): Seats {
  const taken = new Set<() => void>()
  return {
    take(leave) {
      taken.add(leave)
      const [longest] = taken
      if (taken.size > maximum && longest) {
        taken.delete(longest)
        longest()
      }
      return () => void taken.delete(leave)
    },
  }
}

/** Stands before everything that devices ask of a relay. A device is known by its row in the store. */
export interface Guard {
  /** Each takes from what is left. @throws RelayError `too-many` when that is nothing */
  submission(device: number, sizeBytes: number): void
  acknowledgement(device: number): void
  request(device: number, price: number): void
  linking(device: number): void
  registration(): void
  update(account: string): void
  switching(): void
  /** Whether a device that was refused a question, or has said what nobody asked for, may go on. */
  bearsRefusal(device: number): boolean
  /** Whether a device may go on that was told that it hands in too much. */
  bearsRefusedSubmission(device: number): boolean
  /** Whether a bundle may have one-time keys in it. If so, it counts as having them. */
  freshBundle(asker: number, target: number): boolean
}

export function createGuard(limits: Limits, clock: () => number): Guard {
  const before = (rate: Rate, what: string) => {
    const buckets = createBuckets(rate, clock)
    return (whose: number | string = 0, price = 1) => {
      if (!buckets.take(String(whose), price)) throw new RelayError('too-many', `${what}: try again in a moment`)
    }
  }
  const submission = before(limits.submissions, 'this device hands in too much at once')
  const refusals = createBuckets(limits.refusals, clock)
  const refusedSubmissions = createBuckets(limits.refusedSubmissions, clock)
  const [forOne, forAll] = [limits.freshBundlesForOne, limits.freshBundlesForAll].map((rate) =>
    createBuckets(rate, clock),
  ) as [Buckets, Buckets]
  return {
    submission: (device, sizeBytes) => submission(device, priceOf(sizeBytes)),
    acknowledgement: before(limits.acknowledgements, 'this device acknowledges too often'),
    request: before(limits.requests, 'this device asks for too much at once'),
    registration: before(limits.registrations, 'too many people register at once'),
    linking: before(limits.linkings, 'this device links others too often'),
    update: before(limits.updates, 'this account changes its devices too often'),
    switching: before(limits.switches, 'the access mode is switched too often'),
    bearsRefusal: (device) => refusals.take(String(device)),
    bearsRefusedSubmission: (device) => refusedSubmissions.take(String(device)),
    freshBundle: (asker, target) =>
      forAll.has(String(target)) && forOne.take(`${asker} ${target}`) && forAll.take(String(target)),
  }
}
