import type { Delivery, Listener, RelayError } from '../../server/api.ts'

/** A listener that remembers what it was told, in order, and can be waited for. */
export function createEar() {
  const mail: Delivery[] = []
  const links: Uint8Array[] = []
  const heard: ('ready' | 'mail' | 'policy' | 'closed')[] = []
  let waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = []
  let ended: (reason: RelayError | null) => void
  const over = new Promise<RelayError | null>((resolve) => (ended = resolve))

  const note = (what: (typeof heard)[number]) => {
    heard.push(what)
    for (const { until, resolve } of waiting) if (until()) resolve()
    waiting = waiting.filter(({ until }) => !until())
  }
  const when = (until: () => boolean) =>
    new Promise<void>((resolve) => (until() ? resolve() : waiting.push({ until, resolve })))

  const listener: Listener = {
    ready: () => note('ready'),
    deliver(delivery) {
      mail.push(delivery)
      note('mail')
    },
    policy(link) {
      links.push(link)
      note('policy')
    },
    closed(reason) {
      note('closed')
      ended(reason)
    },
  }
  return {
    ...listener,
    mail,
    links,
    /** the kinds of what was told, in order */
    heard,
    /** why the connection ended, once it has */
    over,
    /** the first so many deliveries, once they have come */
    async delivered(count: number): Promise<readonly Delivery[]> {
      await when(() => mail.length >= count)
      return mail.slice(0, count)
    },
    /** the first so many new links of the policy chain, once they have come */
    async told(count: number): Promise<readonly Uint8Array[]> {
      await when(() => links.length >= count)
      return links.slice(0, count)
    },
  }
}
