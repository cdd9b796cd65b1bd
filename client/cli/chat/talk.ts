import { equal } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import type { AccountKey } from '../../../crypto/keys.ts'
import { RelayError } from '../../../server/api.ts'
import type { Device } from '../../device/device.ts'
import { ClientError } from '../../device/errors.ts'
import type { Online } from '../../device/online.ts'
import { isGroup } from '../../device/groups/peers.ts'
import { addressee } from '../addressee.ts'
import { Stop } from '../exit.ts'
import { visible } from '../../words/visible.ts'
import { mayPass, standingOf, wordsOf } from '../waiting.ts'
import { type Answer, completions, isCommand, runCommand } from './commands.ts'
import { type Desk, emptyDesk, finish, recall, unsentOf } from './desk.ts'
import { insert, moveRow, nothing, press, textOf, type Typed, typedText } from './editor.ts'
import type { Input } from './keys.ts'
import { noticeOf, type Part } from '../../words/notice.ts'
import { peerName } from '../../words/peer-name.ts'
import { createReading } from './reading.ts'
import { stopPanel } from './stop.ts'
import { type Frame, mainWidth, type Model, type Size, typedWidth, view } from './view.ts'

/** Faults that a person is told of, and that change nothing. */
const isAnswer = (error: unknown): error is Error =>
  [ClientError, Stop, CryptoError, RelayError].some((kind) => error instanceof kind)

const nobodyOpen: Part = { text: '/open NAME, or Ctrl-N', importance: 'fact' }

