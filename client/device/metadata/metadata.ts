import { plainGif } from './gif.ts'
import { plainJpeg } from './jpeg.ts'
import { plainPng } from './png.ts'
import { plainWebp } from './webp.ts'

/*
 * A picture from a phone says where and when it was taken, and with what. Here all of that is left out, and what the picture itself
 * needs stays: its pixels as they are, its colours, and which side is up. The forms are walked by their structure, so a byte
 * in the pixels that looks like a marker is not taken for one. What is not known to be needed goes.
 */

/** A picture without its metadata. */
export interface Stripped {
  readonly bytes: Uint8Array
  /** how many bytes of metadata were left out */
  readonly removedBytes: number
}

/** Pictures are taken apart in memory. */
export const pictureMaximumBytes = 32 * 1024 * 1024

/** By media type. Of other forms that have metadata nobody here can take it out. */
const forms: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>>> = {
  'image/jpeg': plainJpeg,
  'image/png': plainPng,
  'image/webp': plainWebp,
  'image/gif': plainGif,
}

/** Whether metadata can be left out of a file of this media type. */
export const canBeStripped = (type: string): boolean => type in forms

/**
 * @param type a media type, as the bytes begin
 * @throws BadForm
 */
export async function withoutMetadata(type: string, bytes: Uint8Array): Promise<Stripped> {
  const plain = await forms[type]?.(bytes)
  if (!plain) throw new Error(`nothing is known about the metadata of ${type}`)
  return { bytes: plain, removedBytes: Math.max(0, bytes.length - plain.length) }
}
