import type { EffectOutcome, Envelope } from '../../../src/kernel/types.ts'

/** By the keys of calls that a group left to turns of their own: the message that carries each, and the effect it is made in. */
export function carriersIn(
  mail: readonly Pick<Envelope, 'id' | 'body'>[],
): ReadonlyMap<string, readonly [message: string, effect: string]> {
  return new Map(
    mail.flatMap(({ id, body }) => {
      const { key, apart = [] } = Object(body) as { readonly key?: string; readonly apart?: readonly { key: string }[] }
      const keys = key === undefined ? apart.map((one) => one.key) : [key]
      return keys.map((one) => [one, [id, 'execute']] as const)
    }),
  )
}

/** Whether an outcome says that the call is to be made in a turn of its own. */
export function isHandedOn(outcome: EffectOutcome): boolean {
  return 'value' in outcome && (Object(outcome.value) as { readonly type?: string }).type === 'apart'
}
