import type { ActorRef } from './types.ts'

/** The name under which an actor is kept: `kind/key`; kinds hold no slash. */
export const nameOf = ({ kind, key }: ActorRef): string => `${kind}/${key}`

/** Whether both are the same actor. */
export const sameRef = (a: ActorRef | undefined, b: ActorRef): boolean => a?.kind === b.kind && a.key === b.key

/** The actor of that name. */
export function parseRef(name: string): ActorRef {
  const slash = name.indexOf('/')
  return { kind: name.slice(0, slash), key: name.slice(slash + 1) }
}
