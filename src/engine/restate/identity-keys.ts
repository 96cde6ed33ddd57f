import { InvalidError } from '../../errors.ts'

/** The public keys of the server whose calls a node accepts. `none`: it accepts every caller that reaches its port. */
export type IdentityKeys = readonly string[] | 'none'

/**
 * The keys with which a node verifies calls; undefined: it does not verify them. InvalidError for a node that other
 * machines can reach and that has no keys, unless `none` is set on purpose.
 */
export function keysFor(host: string, identity: IdentityKeys | undefined): readonly string[] | undefined {
  if (identity !== undefined && identity !== 'none' && identity.length > 0) return identity
  if (identity === 'none' || isLoopback(host)) return undefined
  throw new InvalidError(`A node that listens on ${host} would accept turns from anyone.`, {
    code: 'open_node',
    hint: 'Give the public key of the server, which it says when it starts with a request identity key: engine: { restate: { identity: [publickeyv1_…] } }. Where the network lets nobody else in: identity: none',
  })
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)
