import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { folder } from '../support/relay-folder.ts'
import { relayProcess } from '../support/relay-process.ts'
import { doormat, objects } from '../support/world-cli.ts'

it('a relay whose folder is put back takes up those who have registered since, and says so to who has lost the name', async () => {
  const directory = folder()
  const path = (name: string) => join(directory, name)
  const home = (name: string) => ['--home', path(name)]
  let relay = await relayProcess(path('relay'))
  const { url } = relay
  const { port } = new URL(url)
  const register = (name: string, home: string) =>
    doormat(['register', name, '--no-passphrase', '--relay', url, '--home', path(home)])
  await register('alice', 'alice')
  await relay.kill('SIGTERM')
  cpSync(path('relay'), path('backup'), { recursive: true })
  relay = await relayProcess(path('relay'), '--port', port)
  for (const name of ['bob', 'carol']) await register(name, name)
  expect(await doormat(['send', 'alice', 'before', ...home('carol')])).toMatchObject({ code: 0 })
  await relay.kill('SIGTERM')
  rmSync(path('relay'), { recursive: true })
  cpSync(path('backup'), path('relay'), { recursive: true })
  await relayProcess(path('relay'), '--port', port)

  expect(await register('bob', 'thief')).toMatchObject({ code: 0 })
  expect(await doormat(['send', 'alice', 'after', ...home('carol')])).toMatchObject({ code: 0 })
  const lost = await doormat(['send', 'alice', 'who am I?', ...home('bob')])
  expect(lost).toMatchObject({ code: 4, stderr: expect.stringContaining('somebody else has registered the name bob') })
  expect(lost.stderr).toContain('[name-lost]')
  expect(objects(await doormat(['history', '--json', ...home('bob')]))).toContainEqual(
    expect.objectContaining({ text: 'who am I?', state: 'waiting' }),
  )
})
