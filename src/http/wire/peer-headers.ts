/** The header by which a peer at the socket identifies itself: by a challenge and its process id, or by its session. */
export const PEER = 'x-antiphon-peer'

/** The header that grants a peer its session. */
export const SESSION = 'x-antiphon-session'

const SCHEME = 'antiphon-file'

/** The header that requires a peer to prove its identity. */
export const challengeHeader = (nonce: string) => ({ 'www-authenticate': `${SCHEME} ${nonce}` })

/** The challenge in an answer; undefined when there is none. */
export function challengeIn(headers: Headers): string | undefined {
  return new RegExp(`^${SCHEME} ([0-9a-f]{64})$`).exec(headers.get('www-authenticate') ?? '')?.[1]
}

/** The file beside the socket that proves the identity of a peer. */
export const proofFile = (nonce: string) => `peer-${nonce}`

/** Challenges that this process is proving now: its own server recognises them without looking at files. */
export const provenHere = new Set<string>()

/** The header by which a program of the user of the data folder acts for an owner. */
export const ACTS_FOR = 'x-antiphon-owner'

/** The header by which a program of the user of the data folder reads its runs with values that look secret. */
export const WHOLE = 'x-antiphon-whole'
