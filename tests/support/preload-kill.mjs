import fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'

/*
 * For `node --import`: a process that kills itself at the DOORMAT_TEST_DIE-th of all points at which something of it
 * reaches the disk: before and after each commit and each write to a file, and in the middle of the latter.
 */
const last = Number(process.env['DOORMAT_TEST_DIE'])
let points = 0

function point() {
  points += 1
  if (points === last) process.kill(process.pid, 'SIGKILL')
}

function around(write) {
  point()
  const result = write()
  point()
  return result
}

const reads = /^\s*(SELECT|BEGIN|ROLLBACK|PRAGMA (user_version|data_version)$)/i

function watchedStatement(statement, sql, database) {
  return new Proxy(statement, {
    get(target, name) {
      const member = target[name]
      if (typeof member !== 'function') return member
      if (reads.test(sql)) return member.bind(target)
      return (...values) =>
        database.isTransaction ? member.apply(target, values) : around(() => member.apply(target, values))
    },
  })
}

const watched = (Database) =>
  class extends Database {
    exec(sql) {
      const commits = sql === 'COMMIT' || !(this.isTransaction || reads.test(sql))
      return commits ? around(() => super.exec(sql)) : super.exec(sql)
    }

    prepare(sql) {
      return watchedStatement(super.prepare(sql), sql, this)
    }
  }

function watchSqlite() {
  const builtin = process.getBuiltinModule('node:sqlite')
  if (builtin) {
    builtin.DatabaseSync = watched(builtin.DatabaseSync)
    return
  }
  const require = createRequire(import.meta.url)
  const own = require('@photostructure/sqlite')
  require.cache[require.resolve('@photostructure/sqlite')].exports = {
    ...own,
    DatabaseSync: watched(own.DatabaseSync),
  }
}

/** In the middle of a write half of it is in the file. */
function torn(whole, half) {
  return around(() => {
    if (points + 1 === last) half()
    point()
    return whole()
  })
}

function watchFiles() {
  const { writeFileSync, writeSync } = fs
  for (const name of ['ftruncateSync', 'renameSync', 'linkSync']) {
    const change = fs[name]
    fs[name] = (...parts) => around(() => change(...parts))
  }
  fs.writeFileSync = (path, data, options) =>
    torn(
      () => writeFileSync(path, data, options),
      () => writeFileSync(path, data.slice(0, data.length / 2), options),
    )
  fs.writeSync = (file, bytes, offset = 0, length = bytes.length - offset, position = null) =>
    file <= 2
      ? writeSync(file, bytes, offset)
      : torn(
          () => writeSync(file, bytes, offset, length, position),
          () => writeSync(file, bytes, offset, Math.floor(length / 2), position),
        )
  syncBuiltinESMExports()
}

watchSqlite()
watchFiles()
