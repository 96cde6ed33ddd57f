import type { ApiKey } from '../../access/room/documents.ts'
import { refused } from '../../access/room/keys.ts'
import type { AccessPort } from '../../access/room/port.ts'
import { InvalidError, TerminalError } from '../../errors.ts'
import { EVERY_OWNER, ownerName } from '../../house/scope.ts'
import { type Caller, LOCAL } from '../authorize/caller.ts'
import { ACTS_FOR, WHOLE } from '../wire/peer-headers.ts'
import { isLoopbackIp } from './address.ts'

/** The scopes of a program of the local user that acts for an owner. */
const PROGRAM_SCOPES: Caller['scopes'] = ['run', 'approve', 'ask', 'read', 'agents']

/**
 * The local user; with the header `antiphon-owner` a program of that user that acts for an owner, and reaches only what
 * belongs to the owner. InvalidError if that is not the name of an owner.
 */
export function identifyLocal({ headers }: Request): Caller {
  const owner = headers.get(ACTS_FOR)
  const whole = headers.has(WHOLE) && { whole: true as const }
  if (owner === null) return { ...LOCAL, ...whole }
  if (ownerName.safeParse(owner).success) return { owner, scopes: PROGRAM_SCOPES, local: true, ...whole }
  throw new InvalidError(`${JSON.stringify(owner.slice(0, 100))} is not the name of an owner.`, {
    place: { path: 'owner' },
    hint: 'Use up to 64 letters, digits, dots, hyphens, underscores and @.',
  })
}

const EVERYBODY = { staff: { owners: 'all' } } as const

/** Authenticates a request; an error of code `unauthenticated` refuses it. */
export type Identify = (request: Request) => Promise<Caller>

/** Authenticates network callers by an API key: `Authorization: Bearer TOKEN`. */
export function identifyByKey({ keys }: Pick<AccessPort, 'keys'>): Identify {
  return async (request) => {
    const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '') ?? []
    if (token === undefined) throw refused('An API key is required.')
    return callerOfKey(await keys.identify(token))
  }
}

export function callerOfKey({ id, name, owner, scopes }: ApiKey): Caller {
  return { owner, key: id, keyName: name, scopes, local: false, ...(owner === EVERY_OWNER && EVERYBODY) }
}

/**
 * Without keys, callers on the loopback are the local user, but without access to files, because
 * other users of the machine can connect. Rejects requests with another host name (DNS rebinding),
 * and requests of pages from origins other than `origins`.
 */
export function identifyNobody(origins: readonly string[] = []): Identify {
  return async ({ headers }) => {
    const host = headers.get('host') ?? ''
    const name = URL.parse(`http://${host}`)?.hostname ?? ''
    if (name !== 'localhost' && !isLoopbackIp(name.replace(/^\[|\]$/g, ''))) throw wrongHost(name)
    const origin = headers.get('origin')
    if (origin !== null && origin !== `http://${host}` && !origins.includes(origin)) throw wrongOrigin(origin)
    return { ...LOCAL, local: false }
  }
}

/** Refuses a page whose origin is neither this server nor a configured one. An error of code `wrong_origin`. */
export function checkOrigin({ headers }: Request, origins: readonly string[]): void {
  const origin = headers.get('origin')
  if (origin === null || origins.includes(origin)) return
  if (URL.parse(origin)?.host !== headers.get('host')) throw wrongOrigin(origin)
}

export function wrongHost(name: string): TerminalError {
  return new TerminalError(`This server does not answer to the host ${JSON.stringify(name)}.`, {
    code: 'wrong_host',
    hint: 'Without API keys it answers only to localhost, 127.0.0.1 and [::1].',
  })
}

export function wrongOrigin(origin: string): TerminalError {
  return new TerminalError(`Pages of ${JSON.stringify(origin)} may not use this server.`, {
    code: 'wrong_origin',
    hint: 'To allow it, name it in antiphon.yaml: serve: { origins: [https://app.example.com] }',
  })
}
