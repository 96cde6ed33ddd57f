// What the workers of these tests can do.
import { readFileSync, writeFileSync } from 'node:fs'
import { isMainThread, threadId } from 'node:worker_threads'
import { TerminalError } from '../../../src/errors.ts'

type Context = { readonly signal: AbortSignal }

export const where = () => ({ pid: process.pid, threadId, isMainThread })
export const double = (input: number) => Promise.resolve(input * 2)
export const environment = (name: string) => process.env[name]

export function refuse(): never {
  throw new TerminalError('that will not do', { code: 'refused', hint: 'try something else' })
}

/** Ends when it is called off, and says so in a file. */
export function polite(file: string, { signal }: Context): Promise<never> {
  writeFileSync(file, 'begun')
  return new Promise((_, reject) =>
    signal.addEventListener('abort', () => {
      writeFileSync(file, 'called off')
      reject(new Error('as you wish'))
    }),
  )
}

/** Hears nothing. */
export function deaf(file: string): never {
  writeFileSync(file, 'begun')
  for (;;);
}

/** Ends when somebody opens the gate; threads only. */
export const waitFor = (gate: Int32Array) => void Atomics.wait(gate, 0, 0)

/** Dies when it is called for the first time. */
export function dieOnce(file: string): string {
  const calls = Number(readFileSync(file, 'utf8')) + 1
  writeFileSync(file, String(calls))
  if (calls === 1) process.exit(7)
  return `call ${calls}`
}

export const unspeakable = () => () => {}
