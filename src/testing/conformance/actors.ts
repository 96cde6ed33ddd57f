import { type ExpectStatic, expect } from 'vitest'
import { z } from 'zod'
import type { Engine } from '../../engine/engine.ts'
import type { Json } from '../../kernel/schema.ts'
import { defineActor } from '../../kernel/turn.ts'
import type { Actor, ActorRef } from '../../kernel/types.ts'
import { until } from '../until.ts'
import type { EngineBench } from './harness.ts'

export const ref = (kind: string, key = '1'): ActorRef => ({ kind, key })

/** An actor of a few lines that takes any message. */
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

/** Keeps all it is told in the order it came; asked to read, answers with it. */
export function recorderActor(more: Partial<Actor<readonly Json[], Json>> = {}): Actor<readonly Json[], Json> {
  const receive: Actor<readonly Json[], Json>['receive'] = (seen, message) =>
    message === READ ? { reply: seen } : { state: [...seen, message], reply: seen.length + 1 }
  return actor('recorder', [], receive, more)
}

/** Tells one after the other, awaiting each. */
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

/** Looks again and again until what it sees is as expected: a list may be a moment behind what it lists. */
export const eventually = (look: () => Promise<unknown>): ReturnType<ExpectStatic['poll']> =>
  expect.poll(look, { interval: 5, timeout: 10_000 })

/** The dead letters, once there are so many. */
export const eventualDeadLetters = (engine: Engine, count: number) =>
  until(async () => {
    const letters = await engine.deadLetters.list()
    return letters.length === count && letters
  })

/** Until so much mail waits for an actor, where asks that are under way together come in any order. */
export async function untilQueued({ engine, isRemote }: EngineBench, of: ActorRef, count: number): Promise<void> {
  if (isRemote) await until(async () => (await engine.view.inspect({ ...of }))[0]?.waiting === count)
}

/** This time, or where clocks go on by themselves one within seconds of it. */
export const aboutTime = ({ isRemote }: EngineBench, time: number): unknown =>
  isRemote ? expect.closeTo(time, -4) : time

/** An ask whose engine is about to go: nobody cares how it ends. */
export function ignoreOutcome(asked: Promise<unknown>): void {
  asked.catch(() => {})
}

export const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index)
