import { hash } from 'node:crypto'
import { InvalidError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { Caller } from './caller.ts'

/** The header by which a request says that it may come twice. */
export const KEY_HEADER = 'idempotency-key'

const KEY = /^[\x21-\x7e]{1,255}$/

/** A request as it counts for being the same one. */
export type Attempt = {
  readonly method: string
  readonly path: string
  readonly key: string | undefined
  readonly body: unknown
}

/**
 * By what id that is to be made which a request asks for: the same for the same caller, path and key, so that it is made once; undefined
 * without a key. InvalidError `key_reused` when something else was asked for under it within a day.
 */
export async function claimId(
  runtime: Pick<Runtime, 'claimRequest'>,
  { owner }: Pick<Caller, 'owner'>,
  { method, path, key, body }: Attempt,
): Promise<string | undefined> {
  if (key === undefined) return undefined
  if (!KEY.test(key)) throw new InvalidError('The Idempotency-Key is to be 1 to 255 characters without a space.')
  const id = hash('sha256', JSON.stringify([owner, method, path, key]))
  await runtime.claimRequest(id, hash('sha256', JSON.stringify(body ?? null)))
  return id
}
