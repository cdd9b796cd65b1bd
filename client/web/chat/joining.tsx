import { useRef, useState } from 'preact/hooks'
import { asName, isCut, nameRule } from './names.ts'
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

type Missing = 'notice' | 'choice' | 'name' | 'code'
const missingWords: Record<Missing, string> = {
  notice: 'Read the notice first, and say that you have.',
  choice: 'Choose first what the wall may show of you.',
  name: `Choose a name first. ${nameRule}`,
  code: 'Type the code first: it stands on the wall.',
}

export function Joining() {
  const [code, setCode] = useState(() => location.hash.slice(1))
  const [name, setName] = useState(() => suggest(room.value?.people ?? []))
  const [wasCut, setCut] = useState(false)
  const [missing, setMissing] = useState<Missing | null>(null)
  const form = useRef<HTMLFormElement>(null)
  const [hasRead, setHasRead] = useState(false)
  const [mayShow, setMayShow] = useState<boolean | null>(null)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)

  async function submit(event: Event): Promise<void> {
    event.preventDefault()
    const lacks = !hasRead ? 'notice' : mayShow === null ? 'choice' : name === '' ? 'name' : code === '' ? 'code' : null
    setMissing(lacks)
    setFault(lacks && missingWords[lacks])
    // the browser brings what it sets the focus to into view
    if (lacks) return form.current?.querySelector<HTMLElement>(`.${lacks} input`)?.focus()
    setBusy(true)
    try {
      await join(code, name, mayShow === true)
      // the code has done its part, and need not stand in the address
      history.replaceState(null, '', location.pathname)
    } catch (error) {
      setFault((error as Error).message)
      setBusy(false)
    }
  }

  const marked = (part: Missing, others = '') => `${others} ${part} ${missing === part ? 'missing' : ''}`.trim()

  return (
    <main class="note">
      <h1>Join the workshop</h1>
      {news.value !== null && (
        <p class="fault" role="status">
          {news.value}
        </p>
      )}
      <form ref={form} noValidate onSubmit={(event) => void submit(event)}>
        <section class={marked('notice')} aria-labelledby="notice">
          <h2 id="notice">Read this before you type</h2>
          <p>
            Your messages here are really encrypted, from your phone to the other one. But this is an experiment: the
            host can put a key under the mat. While one is there,{' '}
            <strong>the host’s machine can read everything that is sent</strong>, and what you write may be read out on
            the wall.
          </p>
          <p>
            In an exercise, the server may hand out false keys and read along, without any key under the mat. The wall
            shows your name, and who writes to whom, from the first line on. The host’s laptop keeps all of this until
            the host purges the round.
          </p>
          <p>Write nothing that you would not say aloud in this room.</p>
          <label>
            <input type="checkbox" checked={hasRead} onChange={(event) => setHasRead(event.currentTarget.checked)} /> I
            have read this.
          </label>
        </section>
        <fieldset class={marked('choice')}>
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
        <label class={marked('name')}>
          Your name here
          <input
            type="text"
            value={name}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => {
              setCut(isCut(event.currentTarget.value))
              setName((event.currentTarget.value = asName(event.currentTarget.value)))
            }}
          />
        </label>
        {wasCut && (
          <p class="faint" role="status">
            {nameRule}
          </p>
        )}
        <label class={marked('code')}>
          The code on the wall
          <input
            type="text"
            value={code}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
        </label>
        <div class="join">
          {fault !== null && (
            <p class="fault" role="alert">
              {fault}
            </p>
          )}
          {isAlone.value && <p class="fault">The host’s laptop does not answer. Are you in its Wi-Fi?</p>}
          <button type="submit" class="main" disabled={busy}>
            {busy ? 'Making your keys …' : 'Join'}
          </button>
        </div>
      </form>
    </main>
  )
}
