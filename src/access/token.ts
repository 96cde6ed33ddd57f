import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a token opens: `ak` an API, `lk` a link. */
export type TokenKind = 'ak' | 'lk'

/** A token that was just made: its text is shown once, its hash is what is kept. */
export type NewToken = { readonly id: string; readonly token: string; readonly hash: string }

/** A token nobody guesses: `<kind>_<id>_<secret>`, with 256 random bits in the secret. The id is 16 hexadecimal digits. */
export function newToken(kind: TokenKind, id: string = randomBytes(8).toString('hex')): NewToken {
  const secret = randomBytes(32).toString('base64url')
  return { id, token: `${kind}_${id}_${secret}`, hash: hashOf(secret) }
}

const PARTS = /^(ak|lk)_([0-9a-f]{16})_([\w-]{43})$/

/** The id and the hash of the secret of a token; undefined when the text is no such token. */
export function readToken(kind: TokenKind, text: string): { readonly id: string; readonly hash: string } | undefined {
  const [, found, id, secret] = PARTS.exec(text) ?? []
  return found === kind ? { id: id!, hash: hashOf(secret!) } : undefined
}

/** Whether a text is the id of a token. */
export const isTokenId = (text: string) => /^[0-9a-f]{16}$/.test(text)

/** Whether two hashes are the same, in a time that does not tell where they differ. */
export function sameHash(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

const hashOf = (secret: string) => hash('sha256', secret)
