import type { ActorRef } from '../kernel/types.ts'

/** An actor as text: `kind/key`. */
export const nameOf = ({ kind, key }: ActorRef): string => `${kind}/${key}`

/** The actor that a text names. */
export function refOf(name: string): ActorRef {
  const cut = name.indexOf('/')
  return { kind: name.slice(0, cut), key: name.slice(cut + 1) }
}
