import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { at } from '../support/at.ts'

const root = resolve(import.meta.dirname, '../..')
const house = mkdtempSync(join(tmpdir(), 'doormat-house-'))
copyFileSync(join(root, '.oxlintrc.json'), join(house, '.oxlintrc.json'))
symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
afterAll(() => rmSync(house, { recursive: true, force: true }))

/** The directions of docs/architecture.md: who may not import what, who may not use what, and who may import what. */
const forbidden = [
  ['crypto/ratchet.ts', 'node:fs'],
  ['crypto/ratchet.ts', 'node:fs/promises'],
  ['crypto/ratchet.ts', './access/mode.ts'],
  ['crypto/ratchet.ts', '../server/api.ts'],
  ['crypto/native.ts', 'sodium-native'],
  ['crypto/native.ts', '../server/native.ts'],
  ['crypto/access/mode.ts', '../../client/device/device.ts'],
  ['crypto/access/mode.ts', 'node:crypto'],
  ['crypto/access/mode.ts', 'sodium-native'],
  ['server/relay.ts', '../client/device/device.ts'],
  ['server/relay.ts', 'libsodium-wrappers'],
  ['server/relay.ts', 'sodium-native'],
  ['client/device/device.ts', 'node:timers/promises'],
  ['client/device/relay.ts', 'ws'],
  ['client/device/device.ts', '../../server/relay.ts'],
  ['client/device/device.ts', '../../server/sqlite.ts'],
  ['client/device/device.ts', '../../server/native.ts'],
  ['client/device/device.ts', 'sodium-native'],
  ['client/device/device.ts', '../../server/store/store.ts'],
  ['client/device/device.ts', '../../server/disk/storage.ts'],
  ['client/device/device.ts', '../../crypto/access/index.ts'],
  ['client/device/device.ts', '../node/store.ts'],
  ['client/device/device.ts', '../words/visible.ts'],
  ['client/device/device.ts', '../cli/terminal.ts'],
  ['client/device/device.ts', '../authority/reading.ts'],
  ['client/device/device.ts', '../lab/simulation/actor.ts'],
  ['client/words/trust.ts', 'node:util'],
  ['client/words/trust.ts', '../cli/exit.ts'],
  ['client/words/trust.ts', '../node/store.ts'],
  ['client/words/trust.ts', '../../server/native.ts'],
  ['client/node/store.ts', '../cli/exit.ts'],
  ['client/node/store.ts', '../../server/relay.ts'],
  ['client/node/store.ts', '../../crypto/access/index.ts'],
  ['client/authority/reading.ts', '../../server/mailbox.ts'],
  ['client/authority/reading.ts', '../cli/exit.ts'],
  ['client/lab/report/csv.ts', '../../cli/terminal.ts'],
  ['client/lab/world/world.ts', '../simulation/actor.ts'],
  ['client/lab/simulation/play.ts', '../adversaries/exposure.ts'],
  ['client/lab/adversaries/exposure.ts', '../runs/result.ts'],
  ['client/lab/runs/run.ts', '../experiments/named.ts'],
  ['client/lab/experiments/named.ts', '../report/words.ts'],
  ['client/web/device/worker.ts', 'node:fs'],
  ['client/web/device/worker.ts', '../../../server/relay.ts'],
  ['client/web/device/worker.ts', '../../../server/native.ts'],
  ['client/web/device/worker.ts', 'sodium-native'],
  ['client/web/device/worker.ts', '../../node/store.ts'],
  ['client/web/wall/wall.tsx', '../../workshop/workshop.ts'],
  ['client/web/wall/wall.tsx', '../../authority/reading.ts'],
  ['client/web/wall/wall.tsx', '../../cli/exit.ts'],
  ['client/workshop/workshop.ts', '../cli/exit.ts'],
  ['client/workshop/workshop.ts', '../web/device/protocol.ts'],
  ['client/workshop/workshop.ts', '../device/device.ts'],
  ['client/stage/actor.ts', '../authority/reading.ts'],
  ['client/stage/actor.ts', '../lab/simulation/actor.ts'],
  ['client/stage/actor.ts', '../workshop/round.ts'],
  ['client/cli/commands/send.ts', '../../../server/main.ts'],
  ['client/cli/commands/send.ts', 'libsodium-wrappers'],
  ['client/cli/commands/send.ts', 'sodium-native'],
] as const
const unknown = [
  ['client/device/queue.ts', 'Buffer.from([])'],
  ['client/device/lease.ts', 'process.pid'],
  ['client/words/visible.ts', 'document.title'],
  ['client/web/wall/wall.tsx', 'process.pid'],
] as const
const allowed = [
  ['crypto/ratchet.ts', './keys.ts'],
  ['crypto/access/mode.ts', '../envelope.ts'],
  ['server/relay.ts', '../crypto/access/index.ts'],
  ['client/device/device.ts', '../../server/api.ts'],
  ['client/node/store.ts', '../../server/sqlite.ts'],
  ['client/node/asking.ts', '../../server/native.ts'],
  ['client/node/store.ts', 'node:fs'],
  ['client/words/trust.ts', '../device/contacts.ts'],
  ['client/authority/reading.ts', '../../crypto/access/index.ts'],
  ['client/web/device/worker.ts', '../../../server/api.ts'],
  ['client/web/wall/wall.tsx', '../../workshop/api.ts'],
  ['client/workshop/workshop.ts', '../../server/main.ts'],
  ['client/workshop/workshop.ts', '../authority/reading.ts'],
  ['client/stage/actor.ts', '../device/device.ts'],
  ['client/stage/actor.ts', '../lab/world/world.ts'],
  ['client/lab/adversaries/exposure.ts', '../simulation/played.ts'],
  ['client/lab/report/csv.ts', '../../words/visible.ts'],
  ['client/cli/commands/relay.ts', '../../../server/main.ts'],
] as const

