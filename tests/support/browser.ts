import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { hangMs } from './hang.ts'
import { missing } from './missing.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const found = places.find((place) => existsSync(place)) ?? null

/** Why there is no browser to look with, in brackets; empty where there is one. */
export const browserMissing: string = missing(found !== null, 'no Chromium; apt-get install chromium')

/**
 * A real browser without a window, whose pages wait for whatever they are to show until that is a hang. It is given nothing to
 * fetch for itself: no updates, no checks, no sync.
 * @param more of its switches
 */
export async function openBrowser(...more: readonly string[]): Promise<Browser> {
  if (!found) throw new Error('there is no Chromium on this machine')
  const browser = await chromium.launch({
    executablePath: found,
    timeout: hangMs,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  })
  browser.on('context', (context) => context.setDefaultTimeout(hangMs))
  return browser
}
