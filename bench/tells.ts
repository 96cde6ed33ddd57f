import type { Figures } from './task.ts'

/** An actor that adds: told, or asked for the sum. */
export interface Adder {
  tell(add: number): void
  ask(add: number): Promise<unknown>
}

const WARM_UP = 100_000
const MESSAGES = 1_000_000

/** Messages per second to one actor, until it has taken the last of a million. */
export async function measureTells(adder: Adder): Promise<Figures> {
  await tellAll(adder, WARM_UP, WARM_UP)
  const milliseconds = await tellAll(adder, MESSAGES, WARM_UP + MESSAGES)
  return { perSecond: (MESSAGES / milliseconds) * 1000 }
}

async function tellAll({ tell, ask }: Adder, messages: number, expected: number): Promise<number> {
  const start = performance.now()
  for (let n = 1; n < messages; n++) tell(1)
  const total = await ask(1)
  const milliseconds = performance.now() - start
  if (total !== expected) throw new Error(`the total was ${total} instead of ${expected}`)
  return milliseconds
}
