import { existsSync, readFileSync } from 'node:fs'
import type { KnownEntry, LogRow, PackedEventRange } from '../../../src/engine/libsql/codec.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import { decodeEvent } from '../../../src/step/messages/codec.ts'
import { isHandedOn } from '../kinds/handed.ts'

/** A flush that was told written. */
export type Flush = {
  readonly seq: number
  readonly log: string
  readonly ids: string | null
  /** actors that were over with it, each with its inlined text */
  readonly over: readonly (readonly [name: string, inlined: string])[]
}

/** All flushes of a data folder that were told written, over all its processes. */
export function readWitness(path: string): readonly Flush[] {
  return linesOf(path).map((line) => {
    const [seq, log, ids, over] = line.split('\t')
    return { seq: Number(seq), log: log!, ids: ids || null, over: JSON.parse(over!) }
  })
}

/** The lines of a file; none when there is no such file. */
export function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}

export type Event = { readonly n: number; readonly body: { readonly [field: string]: Json } }

const rowsOf = (flushes: readonly Flush[]) => flushes.map(({ log }) => JSON.parse(log) as LogRow)

/** The events of an actor that flushes made durable, in the order they did. */
export function eventsIn(flushes: readonly Flush[], { kind, key }: ActorRef): readonly Event[] {
  const name = `${kind}/${key}`
  const over = flushes.flatMap((flush) => flush.over).find(([actor]) => actor === name)
  const told = rowsOf(flushes).flatMap(({ events = [] }) => events.filter(([actor]) => actor === name))
  const stretches = over ? inlinedIn(over[1]).events : told.flatMap(([, stretches]) => stretches)
  return stretches
    .flatMap(([first, , written]) =>
      written.map((body, n) => ({ n: first + n, body: kind === 'run' ? decodeEvent(body) : body })),
    )
    .map(({ n, body }) => ({ n, body: body as Event['body'] }))
}

const inlinedIn = (text: string) => JSON.parse(text) as { readonly events: readonly PackedEventRange[] }

/** The ids of all messages that flushes kept, taken or not. */
export function mailIn(flushes: readonly Flush[]): readonly string[] {
  return [...addresseesIn(flushes).keys()]
}

/** The ids from outside that flushes kept, with those that were answered apart. */
export function idsIn(flushes: readonly Flush[]): {
  readonly known: readonly string[]
  readonly answered: readonly string[]
} {
  const entries = flushes.flatMap(({ ids }) => JSON.parse(ids ?? '[]') as KnownEntry[])
  return {
    known: entries.map(([id]) => id),
    answered: entries.flatMap(([id, , , reply]) => (reply === undefined ? [] : [id])),
  }
}

/** The actors whose mail flushes kept and later had taken, once per message. */
export function takersIn(flushes: readonly Flush[]): readonly string[] {
  const actors = addresseesIn(flushes)
  return rowsOf(flushes).flatMap(({ taken = [] }) => taken.map((id) => actors.get(id)!))
}

export type Kept = {
  readonly message: string
  readonly actor: string
  readonly effect: string
  readonly failed: boolean
}

/** The outcomes that flushes kept for messages which are still to be taken. */
export function outcomesIn(flushes: readonly Flush[]): readonly Kept[] {
  const actors = addresseesIn(flushes)
  const taken = new Set(rowsOf(flushes).flatMap((row) => row.taken ?? []))
  return rowsOf(flushes)
    .flatMap(({ outcomes = [] }) => outcomes)
    .filter(([message, , outcome]) => !taken.has(message) && !isHandedOn(outcome))
    .map(([message, effect, outcome]) => ({ message, actor: actors.get(message)!, effect, failed: 'error' in outcome }))
}

function addresseesIn(flushes: readonly Flush[]): ReadonlyMap<string, string> {
  return new Map(
    rowsOf(flushes).flatMap(({ mail = [] }) => mail.map(([id, , kind, key]) => [id as string, `${kind}/${key}`])),
  )
}
