import { hash } from 'node:crypto'
import { verdictOf } from '../../contract/error-codes.ts'
import { InvalidError, is } from '../../errors.ts'
import type { ServingPort } from '../../runtime/ports/serving.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import type { Caller } from '../authorize/caller.ts'

export const KEY_HEADER = 'idempotency-key'

const KEY = /^[\x21-\x7e]{1,255}$/

/** The parts of a request that decide whether it is a repeat. */
type IdempotentRequest = {
  readonly method: string
  readonly path: string
  readonly key: string | undefined
  readonly body: unknown
}

/**
 * Runs `act` with an id derived from caller, path and key, so that a repeated request creates
 * nothing twice. Without a key, the id is undefined.
 * A rejected request frees its key again, unless `isMade` says that it created something before it
 * failed.
 * @throws InvalidError `key_reused` if the key was used for another request within a day
 */
export async function onceByKey<T>(
  { serving }: { readonly serving: Pick<ServingPort, 'claimRequest' | 'releaseRequest'> },
  { owner }: Pick<Caller, 'owner'>,
  { method, path, key, body }: IdempotentRequest,
  act: (made: string | undefined) => Promise<T>,
  isMade: (made: string) => Promise<boolean> = async () => false,
): Promise<T> {
  if (key === undefined) return act(undefined)
  if (!KEY.test(key)) throw new InvalidError('Expected an Idempotency-Key of 1 to 255 visible ASCII characters.')
  const id = hash('sha256', JSON.stringify([owner, method, path, key]))
  // a client that serialises a repeat anew may order the fields differently
  const asked = hash('sha256', canonicalJson(body ?? null))
  const claim = await serving.claimRequest(id, asked, owner)
  try {
    return await act(id)
  } catch (error) {
    if (claim === 'new' && isRefusal(error) && !(await isMade(id))) await serving.releaseRequest(id, asked)
    throw error
  }
}

/** Whether the server rejected the request itself, instead of failing to execute it. */
const isRefusal = (error: unknown) => is(error) && REFUSALS.has(verdictOf(error).status)
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 404, 422])
