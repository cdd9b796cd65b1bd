import type { Delivery, Listener, RelayError } from '../../server/api.ts'
import { createNews } from './relay-news.ts'

/** A listener that remembers what it was told, in order, and can be waited for. */
export function createEar() {
  const mail: Delivery[] = []
  const links: Uint8Array[] = []
  const heard: ('ready' | 'mail' | 'policy' | 'closed')[] = []
  const reasons: (RelayError | null)[] = []
  const news = createNews()
  const note = (what: (typeof heard)[number]) => {
    heard.push(what)
    news.tell()
  }
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
      reasons.push(reason)
      note('closed')
    },
  }
  return {
    listener,
    mail,
    links,
    /** the kinds of what was told, in order */
    heard,
    /** why the connection ended, once it has; null when we ended it */
    over: async (): Promise<RelayError | null> => {
      const [reason = null] = await news.until(() => (reasons.length > 0 ? reasons : null))
      return reason
    },
    /** the first so many deliveries, once they have come */
    delivered: (count: number) => news.until(() => (mail.length >= count ? mail.slice(0, count) : null)),
    /** the first so many new links of the policy chain, once they have come */
    told: (count: number) => news.until(() => (links.length >= count ? links.slice(0, count) : null)),
  }
}
