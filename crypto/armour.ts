/*
 * A text that its writer has locked, as text: any program can carry and show it. Nothing here is secret, and nothing is checked but the form.
 */

const head = '-----BEGIN LOCKED TEXT-----'
const foot = '-----END LOCKED TEXT-----'
/** label, salt, nonce, the smallest size and its tag are some 200 bytes */
const form = new RegExp(`^\\s*${head}\\s+([A-Za-z0-9_-]{200,})\\s+${foot}\\s*$`)

/** @param body base64url */
export const armour = (body: string): string => `${head}\n${body}\n${foot}`

/** What stands between head and foot, base64url; null for every other text. */
export const armouredIn = (text: string): string | null => form.exec(text)?.[1] ?? null