/** Everything above in its file, and what the linter says of it: each has the file, what it names, and the rule. */
const broken = lint([
  ...[...forbidden, ...allowed].map(([file, name]) => [file, name, `import '${name}'`] as const),
  ...unknown.map(([file, name]) => [file, name, `void ${name}`] as const),
])

function lint(breaches: readonly (readonly [file: string, name: string, line: string])[]): Set<string> {
  const files = new Map<string, string[]>()
  const lines = new Map<string, string>()
  for (const [file, name, line] of breaches) {
    const names = [...(files.get(file) ?? []), name]
    files.set(file, names)
    lines.set(file, `${lines.get(file) ?? ''}${line}\n`)
  }
  for (const [file, text] of lines) {
    mkdirSync(dirname(join(house, file)), { recursive: true })
    writeFileSync(join(house, file), text)
  }
  const oxlint = [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json', '.']
  const { stdout } = spawnSync(process.execPath, oxlint, { cwd: house, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[]
  }
  return new Set(
    diagnostics.map(({ code, filename, labels }) => {
      const name = at(files.get(filename) ?? [], at(labels, 0).span.line - 1)
      return `${filename} ${name} ${code}`
    }),
  )
}

describe('the linter', () => {
  it.each(forbidden)('catches %s importing %s', (file, imported) => {
    expect(broken).toContain(`${file} ${imported} eslint(no-restricted-imports)`)
  })

  it.each(unknown)('catches %s using %s', (file, used) => {
    expect(broken).toContain(`${file} ${used} eslint(no-restricted-globals)`)
  })

  it.each(allowed)('lets %s import %s', (file, imported) => {
    expect(broken).not.toContain(`${file} ${imported} eslint(no-restricted-imports)`)
  })

  it('names every file of the relay that no client may know: the pattern has no other way to say so', () => {
    const { overrides } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
      overrides: { files: string[]; rules: Record<string, unknown> }[]
    }
    const ofClients = JSON.stringify(overrides.find(({ files }) => files[0] === 'client/**/*.ts')?.rules)
    const [, pattern = ''] = /"regex":"([^"]*server[^"]*)"/.exec(ofClients) ?? []
    const secret = new RegExp(JSON.parse(`"${pattern}"`) as string)
    const files = readdirSync(join(root, 'server')).filter((name) => name.endsWith('.ts'))
    const known = files.filter((name) => !secret.test(`../../server/${name}`))
    expect(known.sort()).toEqual(['api.ts', 'native.ts', 'sqlite-copy.ts', 'sqlite.ts'])
    expect(secret.test('../../server/store/store.ts')).toBe(true)
  })
})
