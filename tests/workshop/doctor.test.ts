import { request as askPlainly, type RequestOptions } from 'node:http'
import { request as askSecurely } from 'node:https'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { startDoctor } from '../../client/workshop/doctor.ts'
import { ownCertificate } from '../../client/workshop/tls/own.ts'

/** The status of an answer. */
const statusOf = (options: RequestOptions, send = askPlainly) =>
  new Promise<number>((resolve, reject) => {
    const asking = send(options, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    asking.on('error', reject)
    asking.end()
  })

it('tells of each other machine that has been given the page, once, and not of this one', async () => {
  const told: string[] = []
  const doctor = await startDoctor(0, null, (...visit) => void told.push(visit.join(' ')))
  onTestFinished(doctor.stop)
  // whoever comes over loopback from 127.0.0.2 is, to the doctor, somebody else
  const port = doctor.port
  const from = (localAddress: string) => statusOf({ host: '127.0.0.1', port, localAddress })
  expect(await from('127.0.0.1')).toBe(200)
  expect(await from('127.0.0.2')).toBe(200)
  expect(await from('127.0.0.2')).toBe(200)
  await expect.poll(() => told).toEqual(['127.0.0.2 opened'])
})

it('tells over TLS, too, which machine stays connected, and which one’s browser refuses that', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doormat-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const certificate = ownCertificate({ folder, keep: false, names: [] }, null, Date.now())
  const told: string[] = []
  const doctor = await startDoctor(0, certificate, (...visit) => void told.push(visit.join(' ')))
  onTestFinished(doctor.stop)
  const at = (localAddress: string) => ({ host: '127.0.0.1', port: doctor.port, localAddress, ca: certificate.cert })
  expect(await statusOf(at('127.0.0.2'), askSecurely)).toBe(200)
  const socket = new WebSocket(`wss://127.0.0.1:${doctor.port}/connection`, at('127.0.0.2'))
  await new Promise((resolve) => socket.once('open', resolve))
  expect(await statusOf({ ...at('127.0.0.3'), path: '/refused', method: 'POST' }, askSecurely)).toBe(200)
  await expect.poll(() => told).toEqual(['127.0.0.2 opened', '127.0.0.2 connected', '127.0.0.3 refused'])
  // whoever has typed the address without https
  expect(await statusOf(at('127.0.0.4'))).toBe(307)
})
