import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Cell, Envelope, Outcome } from '../../kernel/types.ts'
import type { DeadLetter } from '../engine.ts'

/** One row of the log: all that a batch made true, in short keys; absent means none. Written once, read only by recovery. */
export type LogRow = {
  /** cells: name, cell (null: gone), 1 when parts and events of a former life go first */
  readonly c?: readonly (readonly [string, Cell | null, 1?])[]
  readonly p?: readonly (readonly [actor: string, name: string, value: Json | null])[]
  readonly e?: readonly (readonly [actor: string, n: number, correlationId: string, body: Json])[]
  /** mail that is pending */
  readonly m?: readonly Packed[]
  /** ids of mail that was taken */
  readonly t?: readonly string[]
  readonly o?: readonly (readonly [message: string, name: string, outcome: Outcome])[]
  /** ids from outside, with the reply once there is one */
  readonly i?: readonly (readonly [id: string, use: string, at: number, reply: Packed | null])[]
  readonly l?: readonly (readonly [id: string, letter: DeadLetter | null])[]
}

export type Packed = readonly Json[]

const TYPES = ['request', 'response', 'event', 'error', 'watch', 'down', 'cancel'] as const

/** An envelope as an array: its keys would be most of a small one. */
export function pack(envelope: Envelope): Packed {
  const { id, type, from, to, createdAt, correlationId, cause, body, replyTo, due, timer } = envelope
  const packed: Json[] = [
    id,
    TYPES.indexOf(type),
    to.kind,
    to.key,
    createdAt,
    correlationId,
    body,
    from?.kind ?? 0,
    from?.key ?? 0,
    cause ?? 0,
  ]
  if (replyTo || due !== undefined) packed.push(replyTo?.kind ?? 0, replyTo?.key ?? 0)
  if (due !== undefined) packed.push(due, timer ?? 0)
  return packed
}

export function unpack(packed: Packed): Envelope {
  const [
    id,
    type,
    kind,
    key,
    createdAt,
    correlationId,
    body,
    fromKind,
    fromKey,
    cause,
    replyKind,
    replyKey,
    due,
    timer,
  ] = packed
  const replyTo = refOf(replyKind, replyKey)
  return {
    v: 1,
    id: id as string,
    type: TYPES[type as number]!,
    from: refOf(fromKind, fromKey) ?? null,
    to: { kind: kind as string, key: key as string },
    createdAt: createdAt as number,
    correlationId: correlationId as string,
    cause: (cause || null) as string | null,
    body: body as Json,
    ...(replyTo && { replyTo }),
    ...(typeof due === 'number' && { due }),
    ...(typeof timer === 'string' && { timer }),
  }
}

const refOf = (kind: Json | undefined, key: Json | undefined): ActorRef | undefined =>
  typeof kind === 'string' ? { kind, key: key as string } : undefined
