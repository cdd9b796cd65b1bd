const longest = 16

/** What anybody may type, as one tells it. */
export const nameRule = `A name has up to ${longest} letters and digits: a to z, 0 to 9, and . _ - between them. It begins with a letter.`

const plain: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}

const bare = (text: string) =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{Mark}/gu, '')
    .replaceAll(/[ßæœøłđðþı]/g, (letter) => plain[letter] ?? '')

/** A name as the room takes it: letters without their accents, and nothing else. May be empty. */
export const asName = (text: string): string =>
  bare(text)
    .replaceAll(/[^a-z0-9._-]/g, '')
    .replace(/^[^a-z]+/, '')
    .slice(0, longest)

/** Whether something in what was typed could not be taken: a capital letter or an accent is no loss. */
export const isCut = (text: string): boolean => asName(text).length < bare(text).length
