import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../support/free-port.ts'

/** How a broker keeps what it has acknowledged: by a copy of everything, now and then, or after each change. */
export const brokers = {
  'mosquitto, saving every second': ['autosave_interval 1'],
  'mosquitto, saving at each change': ['autosave_interval 1', 'autosave_on_changes true'],
} as const

export type BrokerName = keyof typeof brokers

/** Debian keeps it where only root's path looks. */
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` }

/** @returns null where there is none */
export function mosquittoVersion(): string | null {
  const { stdout } = spawnSync('mosquitto', ['-h'], { encoding: 'utf8', env: environment })
  return /mosquitto version (\S+)/.exec(stdout ?? '')?.[1] ?? null
}

/** A broker of our own, with its own folder. */
export async function startMosquitto(
  folder: string,
  name: BrokerName,
): Promise<{ port: number; stop(): Promise<void> }> {
  const directory = join(folder, name.replaceAll(/\W+/g, '-'))
  mkdirSync(directory)
  const port = await freePort()
  const configuration = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${directory}/`,
    ...brokers[name],
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'set_tcp_nodelay true',
    'log_type none',
    // it gives up root's rights otherwise, and then cannot write where we told it
    'user root',
  ]
  const path = join(directory, 'mosquitto.conf')
  writeFileSync(path, `${configuration.join('\n')}\n`)
  const child = spawn('mosquitto', ['-c', path], { env: environment, stdio: 'ignore' })
  await untilListening(port)
  return {
    port,
    async stop() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1')
    const isUp = await new Promise((said) => {
      socket.once('connect', () => said(true))
      socket.once('error', () => said(false))
    })
    socket.destroy()
    if (isUp) return
    await sleep(50)
  }
  throw new Error('mosquitto does not listen')
}
