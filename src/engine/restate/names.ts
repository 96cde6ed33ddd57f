import { InvalidError } from '../../errors.ts'
import type { ActorRef } from '../../kernel/types.ts'

/** Names on a Restate server start with the namespace of the application. */
export type ServiceNames = {
  /** the virtual object of a kind of actors */
  readonly ofKind: (kind: string) => string
  readonly reply: string
  readonly letters: string
  readonly directory: string
}

const NAMESPACE_PATTERN = /^[a-zA-Z][a-zA-Z0-9-]*$/

export function serviceNames(namespace: string): ServiceNames {
  if (!NAMESPACE_PATTERN.test(namespace) || namespace.startsWith('restate'))
    throw new InvalidError(
      `Namespace ${JSON.stringify(namespace)} does not match ${NAMESPACE_PATTERN}, or begins with restate.`,
    )
  // a kind holds neither a dot nor an underscore
  const own = (name: string) => `${namespace}_${name}`
  return {
    ofKind: (kind) => `${namespace}.${kind}`,
    reply: own('reply'),
    letters: own('letters'),
    directory: own('directory'),
  }
}

/** The object key of an actor. Restate allows no empty key. */
export const objectKey = ({ key }: ActorRef) => (key === '' || key.startsWith('~') ? `~${key}` : key)

export const actorKey = (key: string) => (key.startsWith('~') ? key.slice(1) : key)

export const CELL_KEY = 'cell'
export const partKey = (name: string) => `part/${name}`
/** Numbers are padded, so that their order as texts is their order as numbers. */
export const eventKey = (n: number) => `event/${String(n).padStart(12, '0')}`

/** Number of objects that hold the rows of a kind. One object handles about 280 messages a second. */
const SHARDS = 16

export function shardOf(kind: string, key: string): string {
  let hash = 0
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0
  return shardNamed(kind, (hash >>> 0) % SHARDS)
}

export const shardsOf = (kind: string) => Array.from({ length: SHARDS }, (_, shard) => shardNamed(kind, shard))

const shardNamed = (kind: string, shard: number) => `${kind}/${shard}`
