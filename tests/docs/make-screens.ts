import { resolve } from 'node:path'
import { takeAll, takeOnly, walkThrough } from './screens.ts'

/*
 * Walks through a workshop of six people in Chromium. `npm run screens` takes the three pictures of README and docs from it;
 * `npm run screens -- FOLDER` puts every screen there, light and dark, to be looked at.
 */

const [, , folder] = process.argv
const picture = (name: string) => resolve(import.meta.dirname, '../../docs/workshop', `${name}.png`)

await walkThrough(
  folder === undefined
    ? takeOnly({ 'phone-read': picture('phone'), 'wall-read': picture('wall'), 'wall-thief': picture('thief') })
    : takeAll(folder),
)