/** What a person sees and does in the chat, without the terminal. */
export function createTalk(device: Device, connection: Online, size: () => Size, quit: () => void) {
  const reading = createReading(device)
  const desks = new Map<string | null, Desk>()
  let answer: Answer | null = null
  /** whether a part of the answer is still to be found */
  let isUnfinished = false
  /** the changed key that has stopped the conversation, and the command typed there */
  let stop: { readonly key: AccountKey; typed: Typed } | null = null
  /** how much of the answer, or of the stop, is out of sight above */
  let panelFrom = 0
  let frame: Frame | null = null
  /** what has just gone wrong, in words */
  let trouble: string | null = null
  /** what was to be seen when the store could be read last */
  let known: Model | null = null

  const desk = (): Desk => desks.get(reading.name) ?? emptyDesk
  const setDesk = (next: Desk) => void desks.set(reading.name, next)
  const typed = () => stop?.typed ?? desk().typed
  const setTyped = (next: Typed) => {
    if (stop) stop.typed = next
    else setDesk({ ...desk(), typed: next })
  }
  function say(next: Answer | null): void {
    answer = next
    isUnfinished = next?.goOn !== undefined
    panelFrom = 0
  }
  const tell = (text: string) => say({ title: 'Esc', lines: [text] })

  /** A key that has changed since the last look stops the conversation; what was typed before stays on its desk. */
  function refresh(): void {
    reading.refresh()
    const changed = reading.name === null ? null : device.contacts.get(reading.name)?.changed
    if (!changed) stop = null
    else if (!stop || !equal(stop.key, changed.accountKey)) {
      stop = { key: changed.accountKey, typed: nothing }
      say(null)
    }
  }

  function open(peer: string): void {
    if (!isGroup(peer)) device.checkName(peer)
    reading.open(peer)
    stop = null
    say(null)
    refresh()
  }

  function panel() {
    const shown = answer ?? (stop && stopPanel(device, reading.name ?? '', mainWidth(size())))
    if (!shown) return null
    const lines = typeof shown.lines === 'function' ? shown.lines() : shown.lines
    return { title: shown.title, lines, from: panelFrom, urgent: answer === null }
  }

  const noticeNow = () =>
    reading.name === null ? [nobodyOpen] : noticeOf(device, standingOf(connection), reading.name)
  const notices = (parts: readonly Part[]) =>
    trouble === null ? parts : [{ text: trouble, importance: 'warning' } as const, ...parts]

  function compose(): Frame {
    const model: Model = {
      people: reading.people(),
      notice: notices(noticeNow()),
      panel: panel(),
      typed: typed(),
      prompt: stop ? '! ' : '> ',
      newer: reading.unread(),
      look: (width, height) => reading.look(width, height),
    }
    const composed = view(model, size())
    known = model
    return composed
  }

  /** As it was, with what is typed now, and nothing of it counts as seen anew. */
  function composeAgain(): Frame {
    const before = known ?? { people: [], panel: null, prompt: '> ', newer: 0 }
    const notice = notices([])
    const look: Model['look'] = (_width, height) => reading.lookAgain(height)
    return { ...view({ ...before, notice, typed: typed(), look }, size()), seen: null }
  }

  function scroll(direction: 1 | -1): void {
    if (!frame) return
    const { shown, all } = frame.panelRows
    if (all > shown) panelFrom = Math.max(0, Math.min(all - shown, panelFrom + direction * Math.max(1, shown - 1)))
    else if (frame.seen)
      reading.scroll(direction * Math.max(1, frame.seen.rows.length - 2), frame.seen, mainWidth(size()))
  }

  function step(by: 1 | -1): void {
    const people = reading.people()
    const at = people.findIndex(({ current }) => current)
    const next = people.at(at < 0 ? Math.min(0, by) : (at + by) % people.length)
    if (next) open(next.user)
  }

  function submit(): void {
    const text = textOf(typed())
    say(null)
    if (text.trim() === '') return
    const before = stop
    refresh()
    // what was typed was not meant for a key that nobody had seen
    if (stop !== before) return
    try {
      if (isCommand(text)) command(text)
      else send(text)
    } catch (error) {
      if (!isAnswer(error) && !mayPass(error)) throw error
      return tell(isAnswer(error) ? visible(error.message) : `not done: ${wordsOf(error)}. Enter tries again.`)
    }
    // what goes wrong from here on leaves done what was done
    if (isCommand(text)) refresh()
    else reading.toNewest()
  }

  function command(text: string): void {
    const [name, atStop] = [reading.name, stop]
    const result = runCommand(text, {
      device,
      name,
      width: mainWidth(size()),
      open: (words) => open(addressee(device, words)),
      quit,
    })
    if (atStop) atStop.typed = nothing
    else desks.set(name, finish(desks.get(name) ?? emptyDesk, text))
    if (typeof result === 'string') tell(result)
    else if (result) say(result)
  }

  function send(text: string): void {
    const { name } = reading
    if (name === null) throw new Stop('user', 'no conversation is open: /open NAME')
    if (stop)
      throw new Stop('user', `nothing is sent to ${peerName(device, name)} before /verify confirm, /accept or /refuse`)
    device.write(name, text.startsWith('//') ? text.slice(1) : text)
    setDesk(finish(desk(), text))
    reading.answered()
  }

  /** Through the rows of what is typed, and beyond them through what was sent before. */
  function upOrDown(by: 1 | -1): void {
    const moved = moveRow(typed(), typedWidth(size()), by)
    if (moved) setTyped(moved)
    else if (!stop) setDesk(recall(desk(), by))
  }

  function complete(): void {
    const text = textOf(typed())
    if (!isCommand(text) || typed().cursor < typed().characters.length) return
    const names = reading.people().map(({ name }) => name)
    const found = completions(text, names)
    let common = found[0] ?? text
    while (!found.every((one) => one.startsWith(common))) common = common.slice(0, -1)
    setTyped(typedText(common))
    if (found.length > 1) tell(found.map((one) => visible(one.trimEnd())).join('  '))
  }

  const keys: Record<string, () => void> = {
    'ctrl-c': quit,
    'enter': submit,
    'tab': complete,
    'escape': () => say(null),
    'pageup': () => scroll(-1),
    'pagedown': () => scroll(1),
    'alt-up': () => step(-1),
    'ctrl-p': () => step(-1),
    'alt-down': () => step(1),
    'ctrl-n': () => step(1),
    'up': () => upOrDown(-1),
    'down': () => upOrDown(1),
  }

  function take(input: Input): void {
    const key = input.kind === 'key' ? input.key : null
    reading.focus(key !== 'blur')
    if (input.kind === 'flood') tell('that paste is far longer than a message can be; it was left out')
    else if (input.kind !== 'key') setTyped(insert(typed(), input.text))
    else if (input.key === 'ctrl-d' && typed().characters.length === 0) quit()
    else if (input.key === 'end' && !reading.atNewest()) reading.toNewest()
    else if (keys[input.key]) keys[input.key]?.()
    else setTyped(press(typed(), input.key))
  }

  /** Where somebody looks at it, it has been read; and a number that is seen can be confirmed. */
  function note(shown: Frame): Frame {
    const { name } = reading
    if (stop && !answer && name !== null && shown.panelRows.shown > 0 && !device.contacts.wasShown(name, stop.key))
      device.contacts.noteShown(name, stop.key)
    return shown.seen && reading.note(shown.seen) ? compose() : shown
  }

  return {
    open,
    refresh,
    take,
    isUnfinished: () => isUnfinished,
    /** Does a part of what the answer lacks. What is in its way ends it: it is asked for again by its command. */
    goOn(): void {
      const { goOn } = answer ?? {}
      isUnfinished = false
      if (goOn) isUnfinished = goOn()
    },
    /** Something has gone wrong: the next frame says so. */
    suffer(error: unknown): void {
      trouble = wordsOf(error)
    },
    /** What is to be seen now, or, while the store cannot be used, what was, and why. */
    frame(): Frame {
      try {
        frame = compose()
        frame = note(frame)
      } catch (error) {
        if (!mayPass(error)) throw error
        trouble = wordsOf(error)
        frame = composeAgain()
      }
      trouble = null
      return frame
    },
    /** As it was, with the fault that ended it. */
    lastFrame(error: unknown): Frame {
      trouble = wordsOf(error)
      return composeAgain()
    },
    /** Everything that has been written and not sent, to whom: null where nobody was open. */
    unsent: (): readonly { readonly name: string | null; readonly text: string }[] =>
      [...desks].flatMap(([name, one]) => unsentOf(one).map((text) => ({ name, text }))),
  }
}
