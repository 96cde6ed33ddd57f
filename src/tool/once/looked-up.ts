import { TerminalError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { inTime } from '../../lib/time/in-time.ts'
import type { CallFinding, CallInDoubt } from './call-finding.ts'

/** The finding of a look-up. `isFinal`: "not done" counts at once. */
export type LookedUp =
  | { readonly type: 'done'; readonly result: Json }
  | { readonly type: 'not-done'; readonly isFinal: boolean }
  | { readonly type: 'unknown' }

const MAX_LOOK_MS = 30_000

/** Asks whether a call took place. Throws the look-up's error, or one for a meaningless value, or after 30 seconds. */
export async function askWhetherMade(
  find: (call: CallInDoubt) => CallFinding | Promise<CallFinding>,
  { signal, ...call }: CallInDoubt,
): Promise<LookedUp> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(MAX_LOOK_MS)])
  const given: unknown = await inTime(Promise.resolve(find({ ...call, signal: limit })), MAX_LOOK_MS, tooLong)
  const found = given as Json
  if (found === 'unknown') return { type: 'unknown' }
  if (found === 'not-done') return { type: 'not-done', isFinal: false }
  if (isJsonObject(found) && found.notDone === 'final') return { type: 'not-done', isFinal: true }
  if (isJsonObject(found) && 'done' in found) return { type: 'done', result: found.done! }
  throw new TerminalError("Expected { done }, 'not-done', { notDone: 'final' } or 'unknown'.")
}

const tooLong = () => new TerminalError(`It took longer than ${MAX_LOOK_MS / 1000} s.`)
