import { z } from 'zod'
import { maybe } from '../../document.ts'
import { type AntiphonError, errorOf, InvalidError, type Problem } from '../../errors.ts'
import { auditOwner, KEY_SCOPES, type KeyScope, ownerName } from '../../house/scope.ts'
import { type Json, parse } from '../../kernel/schema.ts'
import { traceHeader } from '../../observe/otel/context.ts'
import type { Caller } from '../authorize/caller.ts'

/** The path under which the socket of a data folder takes the requests that a standby forwards. */
export const FORWARD_PATH = '/forwarded'

/** The path of a mount: none, or such as `/ai`. */
export const MOUNT_PATH = /^(?:\/[\w.~-]+)+$/

/** The header with the request as it came to the standby. */
const FORWARDED = 'x-antiphon-forwarded'

/** Room for that header: the headers and the URL of a request, a context of 16 KiB and the owners of staff. */
export const MAX_FORWARDED_HEADERS = 256 * 1024

const MAY_HAVE = KEY_SCOPES.filter((scope) => scope !== 'admin') as readonly Exclude<KeyScope, 'admin'>[]

/**
 * A caller that a handler of the program has identified. It is never the user of the data folder, never an admin, and
 * has no key: whatever a request says, it gets no more than a visitor or staff may have.
 */
const caller = z.strictObject({
  owner: auditOwner,
  scopes: z.array(z.enum(MAY_HAVE)),
  visitor: z.strictObject({ agents: z.array(z.string()), context: maybe(z.json()) }),
  staff: maybe(z.strictObject({ owners: z.union([z.literal('all'), z.array(ownerName)]) })),
})

const envelope = z.strictObject({
  url: z.url(),
  path: z.union([z.literal(''), z.string().regex(MOUNT_PATH)]),
  headers: z.array(z.tuple([z.string(), z.string()])),
  /** absent: the owner of the folder asks for an API key */
  caller: maybe(caller),
  /** the handler of the program has refused the request */
  problem: maybe(z.looseObject({ code: z.string(), name: z.string(), message: z.string() })),
})

/** The caller of a forwarded request, or the error of its handler. Neither: its API key says who it is. */
export type Identity = { readonly caller?: Omit<Caller, 'key' | 'offered' | 'whole'>; readonly problem?: Problem }

/** A request of a visitor on its way through a standby. */
type ForwardedRequest = { readonly request: Request; readonly path: string; readonly identity: Identity }

/** Headers of the connection, and those that the API does not read. */
const DROPPED =
  /^(?:connection|content-length|cookie|expect|keep-alive|te|trailer|transfer-encoding|upgrade|x-antiphon-.*)$/

/** The request to the folder's owner. What came from outside is data, so no visitor's header counts at the socket. */
export function toForward({ request, path, identity: { caller, problem } }: ForwardedRequest): Request {
  const { url, method, body, signal } = request
  const { local: _, ...who } = caller ?? { local: false }
  const sent = {
    url,
    path,
    headers: Object.entries({
      ...Object.fromEntries(request.headers),
      ...traceHeader(),
    }).filter(([name]) => !DROPPED.test(name) && !(name === 'authorization' && caller)),
    ...(caller && { caller: who }),
    ...(problem && { problem }),
  }
  const type = request.headers.get('content-type')
  const target = new URL(`http://antiphon${FORWARD_PATH}`)
  target.pathname += new URL(url).pathname
  return new Request(target, {
    method,
    signal,
    headers: {
      [FORWARDED]: Buffer.from(JSON.stringify(sent)).toString('base64url'),
      ...(type !== null && { 'content-type': type }),
    },
    ...(body && { body, duplex: 'half' as const }),
  })
}

/** The forwarded request. InvalidError if it is not one, so that it is never taken for one of the local user. */
export async function fromForward(outer: Request): Promise<ForwardedRequest> {
  const { url, path, headers, caller, problem } = await parse(envelope, contentOf(outer), 'forwarded')
  const { method, body, signal } = outer
  const request = new Request(url, { method, headers, signal, ...(body && { body, duplex: 'half' as const }) })
  return {
    request,
    path,
    identity: {
      ...(caller && { caller: { ...(caller as Omit<Caller, 'local'>), local: false } }),
      ...(problem && { problem: problem as Problem }),
    },
  }
}

function contentOf({ headers }: Request): Json {
  try {
    return JSON.parse(Buffer.from(headers.get(FORWARDED) ?? '', 'base64url').toString('utf8')) as Json
  } catch (cause) {
    throw new InvalidError('Expected a request that another process of this program forwards.', { cause })
  }
}

/** The caller, or the error of the handler. */
export function callerOf({ caller, problem }: Identity): Omit<Caller, 'key' | 'offered' | 'whole'> | undefined {
  if (problem) throw errorOf(problem) as AntiphonError
  return caller
}
