import { nameOf } from '../../../src/kernel/ref.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { EffectOutcome, Envelope } from '../../../src/kernel/types.ts'

/**
 * By the keys of calls that a batch deferred, or that a step makes in a later turn: the message that carries each, and
 * the effect it is made in. `stateOf`: that of an actor.
 */
export function carriersIn(
  mail: readonly Pick<Envelope, 'id' | 'body' | 'to'>[],
  stateOf: (actor: string) => Json | undefined = () => undefined,
): ReadonlyMap<string, readonly [message: string, effect: string]> {
  return new Map(
    mail.flatMap(({ id, body, to }) => {
      const { suspended } = Object(stateOf(nameOf(to))) as { readonly suspended?: Call }
      if (suspended) return [[suspended.key, [id, 'execute']] as const]
      const { batch, deferred = [] } = Object(body) as {
        readonly batch?: { deferred?: Call }
        readonly deferred?: Call[]
      }
      const calls = batch?.deferred ? [batch.deferred] : deferred
      return calls.map(({ key }) => [key, [id, 'execute']] as const)
    }),
  )
}

type Call = { readonly key: string }

/** Whether an outcome says that the call is to be made in a turn of its own. */
export function isHandedOn(outcome: EffectOutcome): boolean {
  return 'value' in outcome && (Object(outcome.value) as { readonly type?: string }).type === 'deferred'
}
