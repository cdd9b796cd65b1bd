import { concat, decode, textField } from '../../crypto/bytes.ts'
import { nameMaximumBytes } from '../../crypto/identity.ts'
import type { DeviceStore } from './store.ts'

/** People whose devices the relay is to be asked for. They stand in the store: whoever is connected for this device may be another process. */
export interface ToMeet {
  add(user: string): void
  /** in order */
  all(): readonly string[]
  remove(user: string): void
}

const key = 'to meet'

export function createToMeet(store: DeviceStore): ToMeet {
  function all(): string[] {
    const bytes = store.meta(key)
    if (!bytes) return []
    return decode(bytes, (reader) => {
      const names: string[] = []
      while (reader.offset < bytes.length) names.push(reader.text(nameMaximumBytes))
      return names
    })
  }

  const change = (to: (names: readonly string[]) => readonly string[]) =>
    store.transaction(() => {
      const names = to(all())
      if (names.length === 0) store.dropMeta(key)
      else store.setMeta(key, concat(...names.map(textField)))
    })

  return {
    all,
    add: (user) => change((names) => (names.includes(user) ? names : [...names, user])),
    remove: (user) => change((names) => names.filter((name) => name !== user)),
  }
}
