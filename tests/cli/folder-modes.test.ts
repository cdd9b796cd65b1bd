import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { command } from '../support/program.ts'
import { folder } from '../support/relay-folder.ts'
import { relayProcess } from '../support/relay-process.ts'
import { expectOneLine } from '../support/town.ts'
import { isLong } from '../support/long.ts'

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8)

/** A folder that was there before, with a mode that somebody chose. */
function made(permissions: number): string {
  const path = join(folder(), 'place')
  mkdirSync(path)
  chmodSync(path, permissions)
  return path
}

/** What keeps something in a folder, by the folder and the relay. */
const keepers: readonly ((path: string, relay: string) => string[])[] = [
  (path, relay) => ['register', 'alice', '--no-passphrase', '--home', path, '--relay', relay],
  (path) => ['relay', '--port', '0', '--dir', path],
  (path) => ['authority', 'order', 'desk', '--desk', path, '--jurisdiction', 'uk'],
]

describe('a folder that was there before', () => {
  it('in which others can write takes no keys, and stays as it was', async () => {
    const { url } = await relayProcess(folder())
    for (const permissions of [0o1777, 0o2775])
      for (const keep of keepers) {
        const path = made(permissions)
        const args = keep(path, url)
        const refused = await command(args, { code: 3 })
        expectOneLine(refused, `others can write in ${path}`)
        expect([mode(path), readdirSync(path)], args[0]).toEqual([permissions.toString(8), []])
      }
  })

  it.skipIf(!isLong)(
    '(in test:long) keeps its mode, also behind a link, and what is kept there is for its owner alone',
    async () => {
      const { url } = await relayProcess(folder())
      const [home, desk, directory] = [made(0o755), made(0o750), made(0o755)]
      const link = join(folder(), 'link')
      symlinkSync(home, link)
      await command(['register', 'alice', '--no-passphrase', '--home', link, '--relay', url])
      await command(['authority', 'order', 'desk', '--desk', desk, '--jurisdiction', 'uk'])
      await relayProcess(directory)
      expect([home, desk, directory].map(mode)).toEqual(['755', '750', '755'])
      for (const place of [home, desk, directory])
        for (const name of readdirSync(place)) expect(mode(join(place, name)), name).toMatch(/^[67]00$/)
    },
  )

  it.skipIf(!isLong)(
    '(in test:long) keeps files of doormat for its owner alone that were copied there with other modes',
    async () => {
      const { url } = await relayProcess(folder())
      const home = made(0o755)
      await command(['register', 'alice', '--no-passphrase', '--home', home, '--relay', url])
      chmodSync(join(home, 'device.db'), 0o644)
      await command(['history', '--home', home])
      expect(mode(join(home, 'device.db'))).toBe('600')

      const directory = made(0o755)
      const relay = await relayProcess(directory)
      await relay.kill('SIGTERM')
      const kept = ['operator.token', 'policy.key', 'relay.db'].map((name) => join(directory, name))
      for (const path of kept) chmodSync(path, 0o664)
      await relayProcess(directory)
      expect(kept.map(mode)).toEqual(['600', '600', '600'])
    },
  )
})
