import { describe, expect, it, onTestFinished } from 'vitest'
import { decryptAead } from '../../../crypto/aead.ts'
import { derive, labels } from '../../../crypto/kdf.ts'
import { doormat, salamander } from '../../../client/lab/world/drawings.ts'
import { twoPictures } from '../../../client/lab/adversaries/two-pictures.ts'
import { browserMissing, openBrowser } from '../../support/browser.ts'
import { seededRandom } from '../../support/random.ts'

describe.skipIf(browserMissing)(`a browser that decodes one blob under two keys${browserMissing}`, () => {
  it('shows the salamander and the doormat, to the pixel', async () => {
    const { blob, keys } = twoPictures([salamander, doormat], seededRandom('in a browser'))
    const nonce = new Uint8Array(24).fill(1, 23)
    const files = keys.map(
      (key) => decryptAead(derive(labels.attachmentEncryption, key), nonce, blob) ?? new Uint8Array(),
    )
    const browser = await openBrowser()
    onTestFinished(() => browser.close())
    const page = await browser.newPage()
    const pixels = (file: Uint8Array) =>
      page.evaluate(async (base64) => {
        const image = new Image()
        image.src = `data:image/jpeg;base64,${base64}`
        await image.decode()
        const canvas = new OffscreenCanvas(image.width, image.height)
        const drawing = canvas.getContext('2d')
        drawing?.drawImage(image, 0, 0)
        return Array.from(drawing?.getImageData(0, 0, image.width, image.height).data ?? [])
      }, Buffer.from(file).toString('base64'))
    const [one, other] = [await pixels(files[0] as Uint8Array), await pixels(files[1] as Uint8Array)]
    expect(one).toEqual(await pixels(salamander))
    expect(other).toEqual(await pixels(doormat))
    expect(one).toHaveLength(4 * 128 * 64)
    // where the salamander is black with a yellow spot, and where the door is brown
    const at = (all: readonly number[], x: number, y: number) => all.slice(4 * (y * 128 + x), 4 * (y * 128 + x) + 3)
    const near = (colour: readonly number[], wanted: readonly number[]) =>
      colour.every((value, i) => Math.abs(value - (wanted[i] ?? 0)) <= 6)
    expect(near(at(one ?? [], 12, 28), [240, 170, 20])).toBe(true)
    expect(near(at(one ?? [], 20, 20), [38, 38, 42])).toBe(true)
    expect(near(at(other ?? [], 40, 4), [150, 90, 40])).toBe(true)
  })
})
