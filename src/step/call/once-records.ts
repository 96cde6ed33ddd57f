import { isBusy, problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { justBeforePrefix } from '../../kernel/parts.ts'
import { CallParts, type OnceRecord, type OnceRecords } from '../../tool/once/call-parts.ts'
import { storable } from '../../tool/secrets.ts'
import { OWN_CALL } from '../messages/call-decision.ts'
import { readRef, storeRef, type ValueRef } from '../values.ts'
import type { StepContext } from './context.ts'
import { ONCE_PREFIX, type OnceMessage, onceRef, type StoredPart } from './once-actor.ts'

/** The parts of a step's call by this tool. From now on it shares no turn with other steps, which could not wait. */
export function callParts(context: StepContext, tool: string, signal: AbortSignal): CallParts {
  const { services, call, callName, start, kind, policy } = context
  services.neverFast?.(kind)
  const effect = callName === OWN_CALL ? start.policy.effect : policy.effect
  const { idempotencyKey } = call
  return new CallParts({ tool, effect, idempotencyKey, signal }, recordsOf(context, tool))
}

/** The records of a call, by its idempotency key: later attempts find earlier ones, in any turn or process. */
function recordsOf({ services, call, start, notes }: StepContext, tool: string): OnceRecords | undefined {
  const { askActor, readParts, values, secrets } = services
  if (!askActor) return undefined
  const of = onceRef(start.run.id, start.step, call.idempotencyKey)
  const by = call.place ?? call.idempotencyKey
  const about = { run: start.run.id, step: start.step, tool }
  const ask = async (message: OnceMessage) => (await askActor(of, message, start.run.id)) as StoredPart | null
  let known: Promise<ReadonlyMap<string, StoredPart>> | undefined

  async function load(): Promise<ReadonlyMap<string, StoredPart>> {
    const found = new Map<string, StoredPart>()
    for await (const [name, part] of readParts(of, { prefix: ONCE_PREFIX, after: justBeforePrefix(ONCE_PREFIX) }))
      found.set(name.slice(ONCE_PREFIX.length), part as StoredPart)
    return found
  }

  const resultIn = async (result: ValueRef): Promise<Json> => readRef(values, result)

  async function toRecord(stored: StoredPart | null | undefined): Promise<OnceRecord | undefined> {
    if (!stored) return undefined
    if ('by' in stored) return { status: 'begun', ...(stored.remade && { remade: true }) }
    return { status: 'ended', value: await resultIn(stored.result) }
  }

  return {
    async find(name) {
      known ??= load()
      const stored = (await known).get(name)
      // a person said that it did not take place
      if (stored && 'by' in stored && call.notDone && stored.by !== by) return undefined
      return toRecord(stored)
    },
    async begin(name, { looked } = {}) {
      const said = { ...(call.notDone && { over: call.notDone }), ...(looked && { looked }) }
      return toRecord(await ask({ type: 'begin', name, ...about, by, ...said }))
    },
    async end(name, made) {
      const value = storable(made, secrets, notes)
      const stored = await storeRef(values, value)
      const asked = ask({ type: 'end', name, ...about, result: stored })
      const answer = (await asked.catch(unlessStopping)) as { readonly result: ValueRef } | null
      const isFirst = answer === null || JSON.stringify(answer.result) === JSON.stringify(stored)
      return isFirst ? value : resultIn(answer.result)
    },
    fail: async (name) => void (await ask({ type: 'fail', name, ...about, by }).catch(unlessStopping)),
  }
}

/** An engine that stops may record nothing more. The call may still end in time, and is then recorded as a whole. */
function unlessStopping(error: unknown): null {
  if (isBusy(problemOf(error))) return null
  throw error
}
