import { get } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { startDoctor } from '../../client/workshop/doctor.ts'

it('tells of each other machine that has been given the page, once, and not of this one', async () => {
  const told: string[] = []
  const doctor = await startDoctor(0, (address) => void told.push(address))
  onTestFinished(doctor.stop)
  // whoever comes over loopback from 127.0.0.2 is, to the doctor, somebody else
  const port = doctor.port
  const from = (localAddress: string) =>
    new Promise<number>((resolve, reject) => {
      get({ host: '127.0.0.1', port, localAddress }, (response) => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      }).on('error', reject)
    })
  expect(await from('127.0.0.1')).toBe(200)
  expect(await from('127.0.0.2')).toBe(200)
  expect(await from('127.0.0.2')).toBe(200)
  await expect.poll(() => told).toEqual(['127.0.0.2'])
})
