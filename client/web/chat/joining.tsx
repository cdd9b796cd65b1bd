import { useState } from 'preact/hooks'
import { isAlone, join, news, room } from './state.ts'

const suggestions = [
  'wren',
  'swan',
  'owl',
  'egret',
  'tern',
  'lark',
  'kite',
  'finch',
  'robin',
  'swift',
  'stork',
  'crane',
]

/** A name that nobody in the room has yet. */
function suggest(taken: readonly string[]): string {
  const start = crypto.getRandomValues(new Uint8Array(1))[0] ?? 0
  for (let i = 0; ; i++) {
    const round = Math.floor(i / suggestions.length)
    const name = `${suggestions[(start + i) % suggestions.length]}${round === 0 ? '' : round + 1}`
    if (!taken.includes(name)) return name
  }
}

/** What is not allowed in a name goes while it is typed. */
const asName = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '')
    .replace(/^[^a-z]+/, '')
    .slice(0, 32)

export function Joining() {
  const [code, setCode] = useState(() => location.hash.slice(1))
  const [name, setName] = useState(() => suggest(room.value?.people ?? []))
  const [hasRead, setHasRead] = useState(false)
  const [mayShow, setMayShow] = useState<boolean | null>(null)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)

  async function submit(event: Event): Promise<void> {
    event.preventDefault()
    if (mayShow === null || !hasRead) return setFault('Read the notice and choose first.')
    setBusy(true)
    setFault(null)
    try {
      await join(code, name, mayShow)
      // the code has done its part, and need not stand in the address
      history.replaceState(null, '', location.pathname)
    } catch (error) {
      setFault((error as Error).message)
      setBusy(false)
    }
  }

  return (
    <main class="note">
      <h1>Join the workshop</h1>
      {news.value !== null && (
        <p class="fault" role="status">
          {news.value}
        </p>
      )}
      <form onSubmit={(event) => void submit(event)}>
        <section class="notice" aria-labelledby="notice">
          <h2 id="notice">Read this before you type</h2>
          <p>
            Your messages here are really encrypted, from your phone to the other one. But this is an experiment: the
            host can put a key under the mat. While one is there,{' '}
            <strong>the host’s machine can read everything that is sent</strong>, and what you write may be read out on
            the wall.
          </p>
          <p>Write nothing that you would not say aloud in this room.</p>
          <label>
            <input type="checkbox" checked={hasRead} onChange={(event) => setHasRead(event.currentTarget.checked)} /> I
            have read this.
          </label>
        </section>
        <fieldset>
          <legend>When a key has opened what you wrote, the wall may show …</legend>
          <label>
            <input type="radio" name="show" checked={mayShow === true} onChange={() => setMayShow(true)} /> my texts,
            with my name
          </label>
          <label>
            <input type="radio" name="show" checked={mayShow === false} onChange={() => setMayShow(false)} /> only that
            they were read
          </label>
        </fieldset>
        <label>
          Your name here
          <input
            type="text"
            value={name}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            onInput={(event) => setName((event.currentTarget.value = asName(event.currentTarget.value)))}
          />
        </label>
        <label>
          The code on the wall
          <input
            type="text"
            value={code}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
        {fault !== null && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        {isAlone.value && <p class="fault">The host’s laptop does not answer. Are you in its Wi-Fi?</p>}
        <button type="submit" class="main" disabled={busy || name === ''}>
          {busy ? 'Making your keys …' : 'Join'}
        </button>
      </form>
    </main>
  )
}
