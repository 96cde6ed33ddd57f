import type { Json } from './json.ts'
import type { ActorRef } from './types.ts'

/**
 * Reads the durable parts of an actor in the order of their names, with a prefix and after a name;
 * `early` reads them all. `exact`: only the part whose name is the prefix.
 */
export type ReadParts = (
  of: ActorRef,
  page: { readonly prefix: string; readonly after: string; readonly limit?: number } & {
    readonly early?: true
    readonly exact?: true
  },
) => AsyncIterable<readonly [name: string, part: Json]>

/** Reads one part by name; undefined when the actor has none. */
export async function readSinglePart(readParts: ReadParts, of: ActorRef, name: string): Promise<Json | undefined> {
  const page = { prefix: name, after: '', limit: 1, exact: true } as const
  for await (const [found, part] of readParts(of, page)) if (found === name) return part
  return undefined
}

/** A name that comes before `name` and all that begin with it, and after nearly all others: where to start reading. */
export function justBeforePrefix(name: string): string {
  const last = name.length - 1
  return `${name.slice(0, last)}${String.fromCharCode(name.charCodeAt(last) - 1)}\u{ffff}`
}
