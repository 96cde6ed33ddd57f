import { KEY_SCOPES, type KeyScope, ownerName } from '../../access/api-key.ts'
import type { Clock } from '../../engine/engine.ts'
import { TerminalError, TimeoutError } from '../../errors.ts'
import { type Caller, LOCAL } from '../authorize/caller.ts'
import type { Identify } from '../server/authenticate.ts'
import { checkChange } from './cross-origin.ts'
import type { HandlerOptions, RequestOwner } from './handler.ts'

type OwnerOf = NonNullable<HandlerOptions['owner']>

/** ms for the function that finds the owner */
const OWNER_TIMEOUT_MS = 10_000

const SCOPES: readonly KeyScope[] = ['run', 'ask', 'read']

/**
 * Authenticates callers by a function of the program: for its own server, which knows sessions. Refuses changes from
 * pages of other origins, because a browser sends a session by itself.
 * @throws an error of code `unauthenticated`, `owner_refused`, `wrong_origin` or `timeout`
 */
export function identifyByOwner(ownerOf: OwnerOf, origins: readonly string[], clock: Clock): Identify {
  return async (request) => {
    checkChange(request, origins)
    return callerOf(await withinTime(clock, async () => ownerOf(request)))
  }
}

/** The owner that the function gives; a throw counts as none. */
function withinTime(clock: Clock, find: () => Promise<RequestOwner>): Promise<RequestOwner> {
  return new Promise((resolve, reject) => {
    const stop = clock.after(OWNER_TIMEOUT_MS, () => reject(tooLate()))
    find()
      .then(resolve, (cause) => reject(nobody(cause)))
      .finally(stop)
  })
}

function callerOf(found: RequestOwner): Caller {
  // a session without a user gives null or an empty text
  if (!found) throw nobody()
  const { owner, scopes = SCOPES } = typeof found === 'object' && 'owner' in found ? found : { owner: found }
  if (!owner) throw nobody()
  if (owner === LOCAL.owner) throw refused('The owner local is the user of the data folder.')
  if (!ownerName.safeParse(owner).success) throw refused(`${shown(owner)} is not the name of an owner.`)
  if (!Array.isArray(scopes) || !scopes.every(isGiven))
    throw refused(`${shown(scopes)} are not scopes that an owner may have.`)
  return { owner, scopes, local: false }
}

const isGiven = (scope: KeyScope) => scope !== 'admin' && KEY_SCOPES.includes(scope)

const shown = (value: unknown) => (JSON.stringify(value) ?? typeof value).slice(0, 100)

function nobody(cause?: unknown): TerminalError {
  return new TerminalError('The request has no owner: sign in first.', {
    code: 'unauthenticated',
    ...(cause !== undefined && { cause }),
  })
}

function refused(message: string): TerminalError {
  return new TerminalError(message, {
    code: 'owner_refused',
    hint: 'Let the function `owner` return up to 64 letters, digits, dots, hyphens, underscores and @, or such an `owner` with `scopes`.',
  })
}

function tooLate(): TimeoutError {
  return new TimeoutError(`The function \`owner\` gave no answer within ${OWNER_TIMEOUT_MS / 1000} s.`)
}
