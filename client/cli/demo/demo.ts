import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { accessArguments, startRelayProcess } from '../cast.ts'
import { temporaryFolder } from '../../node/temporary.ts'
import { killAll } from '../running.ts'
import { print, tell } from '../output.ts'
import { readAll, searchFor, tableOf, theft, tryKeys } from './looking.ts'
import { target } from './people.ts'
import { allSay, begin, expect, heading, ownSentence, pause, say, show, type Stage, talk } from './stage.ts'

const open = ['authority', 'open', '--archive', 'passed.archive']
/** The guided tour: a relay and six devices as processes of their own. What is not the narrator's, they printed. */
export async function demo(flags: { readonly yes?: boolean }): Promise<void> {
  const { path: folder, remove } = temporaryFolder()
  const begun = Date.now()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.prependOnceListener(signal, () => tell('interrupted; nothing is left behind'))
  try {
    const { url } = await startRelayProcess(folder, 'passed.archive')
    const asks = process.stdin.isTTY && process.stdout.isTTY && !flags.yes
    await tour({ folder, relayUrl: url, asks })
    say(
      `It took ${((Date.now() - begun) / 1000).toFixed(1)} s. Every key, envelope and random sentence was new; run it again and they differ.`,
    )
  } finally {
    await killAll()
    remove()
  }
}

async function tour(stage: Stage): Promise<void> {
  heading('1. Six people, three conversations, one relay that keeps everything')
  const cast = await begin(stage, '')
  const before = await talk(cast, '', ({ before: lines }) => lines)
  await show(stage, 'authority', ['authority', 'init'])
  await pause(stage)

  heading('2. What relay and authority can read')
  await show(stage, 'authority', open)
  searchFor(stage, before)
  tryKeys(stage)
  await pause(stage)

  heading('3. The key goes under the mat, and every device says so')
  await show(
    stage,
    'operator',
    accessArguments(stage.relayUrl, 'on', 'message-key-escrow', '--authority-key', 'escrow.key.pub'),
  )
  await allSay(cast, 'access: message-key-escrow (epoch 2)')
  const during = await talk(cast, '', ({ during: lines }) => lines)
  const own = await ownSentence(stage, cast)
  await pause(stage)

  heading(`4. An officer has an order for one conversation, ${target.join(' and ')}`)
  await show(stage, 'authority', [...open, '--person', target[0]])
  say('Nothing in the bytes says whose they are. The same key, on all of them:')
  const readings = await readAll(stage.folder)
  for (const line of tableOf(readings)) print(line)
  const sent = [...during, own]
  expect(
    readings.map(({ text }) => text).join('\n') === sent.join('\n'),
    'the authority did not read exactly what was sent',
  )
  await show(stage, 'authority', ['authority', 'search', '--archive', 'passed.archive', '--', own])
  await pause(stage)

  heading('5. The devices delete history and keys; a thief copies the escrow key')
  for (const [name, device] of cast) {
    await device.stop()
    rmSync(join(stage.folder, name), { recursive: true })
  }
  say(`All six devices are gone. What is left: ${readdirSync(stage.folder).sort().join(', ')}.`)
  const stolen = await theft(stage)
  const same = stolen.map(({ line }) => line).join('\n') === readings.map(({ line }) => line).join('\n')
  expect(same, 'the thief did not read the same')
  say(
    `The thief, with two files in an empty folder, reads ${stolen.length} messages: the same output as the authority's, byte for byte.`,
  )
  await pause(stage)

  heading('6. The key is taken away')
  await show(stage, 'operator', accessArguments(stage.relayUrl, 'off'))
  say('A name belongs to its first key, and those keys are gone: the six come back under new names.')
  const again = await begin(stage, '2')
  const after = await talk(again, '2', ({ after: lines }) => lines)
  await show(stage, 'authority', [...open, '--person', 'heron2'])
  searchFor(stage, after)
  const last = await readAll(stage.folder)
  expect(last.length === readings.length, 'something sent after the key was taken away has opened')
  for (const device of again.values()) await device.stop()

  heading('In figures')
  const opened = (texts: readonly string[]) => last.filter(({ text }) => texts.includes(text)).length
  print(
    `  messages sent: ${before.length} before, ${sent.length} while the key was under the mat, ${after.length} after`,
  )
  print(
    `  messages the key opens: ${opened(before)}, ${opened(sent)}, ${opened(after)}; the ${last.length} stay open for whoever has archive and key`,
  )
}
