import { type Attachment, readAttachment, readVoice, writeAttachment, writeVoice } from './attachment.ts'
import { decode, type Reader, type Writer } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { type MessageName, readMessageName, writeMessageName } from './message-name.ts'

/*
 * What a later version adds to a kind of message, behind its body. A version that does not know one keeps it as it is.
 */

export interface Extension {
  /** 1 to 255 */
  readonly which: number
  readonly bytes: Uint8Array
}

export interface Extensions {
  /** with its length, where it is a voice message */
  readonly attachment?: Attachment
  /** the message that this one answers */
  readonly answers?: MessageName
  /** those of numbers that this version does not know, in ascending order */
  readonly further?: readonly Extension[]
}

const attachmentNumber = 2
const voiceNumber = 5
const answersNumber = 6
const extensionMaximumBytes = 65_536

/** Each as its number (1 byte) and itself behind its length, each once, in ascending order. */
export function writeExtensions(to: Writer, { attachment, answers, further = [] }: Extensions): void {
  const writeFurther = (after: number, before: number) => {
    for (const { which, bytes } of further) {
      if (which <= after || which >= before) continue
      to.u8(which)
      to.field(bytes)
    }
  }
  writeFurther(0, attachmentNumber)
  if (attachment) {
    to.u8(attachmentNumber)
    to.fieldOf((inside) => writeAttachment(inside, attachment))
  }
  writeFurther(attachmentNumber, voiceNumber)
  const voiceMs = attachment?.voiceMs
  if (voiceMs !== undefined) {
    to.u8(voiceNumber)
    to.fieldOf((inside) => writeVoice(inside, voiceMs))
  }
  writeFurther(voiceNumber, answersNumber)
  if (answers) {
    to.u8(answersNumber)
    to.fieldOf((inside) => writeMessageName(inside, answers))
  }
  writeFurther(answersNumber, 256)
}

/** @param end where the content ends. @throws CryptoError `malformed` */
export function readExtensions(reader: Reader, end: number): Extensions {
  let attachment: Attachment | undefined
  let answers: MessageName | undefined
  const further: Extension[] = []
  for (let last = 0; reader.offset < end;) {
    const which = reader.u8()
    if (which <= last) throw new CryptoError('malformed', 'extensions are out of their order')
    last = which
    const bytes = reader.field(extensionMaximumBytes)
    if (which === attachmentNumber) attachment = decode(bytes, readAttachment)
    else if (which === voiceNumber) attachment = spoken(attachment, decode(bytes, readVoice))
    else if (which === answersNumber) answers = decode(bytes, readMessageName)
    else further.push({ which, bytes })
  }
  return { ...(attachment && { attachment }), ...(answers && { answers }), ...(further.length > 0 && { further }) }
}

function spoken(attachment: Attachment | undefined, voiceMs: number): Attachment {
  if (!attachment) throw new CryptoError('malformed', 'a voice message without its file')
  return { ...attachment, voiceMs }
}
