import { type ExpectStatic, expect } from 'vitest'
import { z } from 'zod'
import type { Engine } from '../../src/engine/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import type { Actor, ActorRef } from '../../src/kernel/types.ts'
import { until } from '../../src/testing/until.ts'
import type { EngineBench } from './harness.ts'

export const ref = (kind: string, key = '1'): ActorRef => ({ kind, key })

/** A small actor that accepts any message. */
export function actor<State, Message = Json>(
  kind: string,
  initial: State,
  receive: Actor<State, Message>['receive'],
  more: Partial<Actor<State, Message>> = {},
): Actor<State, Message> {
  return defineActor({ kind, message: z.custom<Message>(), initial: () => initial, receive, ...more })
}

export const RECORDER = ref('recorder')
export const READ = 'read'

/** Records all its messages in order. The message `read` is answered with them. */
export function recorderActor(more: Partial<Actor<readonly Json[], Json>> = {}): Actor<readonly Json[], Json> {
  const receive: Actor<readonly Json[], Json>['receive'] = (seen, message) =>
    message === READ ? { reply: seen } : { state: [...seen, message], reply: seen.length + 1 }
  return actor('recorder', [], receive, more)
}

/** Sends the messages one after the other, and awaits each. */
export async function tellAll(engine: Engine, to: ActorRef, bodies: readonly Json[]): Promise<void> {
  for (const body of bodies) await engine.tell(to, body)
}

/** The first `count` items. */
export async function takeFirst<T>(items: AsyncIterable<T>, count = Number.POSITIVE_INFINITY): Promise<T[]> {
  const taken: T[] = []
  if (count === 0) return taken
  for await (const item of items) if (taken.push(item) === count) break
  return taken
}

/** Polls until the result is as expected: a list may lag behind the actors that it lists. */
export const eventually = (look: () => Promise<unknown>): ReturnType<ExpectStatic['poll']> =>
  expect.poll(look, { interval: 5, timeout: 10_000 })

/** Waits until there are that many dead letters, and returns them. */
export const eventualDeadLetters = (engine: Engine, count: number) =>
  until(async () => {
    const letters = await engine.deadLetters.list()
    return letters.length === count && letters
  })

/** Waits until an actor has that much mail. Concurrent asks arrive in any order. */
export async function untilQueued({ engine, isRemote }: EngineBench, of: ActorRef, count: number): Promise<void> {
  if (isRemote) await until(async () => (await engine.view.inspect({ ...of }))[0]?.waiting === count)
}

/** Matches this time; on a remote engine, whose clock is real, any time within seconds of it. */
export const aboutTime = ({ isRemote }: EngineBench, time: number): unknown =>
  isRemote ? expect.closeTo(time, -4) : time

/** Ignores the outcome of an ask whose engine is about to stop. */
export function ignoreOutcome(asked: Promise<unknown>): void {
  asked.catch(() => {})
}

export const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index)
