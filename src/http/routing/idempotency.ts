import { hash } from 'node:crypto'
import { InvalidError, is, verdictOf } from '../../errors.ts'
import type { Runtime } from '../../runtime/ports.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import type { Caller } from '../authorize/caller.ts'

/** The header by which a request says that it may come twice. */
export const KEY_HEADER = 'idempotency-key'

const KEY = /^[\x21-\x7e]{1,255}$/

/** A request as it counts for being the same one. */
export type IdempotentRequest = {
  readonly method: string
  readonly path: string
  readonly key: string | undefined
  readonly body: unknown
}

/**
 * Does what a request asks for, told by what id that is to be made: the same for the same caller, path and key, so that it is made once; undefined
 * without a key. InvalidError `key_reused` when something else was asked for under it within a day; what is refused was not asked for, unless
 * `isMade` tells that it was made, and has failed.
 */
export async function onceByKey<T>(
  runtime: Pick<Runtime, 'claimRequest' | 'releaseRequest'>,
  { owner }: Pick<Caller, 'owner'>,
  { method, path, key, body }: IdempotentRequest,
  act: (made: string | undefined) => Promise<T>,
  isMade: (made: string) => Promise<boolean> = async () => false,
): Promise<T> {
  if (key === undefined) return act(undefined)
  if (!KEY.test(key)) throw new InvalidError('The Idempotency-Key is to be 1 to 255 characters without a space.')
  const id = hash('sha256', JSON.stringify([owner, method, path, key]))
  // who writes it anew to send it again may write its fields in another order
  const asked = hash('sha256', canonicalJson(body ?? null))
  const claim = await runtime.claimRequest(id, asked)
  try {
    return await act(id)
  } catch (error) {
    if (claim === 'new' && isRefusal(error) && !(await isMade(id))) await runtime.releaseRequest(id, asked)
    throw error
  }
}

/** Whether what was sent will not do, or is not for who sent it. */
const isRefusal = (error: unknown) => is(error) && REFUSALS.has(verdictOf(error).status)
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 404, 422])
