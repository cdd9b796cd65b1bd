import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const house = mkdtempSync(join(tmpdir(), 'doormat-house-'))
copyFileSync(join(root, '.oxlintrc.json'), join(house, '.oxlintrc.json'))
symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
afterAll(() => rmSync(house, { recursive: true, force: true }))

/** What the linter says of a file with this one import, at this place in the house. */
function lint(file: string, imported: string): { readonly clean: boolean; readonly said: string } {
  const path = join(house, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `import { thing } from '${imported}'\n\nexport const used = thing\n`)
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), file], {
    cwd: house,
    encoding: 'utf8',
  })
  rmSync(path)
  return { clean: status === 0, said: stdout }
}

/** The directions of docs/decisions/0001: crypto <- crypto/access <- server; client -> crypto, server/api.ts. */
describe('the linter', () => {
  it.each([
    ['crypto/ratchet.ts', 'node:fs'],
    ['crypto/ratchet.ts', './access/mode.ts'],
    ['crypto/ratchet.ts', '../server/api.ts'],
    ['crypto/access/mode.ts', '../../client/device/device.ts'],
    ['crypto/access/mode.ts', 'node:crypto'],
    ['server/relay.ts', '../client/device.ts'],
    ['server/relay.ts', 'libsodium-wrappers'],
    ['client/device/device.ts', '../server/relay.ts'],
    ['client/device/device.ts', '../server/store/store.ts'],
    ['client/device/device.ts', '../crypto/access/index.ts'],
    ['client/device/device.ts', './cli/terminal.ts'],
    ['client/authority/desk.ts', '../../server/mailbox.ts'],
    ['client/cli/commands/send.ts', '../../../server/main.ts'],
    ['client/cli/commands/send.ts', 'libsodium-wrappers'],
  ])('catches %s importing %s', (file, imported) => {
    const { clean, said } = lint(file, imported)
    expect(clean).toBe(false)
    expect(said).toContain('no-restricted-imports')
  })

  it.each([
    ['crypto/ratchet.ts', './keys.ts'],
    ['crypto/access/mode.ts', '../envelope.ts'],
    ['server/relay.ts', '../crypto/access/index.ts'],
    ['client/device/device.ts', '../server/api.ts'],
    ['client/device/store.ts', '../server/sqlite.ts'],
    ['client/authority/desk.ts', '../../crypto/access/index.ts'],
    ['client/cli/commands/relay.ts', '../../../server/main.ts'],
  ])('lets %s import %s', (file, imported) => {
    expect(lint(file, imported)).toMatchObject({ clean: true })
  })
})
