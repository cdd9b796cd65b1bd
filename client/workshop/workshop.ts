import Fastify, { type FastifyInstance } from 'fastify'
import { encode } from 'uqr'
import { RelayError } from '../../server/api.ts'
import { hostCheck } from '../../server/hosts.ts'
import { roomAddresses } from './addresses.ts'
import type { HostView } from './api.ts'
import { addHostRoutes } from './host-routes.ts'
import { addPages, readPages } from './pages.ts'
import { stillAgreed } from './view.ts'
import { checkFolder, openRound, purge, type Round, type RoundOptions } from './round.ts'
import type { OwnCertificate } from './tls/own.ts'

const atFirst: HostView['wall'] = { isBlank: false, hidesNames: false, isFrozen: false, scene: 'door' }

export interface WorkshopOptions extends Omit<RoundOptions, 'pages' | 'hostToken' | 'certificate'> {
  /** whether phones come in by https, with a certificate that the workshop makes */
  readonly tls: boolean
  /** is told of the new code when a round has been purged */
  readonly renewed: (links: readonly string[], code: string, certificate: OwnCertificate | null) => void
}

export interface Workshop {
  /** of the room, the likeliest first; the code is in each */
  links(): readonly string[]
  readonly code: string
  /** what phones are shown; null in plain http */
  readonly certificate: OwnCertificate | null
  /** false where this machine is in no network, and only pages on it can come in */
  readonly isReachable: boolean
  /** of the host's page on this machine, with the token */
  readonly hostLink: string
  stop(): Promise<void>
}

const loopback = '127.0.0.1'

/** Opens a room: two listeners, one for the phones in it and one for the host on this machine alone. @throws WorkshopError */
export async function startWorkshop(options: WorkshopOptions): Promise<Workshop> {
  checkFolder(options.folder)
  const pages = readPages()
  const hosts = () => [...options.names, ...roomAddresses()]
  // nothing else of the program has a use for it
  const tls = options.tls ? await import('./tls/own.ts') : null
  let certificate = tls?.ownCertificate({ ...options, names: hosts() }, null, Date.now()) ?? null
  let round: Round = await openRound({ ...options, pages, certificate, hostToken: null })
  const { hostToken, port } = round
  // who comes back to a room full of people need not be shown its door
  let wall: HostView['wall'] = { ...atFirst, scene: round.view().room.people.length > 0 ? 'room' : 'door' }
  let frozen: HostView | null = null

  const scheme = options.tls ? 'https' : 'http'
  const links = () =>
    (hosts().length > 0 ? hosts() : [loopback]).map((host) => `${scheme}://${host}:${port}/#${round.code}`)

  async function reset(): Promise<void> {
    await round.stop()
    purge(options.folder)
    wall = atFirst
    frozen = null
    certificate = tls?.ownCertificate({ ...options, names: hosts() }, certificate, Date.now()) ?? null
    round = await openRound({ ...options, port, pages, certificate, hostToken })
    options.renewed(links(), round.code, certificate)
  }

  function view(): HostView {
    const all = links()
    const { file, fingerprint } = certificate ?? {}
    return {
      ...round.view(),
      wall,
      addresses: [...all],
      certificate: file === undefined || fingerprint === undefined ? null : { file, fingerprint },
      qr: encode(all[0] ?? '', { border: 2 }).data,
    }
  }

  /** What is not said stays as it is. */
  function setWall(next: Partial<HostView['wall']>): void {
    wall = { ...wall, ...next }
    if (!wall.isFrozen) frozen = null
    else frozen ??= view()
  }

  /** What was done is what the wall shows next. */
  async function showing(scene: HostView['wall']['scene'], work: Promise<void>): Promise<void> {
    await work
    setWall({ scene })
  }

  const app = hostApp()
  addPages(app, pages, { '/': 'host', '/wall': 'wall' })
  addHostRoutes(app, {
    token: hostToken,
    view,
    // blank is blank, frozen or not
    wallView: () => (frozen && !wall.isBlank ? { ...withoutOthers(frozen, view().mayShow), wall } : view()),
    switchTo: (mode, people) => showing('room', round.deeds.switchTo(mode, people)),
    take: (take) => showing('room', round.deeds.take(take)),
    order: (person) => showing('order', round.deeds.order(person)),
    lookUp: (person) => showing('order', round.deeds.lookUp(person)),
    walk: (isNew) => showing('walk', round.deeds.walk(isNew)),
    play: (isPlaying) => round.deeds.play(isPlaying),
    askToDelete: () => round.deeds.askToDelete(),
    ask: (question, isRevealed) => round.deeds.ask(question, isRevealed),
    exercise: (id, isOver) => round.deeds.exercise(id, isOver),
    admit: (name) => round.deeds.admit(name),
    letIn: (address) => round.deeds.letIn(address),
    sendOut: (name) => round.deeds.sendOut(name),
    setWall,
    reset,
  })
  try {
    const url = await app.listen({ host: loopback, port: options.port === 0 ? 0 : port + 1 })
    return {
      links,
      isReachable: hosts().length > 0,
      get code() {
        return round.code
      },
      get certificate() {
        return certificate
      },
      hostLink: `${url}/#${hostToken}`,
      async stop() {
        await app.close()
        await round.stop()
      },
    }
  } catch (error) {
    await round.stop()
    throw error
  }
}

/** A frozen wall shows nothing of whoever has changed their mind since. */
const withoutOthers = (frozen: HostView, mayShow: readonly string[]): HostView => ({
  ...frozen,
  read: stillAgreed(frozen.read, mayShow),
  theft: frozen.theft && { ...frozen.theft, read: stillAgreed(frozen.theft.read, mayShow) },
  order: frozen.order && { ...frozen.order, read: stillAgreed(frozen.order.read, mayShow) },
  lookedUp: frozen.lookedUp && { ...frozen.lookedUp, read: stillAgreed(frozen.lookedUp.read, mayShow) },
})

/** For this machine alone; and a page of another site that has got a name for it is refused like everywhere. */
function hostApp(): FastifyInstance {
  const app = Fastify({ bodyLimit: 4096, forceCloseConnections: true })
  const check = hostCheck([], null)
  app.addHook('onRequest', async ({ raw }) => check(raw))
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof RelayError ? error.status : ((error as { statusCode?: number }).statusCode ?? 500)
    const message = error instanceof RelayError ? error.message : 'The workshop could not do this.'
    return reply.code(status).send({ code: 'bad-request', message })
  })
  return app
}
