import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface LockedPackage {
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Record<string, string>
}

const lockOf = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../${path}package-lock.json`, import.meta.url), 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
const { packages } = lockOf('')
const mutants = lockOf('tests/mutants/').packages
const about = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  allowScripts: Record<string, boolean>
}

it('the lock file names no registry', () => {
  const named = [packages, mutants].flatMap((lock) => Object.entries(lock))
  expect(named.filter(([, { resolved }]) => resolved?.includes('//'))).toEqual([])
})

it('the lock file has every platform of every package that comes by platform', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`])
      .map((name) => `${path}: ${name}`),
  )
  expect(missing).toEqual([])
})

it('the mutation tests bring nothing that runs a script, and no vitest of their own', () => {
  expect(Object.entries(mutants).filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([])
  expect(Object.keys(mutants)).not.toContain('node_modules/vitest')
})

it('no dependency is let run a script when it is installed', () => {
  const scripted = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
  for (const name of scripted) expect(about.allowScripts[name], name).toBe(name === 'fsevents' ? undefined : false)
})
