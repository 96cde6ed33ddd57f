import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** `ak`: an API key, `lk`: a link, `se`: a session of a browser. */
type TokenKind = 'ak' | 'lk' | 'se'

/** A new token. Its text is shown once; only the hash is stored. */
type NewToken = { readonly id: string; readonly token: string; readonly hash: string }

/** Creates a token `<kind>_<id>_<secret>` with 256 random bits in the secret. The id is 16 hexadecimal digits. */
export function newToken(kind: TokenKind, id: string = randomBytes(8).toString('hex')): NewToken {
  const secret = randomBytes(32).toString('base64url')
  return { id, token: `${kind}_${id}_${secret}`, hash: hashOf(secret) }
}

const PARTS = /^(ak|lk|se)_([0-9a-f]{16})_([\w-]{43})$/

/** The id and the hash of the secret. Undefined if the text is not such a token. */
export function readToken(kind: TokenKind, text: string): { readonly id: string; readonly hash: string } | undefined {
  const [, found, id, secret] = PARTS.exec(text) ?? []
  return found === kind ? { id: id!, hash: hashOf(secret!) } : undefined
}

export const isTokenId = (text: string) => /^[0-9a-f]{16}$/.test(text)

/** Compares hashes in constant time. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const hashOf = (secret: string) => hash('sha256', secret)
