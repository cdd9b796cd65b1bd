import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { WorkshopError } from './errors.ts'

/** One built file, as it goes out. */
export interface Page {
  readonly path: string
  readonly type: string
  readonly plain: Buffer
  readonly zipped: Buffer
  /** whether its name changes with its content */
  readonly isNamedByContent: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
}

/** On every file: a worker goes by the policy that came with its own script. Nothing is fetched from, framed by or sent to anybody else. */
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  'media-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The pages as they are built, read once and held in memory. @throws WorkshopError where they are not built */
export function readPages(): readonly Page[] {
  // beside the program as it is built, and in dist/ when it runs from its sources
  const folder = ['./web', '../../dist/web']
    .map((place) => new URL(place, import.meta.url).pathname)
    .find((place) => existsSync(join(place, 'client/web/chat/index.html')))
  if (folder === undefined) throw new WorkshopError('the pages are not built', 'npm run build')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name)
      const plain = readFileSync(file)
      return {
        path: `/${relative(folder, file)}`,
        type: types[extname(file)] ?? 'application/octet-stream',
        plain,
        zipped: gzipSync(plain, { level: 9 }),
        isNamedByContent: entry.parentPath.endsWith('assets'),
      }
    })
}

/** @param entry which page stands at `/` */
export function addPages(
  app: FastifyInstance,
  pages: readonly Page[],
  entries: Readonly<Record<string, string>>,
): void {
  for (const page of pages.filter(({ path }) => path.startsWith('/assets/')))
    app.get(page.path, (request, reply) => send(reply, page, request.headers['accept-encoding']))
  for (const [route, name] of Object.entries(entries)) {
    const page = pages.find(({ path }) => path === `/client/web/${name}/index.html`)
    if (page) app.get(route, (request, reply) => send(reply, page, request.headers['accept-encoding']))
  }
}

function send(reply: FastifyReply, page: Page, accepted: string | string[] | undefined): FastifyReply {
  const takesZipped = String(accepted ?? '').includes('gzip')
  if (takesZipped) void reply.header('content-encoding', 'gzip')
  return reply
    .header('content-security-policy', contentPolicy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('vary', 'accept-encoding')
    .header('cache-control', page.isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-store')
    .type(page.type)
    .send(takesZipped ? page.zipped : page.plain)
}
