import { TerminalError } from '../errors.ts'
import { refused } from '../runtime/keys.ts'
import type { Runtime } from '../runtime.ts'
import { isLoopbackIp } from './address.ts'
import { type Caller, LOCAL } from './caller.ts'

/** Tells who asks; throws an error of code `unauthenticated` when nobody is let in by that. */
export type Identify = (request: Request) => Promise<Caller>

/** Over the socket of the data folder asks its user, and nobody else. */
export const identifyLocal: Identify = async () => LOCAL

/** Over the network asks who has the token of an API key: `Authorization: Bearer TOKEN`. */
export function identifyByKey({ keys }: Pick<Runtime, 'keys'>): Identify {
  return async (request) => {
    const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '') ?? []
    if (token === undefined) throw refused('This needs an API key.')
    const { id, owner, scopes } = await keys.identify(token)
    return { owner, key: id, scopes, local: false }
  }
}

/**
 * Without keys whoever reaches this machine's loopback is its user, but for files: other users of the machine are not. A page of
 * another origin that got its name to mean this machine says that name, and is refused.
 */
export const identifyNobody: Identify = async (request) => {
  const name = URL.parse(`http://${request.headers.get('host')}`)?.hostname ?? ''
  if (name === 'localhost' || isLoopbackIp(name.replace(/^\[|\]$/g, ''))) return { ...LOCAL, local: false }
  throw new TerminalError(`This server is not called ${JSON.stringify(name)}.`, {
    code: 'wrong_host',
    hint: 'Without keys only localhost, 127.0.0.1 and [::1] are answered.',
  })
}
