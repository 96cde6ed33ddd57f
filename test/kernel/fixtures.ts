import { z } from 'zod'
import type { Json } from '../../src/kernel/schema.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import type { Actor, Cell, Effects, Envelope } from '../../src/kernel/types.ts'

/** A counter that takes any message. */
export function counter(more: Partial<Actor<number, Json>> = {}): Actor<number, Json> {
  return defineActor<number, Json>({
    kind: 'counter',
    message: z.json() as never,
    initial: () => 0,
    receive: (count) => ({ state: count + 1 }),
    ...more,
  })
}

export function envelope(more: Partial<Envelope> = {}): Envelope {
  return {
    v: 1,
    id: 'message-1',
    type: 'request',
    from: null,
    to: { kind: 'counter', key: 'a' },
    createdAt: 1_000,
    correlationId: 'run-1',
    cause: null,
    body: null,
    ...more,
  }
}

export function cell(more: Partial<Cell> = {}): Cell {
  return {
    version: 1,
    status: 'live',
    seq: 4,
    events: 2,
    state: 7,
    watchers: [],
    cancelled: [],
    timers: {},
    index: null,
    ...more,
  }
}

export const WATCHERS = [
  { kind: 'watcher', key: '1' },
  { kind: 'watcher', key: '2' },
]

/** Effects for turns that use none. */
export const NO_EFFECTS = {} as Effects
