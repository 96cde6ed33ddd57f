import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef, Cell, EffectOutcome, Envelope } from '../../kernel/types.ts'
import type { DeadLetter } from '../engine.ts'

/** The text of a batch in the log. An absent key means no change. It is written once, and read only by recovery. */
export type LogRow = {
  /** name, cell (null: deleted), 1 when parts and events of an earlier actor of that name must be deleted first */
  readonly cells?: readonly (readonly [string, PackedCell | null, 1?])[]
  /** by actor */
  readonly parts?: readonly (readonly [
    actor: string,
    parts: readonly (readonly [name: string, value: Json | null])[],
  ])[]
  /** by actor */
  readonly events?: readonly (readonly [actor: string, ranges: readonly PackedEventRange[]])[]
  /** finished actors: the tables hold all of them, and earlier rows of the log no longer count */
  readonly finished?: readonly string[]
  /** pending mail */
  readonly mail?: readonly PackedEnvelope[]
  /** ids of mail that was taken */
  readonly taken?: readonly string[]
  readonly outcomes?: readonly (readonly [message: string, name: string, outcome: EffectOutcome])[]
  readonly deadLetters?: readonly (readonly [id: string, letter: DeadLetter | null])[]
}

/** A range of events on disk: the number of the first event, and the bodies of all. */
export type PackedEventRange = readonly [first: number, correlationId: string, bodies: readonly Json[]]

/** An external id with its use, time and reply, if any, in a column that outlives the rest of the row. */
export type KnownEntry = readonly [id: string, use: string, at: number, reply?: Json, isError?: 1]

/** A cell as an array; most have no more than a state and a number of commits. */
export type PackedCell =
  | readonly [state: Json, seq: number]
  | readonly [...state: readonly [Json, number], ...rest: readonly [number, number, ...Rest]]
type Rest = readonly [
  Cell['index'],
  Cell['timers'],
  Cell['watchers'],
  Cell['cancelled'],
  Cell['status'],
  (Problem | null)?,
  1?,
]

export function packCell({
  state,
  seq,
  events,
  version,
  index,
  timers,
  watchers,
  cancelled,
  status,
  problem,
  halting,
}: Cell): PackedCell {
  const isPlain = events === 0 && version === 1 && !index && status === 'live' && !halting && isEmpty(timers)
  if (isPlain && watchers.length + cancelled.length === 0) return [state, seq]
  const full = [state, seq, events, version, index, timers, watchers, cancelled, status] as const
  if (halting) return [...full, problem ?? null, 1]
  return problem ? [...full, problem] : full
}

export function unpackCell(packed: PackedCell): Cell {
  const [
    state,
    seq,
    events = 0,
    version = 1,
    index = null,
    timers = {},
    watchers = [],
    cancelled = [],
    status = 'live',
    problem,
    halting,
  ] = packed
  const cell: Cell = { version, status, seq, events, state, watchers, cancelled, timers, index }
  return problem || halting ? { ...cell, ...(problem && { problem }), ...(halting && { halting: true }) } : cell
}

function isEmpty(value: object): boolean {
  for (const _ in value) return false
  return true
}

type PackedEnvelope = readonly Json[]

/** Packs messages into a row. Messages of a turn have equal fields: a field equal to that of the one before is null. */
export function packEnvelopes(letters: readonly { readonly envelope: Envelope }[]): readonly PackedEnvelope[] {
  const before: Json[] = []
  return letters.map(({ envelope }) => {
    const packed = packEnvelope(envelope)
    for (const at of DELTA_FIELDS) {
      if (packed[at] === before[at]) packed[at] = null
      else before[at] = packed[at]!
    }
    return packed
  })
}

export function unpackEnvelopes(all: readonly PackedEnvelope[]): readonly Envelope[] {
  const before: Json[] = []
  return all.map((packed) => {
    const whole = [...packed]
    for (const at of DELTA_FIELDS) {
      whole[at] ??= before[at]!
      before[at] = whole[at]
    }
    return unpackEnvelope(whole)
  })
}

// places of texts and numbers that are never null: to, createdAt, correlationId, from, cause
const DELTA_FIELDS = [2, 3, 4, 5, 7, 8, 9] as const

const ENVELOPE_TYPES = ['request', 'response', 'event', 'error', 'watch', 'down', 'cancel', 'stop', 'resume'] as const

/** Packs an envelope as an array: in a small envelope the keys would take most of the space. */
export function packEnvelope(envelope: Envelope): Json[] {
  const { id, type, from, to, createdAt, correlationId, cause, body, replyTo, due, timer, trace } = envelope
  const packed: Json[] = [
    id,
    ENVELOPE_TYPES.indexOf(type),
    to.kind,
    to.key,
    createdAt,
    correlationId,
    body,
    from?.kind ?? 0,
    from?.key ?? 0,
    cause ?? 0,
  ]
  if (replyTo || due !== undefined || trace !== undefined) packed.push(...packReplyTo(from, replyTo))
  if (due !== undefined || trace !== undefined) packed.push(due ?? null, timer ?? 0)
  if (trace !== undefined) packed.push(trace)
  return packed
}

/** Most replies go to the sender. */
function packReplyTo(from: ActorRef | null, replyTo: ActorRef | undefined): readonly [Json, Json] {
  if (!replyTo) return [0, 0]
  return from && from.kind === replyTo.kind && from.key === replyTo.key ? [1, 0] : [replyTo.kind, replyTo.key]
}

const BODY_FIELD = 6

/** The two texts of an envelope's row: its packed head, and its body. Either can be damaged separately. */
export function packMailRow(envelope: Envelope): readonly [head: string, body: string] {
  const packed = packEnvelope(envelope)
  packed[BODY_FIELD] = null
  return [JSON.stringify(packed), JSON.stringify(envelope.body)]
}

export function unpackMailRow(head: string, body: string): Envelope {
  const packed = JSON.parse(head) as Json[]
  packed[BODY_FIELD] = JSON.parse(body)
  return unpackEnvelope(packed)
}

export function unpackEnvelope(packed: PackedEnvelope): Envelope {
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
    trace,
  ] = packed
  const from = refOf(fromKind, fromKey) ?? null
  const replyTo = replyKind === 1 ? from : refOf(replyKind, replyKey)
  return {
    v: 1,
    id: id as string,
    type: ENVELOPE_TYPES[type as number]!,
    from,
    to: { kind: kind as string, key: key as string },
    createdAt: createdAt as number,
    correlationId: correlationId as string,
    cause: (cause || null) as string | null,
    body: body as Json,
    ...(replyTo && { replyTo }),
    ...(typeof due === 'number' && { due }),
    ...(typeof timer === 'string' && { timer }),
    ...(typeof trace === 'string' && { trace }),
  }
}

const refOf = (kind: Json | undefined, key: Json | undefined): ActorRef | undefined =>
  typeof kind === 'string' ? { kind, key: key as string } : undefined
