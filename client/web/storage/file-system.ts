import type { Sqlite3Static, WasmPointer } from '@sqlite.org/sqlite-wasm'
import type { PagedFile } from './pages.ts'

export const fileSystemName = 'doormat'

/**
 * Gives SQLite a file system (a VFS) that has one file and nothing else: no journal, for it is kept in memory, and no temporary file.
 * Chance it asks of the default file system. Each slot has a function of its own: the library writes a function's signature down with the first slot that it sees it in.
 * @see https://www.sqlite.org/vfs.html
 */
export function installFileSystem({ capi, wasm, vfs }: Sqlite3Static, file: PagedFile): void {
  const heap = (at: WasmPointer, size: number) => wasm.heap8u().subarray(at, at + size)
  const io = new capi.sqlite3_io_methods()
  // the declarations leave the `$` out here
  Object.assign(io, { $iVersion: 1 })

  const system = new capi.sqlite3_vfs()
  system.$iVersion = 2
  system.$szOsFile = new capi.sqlite3_file().structInfo.sizeof
  system.$mxPathname = 64

  vfs.installVfs({
    io: {
      struct: io,
      methods: {
        xClose: () => capi.SQLITE_OK,
        xRead: (_file, into, size, offset) =>
          file.read(heap(into, size), whole(offset)) ? capi.SQLITE_OK : capi.SQLITE_IOERR_SHORT_READ,
        xWrite: (_file, from, size, offset) => {
          file.write(heap(from, size), whole(offset))
          return capi.SQLITE_OK
        },
        xTruncate: (_file, size) => {
          file.truncate(whole(size))
          return capi.SQLITE_OK
        },
        xSync: (_file, _flags) => capi.SQLITE_OK,
        xFileSize: (_file, into) => {
          wasm.poke64(into, BigInt(file.sizeBytes()))
          return capi.SQLITE_OK
        },
        xLock: (_file, _kind) => capi.SQLITE_OK,
        xUnlock: (_file, _kind) => capi.SQLITE_OK,
        xCheckReservedLock: (_file, into) => {
          wasm.poke32(into, 0)
          return capi.SQLITE_OK
        },
        xFileControl: (_file, _what, _argument) => capi.SQLITE_NOTFOUND,
        xDeviceCharacteristics: (_file) => 0,
      },
    },
    vfs: {
      struct: system,
      name: fileSystemName,
      asDefault: false,
      methods: {
        xOpen: (_system, _name, at, flags, flagsAt) => {
          const opened = new capi.sqlite3_file(at)
          const isMain = (flags & capi.SQLITE_OPEN_MAIN_DB) !== 0
          opened.$pMethods = isMain ? io.pointer : 0
          opened.dispose()
          if (!isMain) return capi.SQLITE_CANTOPEN
          wasm.poke32(flagsAt, flags)
          return capi.SQLITE_OK
        },
        xDelete: (_system, _name, _sync) => capi.SQLITE_OK,
        xAccess: (_system, _name, _flags, into) => {
          wasm.poke32(into, 0)
          return capi.SQLITE_OK
        },
        xFullPathname: (_system, name, size, into) =>
          wasm.cstrncpy(into, name, size) < size ? capi.SQLITE_OK : capi.SQLITE_CANTOPEN,
        xSleep: (_system, _microseconds) => capi.SQLITE_OK,
        xCurrentTime: (_system, into) => {
          wasm.poke(into, 2440587.5 + Date.now() / 86_400_000, 'double')
          return capi.SQLITE_OK
        },
        xCurrentTimeInt64: (_system, into) => {
          wasm.poke64(into, BigInt(210866760000000) + BigInt(Date.now()))
          return capi.SQLITE_OK
        },
        xGetLastError: (_system, _size, _into) => capi.SQLITE_OK,
      },
    },
  })
}

/** 64 bits come as a bigint, whatever the declarations say. */
const whole = (value: number | bigint): number => Number(value)
