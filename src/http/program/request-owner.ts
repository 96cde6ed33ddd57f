import { inspect } from 'node:util'
import type { Clock } from '../../engine/engine.ts'
import { problemOf, TerminalError, TimeoutError } from '../../errors.ts'
import { KEY_SCOPES, type KeyScope, ownerName, STAFF_SCOPES, staffOwner } from '../../house/scope.ts'
import type { Json } from '../../kernel/json.ts'
import { inTime } from '../../lib/time/in-time.ts'
import { checkContext } from '../../work/origin/call-for.ts'
import { type Caller, LOCAL } from '../authorize/caller.ts'
import { type Identify, wrongOrigin } from '../server/authenticate.ts'
import type { HandlerOptions, RequestOwner, RequestStaff } from './handler.ts'

type OwnerOf = NonNullable<HandlerOptions['owner']>

/** ms for the function that finds the owner */
const OWNER_TIMEOUT_MS = 10_000

/** The scopes of a visitor to whom the program gives no others. */
const VISITOR_SCOPES: readonly KeyScope[] = ['talk']

/** The most owners that a person of staff may be named for; more are `all`. */
const MAX_STAFF_OWNERS = 100

/**
 * Authenticates visitors by a function of the program: for its own server, which knows sessions. Refuses changes from
 * pages of other origins, because a browser sends a session by itself.
 * @throws an error of code `unauthenticated`, `owner_refused`, `wrong_origin` or `timeout`
 */
export function identifyByOwner(
  ownerOf: OwnerOf,
  { origins, agents, clock }: { origins: readonly string[]; agents: readonly string[]; clock: Clock },
): Identify {
  return async (request) => {
    checkChange(request, origins)
    const found = await inTime(askOwner(ownerOf, request), OWNER_TIMEOUT_MS, tooLate, clock)
    return { ...callerOf(found), visitor: { agents, ...contextIn(found) } }
  }
}

/** The owner that the function gives; a throw counts as none. */
async function askOwner(ownerOf: OwnerOf, request: Parameters<OwnerOf>[0]): Promise<RequestOwner> {
  try {
    return await ownerOf(request)
  } catch (cause) {
    throw nobody(cause)
  }
}

function callerOf(found: RequestOwner): Caller {
  // a session without a user gives null or an empty text
  if (!found) throw nobody()
  if (typeof found === 'object' && 'staff' in found) return staffOf(found)
  const { owner, scopes = VISITOR_SCOPES } = typeof found === 'object' && 'owner' in found ? found : { owner: found }
  if (!owner) throw nobody()
  checkName(owner)
  if (!Array.isArray(scopes) || !scopes.every(isGiven))
    throw refused(`${shown(scopes)} are not scopes that an owner may have.`)
  return { owner, scopes, local: false }
}

function contextIn(found: RequestOwner): { readonly context?: Json } {
  if (typeof found !== 'object' || found === null || !('context' in found) || found.context === undefined) return {}
  try {
    return { context: checkContext(found.context) }
  } catch (error) {
    throw refused(problemOf(error).message)
  }
}

function staffOf({ staff, scopes, owners }: RequestStaff): Caller {
  if (!staff) throw nobody()
  checkName(staff)
  if (!Array.isArray(scopes) || !scopes.every((scope) => STAFF_SCOPES.includes(scope)))
    throw refused(`Expected scopes of staff (${STAFF_SCOPES.join(', ')}), got ${shown(scopes)}.`)
  if (owners !== 'all') {
    if (!Array.isArray(owners))
      throw refused(`Expected the owners of ${staff} as a list or 'all', got ${shown(owners)}.`)
    if (owners.length > MAX_STAFF_OWNERS)
      throw refused(`Expected at most ${MAX_STAFF_OWNERS} owners of ${staff}, or 'all', got ${owners.length}.`)
    owners.forEach(checkName)
  }
  return { owner: staffOwner(staff), scopes, local: false, staff: { owners } }
}

function checkName(name: unknown): void {
  if (name === LOCAL.owner) throw refused('The owner local is the user of the data folder.')
  if (!ownerName.safeParse(name).success) throw refused(`${shown(name)} is not the name of an owner.`)
}

const isGiven = (scope: KeyScope) => scope !== 'admin' && scope !== 'audit' && KEY_SCOPES.includes(scope)

const shown = (value: unknown) => inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }).slice(0, 100)

function nobody(cause?: unknown): TerminalError {
  return new TerminalError('The request has no owner: sign in first.', {
    code: 'unauthenticated',
    ...(cause !== undefined && { cause }),
  })
}

function refused(message: string): TerminalError {
  return new TerminalError(message, {
    code: 'owner_refused',
    hint: "Let the function `owner` return up to 64 letters, digits, dots, hyphens, underscores and @, or such an `owner` with `scopes`. For staff: { staff: 'eva', scopes: ['read', 'approve'], owners: 'all' }",
  })
}

function tooLate(): TimeoutError {
  return new TimeoutError(`The function \`owner\` gave no answer within ${OWNER_TIMEOUT_MS / 1000} s.`)
}

/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a change that a page of another origin sends, except of `origins`. Browsers say where a request comes from:
 * in `sec-fetch-site`, or else in `origin` with every change. A request with neither is not from a page.
 * @throws an error of code `wrong_origin`
 */
function checkChange(request: Request, origins: readonly string[]): void {
  const { method, headers } = request
  if (SAFE.has(method)) return
  const origin = headers.get('origin')
  if (origin !== null && origins.includes(origin)) return
  const site = headers.get('sec-fetch-site')
  // none: the person began it, by the address bar or a bookmark
  if (site === 'same-origin' || site === 'none') return
  if (site === null && (origin === null || isOwn(origin, request))) return
  throw wrongOrigin(origin ?? 'another site')
}

/**
 * Whether the origin is that of this server. The scheme is not compared: behind a proxy, this server does not know its
 * own. No page can set the headers of proxies without the consent of the server.
 */
function isOwn(origin: string, { headers, url }: Request): boolean {
  const page = URL.parse(origin)
  if (!page || page.host === '') return false
  const forwarded = headers.get('x-forwarded-host')?.split(',') ?? []
  const names = [headers.get('host') ?? new URL(url).host, ...forwarded]
  return names.some((name) => URL.parse(`${page.protocol}//${name.trim()}`)?.host === page.host)
}
