import { counted } from '../../words/counted.ts'
import { listed } from '../../words/listed.ts'
import { startDishonestServer } from './dishonest.ts'
import { type Compared, compareNumbers, sideBySide } from './numbers.ts'
import { conversations, newcomers } from './people.ts'
import { expect, meet, speak, type Stage } from './stage.ts'

/** What a server reads that hands out false keys, and what two people see who compare. */
export interface Heard {
  readonly said: number
  readonly heard: number
  /** groups of the safety number, and how many of them are not the same on both screens */
  readonly groups: number
  readonly different: number
}

/** @param honest the safety number of two people at the other relay */
export async function lie(stage: Stage, honest: Compared): Promise<Heard> {
  const { folder, narrator } = stage
  const [one, other] = newcomers.people
  narrator.screen('6 of 6. No key at all, and a server that lies')
  narrator.say(
    `Now the other side. At another server no access mode is in force. ${one} and ${other} have never met. Each asks the server for the other's key, and the server hands out keys of its own.`,
  )
  narrator.starting('starting a second server')
  const server = await startDishonestServer(folder)
  try {
    const couple = await meet(stage, server.url, newcomers.people)
    const said = await speak(stage, couple, newcomers.people, newcomers.lines)
    const heard = server.read()
    expect(heard.map(({ text }) => text).join('\n') === said.join('\n'), 'the server did not read what was said')
    for (const { from, to, text } of heard) await narrator.reads('server', `${from} -> ${to}: ${text}`)
    narrator.say('Encryption alone does not stop this. Comparing safety numbers, by telephone or side by side, does:')
    const compared = await compareNumbers(stage, newcomers.people)
    const { different } = compared
    expect(different > 0 && honest.different === 0, 'safety numbers do not tell a lie from the truth')
    narrator.beside(sideBySide([`${one}'s screen`, `${other}'s screen`], [compared.one, compared.other]))
    narrator.say(
      `${different} of ${counted(compared.one.length, 'group')} differ: caught. ${listed(conversations[1].people)}, whose relay is honest, see the same ${honest.one.length}.`,
    )
    for (const device of couple.values()) await device.stop()
    return { said: said.length, heard: heard.length, groups: compared.one.length, different }
  } finally {
    // a server that still listens would keep this process, whatever has gone wrong
    await server.stop()
  }
}
