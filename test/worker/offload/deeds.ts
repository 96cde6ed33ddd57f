// What threads of these tests compute.
import { isMainThread, resourceLimits } from 'node:worker_threads'
import { InvalidError } from '../../../src/errors.ts'

export const double = (input: number) => ({ value: input * 2, isMainThread })

export function refuse(): never {
  throw new InvalidError('that will not do', { code: 'refused', hint: 'try something else' })
}

export function forever(flag?: Int32Array): never {
  if (flag) Atomics.add(flag, 0, 1)
  for (;;);
}

/** Holds its thread without computing. */
export function starve(ms: number): string {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  return 'done'
}

export function greedy(): never {
  const held: number[][] = []
  for (;;) held.push(Array.from({ length: 100_000 }, Math.random))
}

export const heap = () => resourceLimits.maxOldGenerationSizeMb

/** Needs about 80 MB, in small pieces. */
export const large = () => Array.from({ length: 1_000 }, () => Array.from({ length: 10_000 }, Math.random)).length

/** Computes until the flag is up. */
export function until(flag: Int32Array): true {
  while (Atomics.load(flag, 0) === 0) Atomics.wait(flag, 0, 0, 1)
  return true
}
