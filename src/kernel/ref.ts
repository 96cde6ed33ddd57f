import type { ActorIndex, Wait } from './types.ts'

/** The address of an actor, shown as kind/key. A kind matches `^[a-z][a-z0-9-]*$`. */
export type ActorRef = { readonly kind: string; readonly key: string }

/** The name under which an actor is stored: `kind/key`. A kind contains no slash. */
export const nameOf = ({ kind, key }: ActorRef): string => `${kind}/${key}`

export const sameRef = (a: ActorRef | undefined, b: ActorRef): boolean => a?.kind === b.kind && a.key === b.key

export function parseRef(name: string): ActorRef {
  const slash = name.indexOf('/')
  return { kind: name.slice(0, slash), key: name.slice(slash + 1) }
}

/** The wait in the index of an actor. Undefined if it does not wait. */
export function waitIn(index: ActorIndex | null | undefined): Wait | undefined {
  const waits = index?.waits
  if (waits === undefined) return undefined
  return ACTOR_NAME.test(`${waits}`) ? { actor: parseRef(`${waits}`) } : { external: `${waits}` }
}

const ACTOR_NAME = /^[a-z][a-z0-9-]*\//
