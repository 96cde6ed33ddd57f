import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What the audit's tools signed: how often each call was started, and how often it came to its end. */
export type Ledger = ReadonlyMap<string, { readonly starts: number; readonly ends: number }>

/** Reads the file the tools append `start KEY` and `end KEY` to; no engine knows of it. */
export function readLedger(path: string): Ledger {
  const calls = new Map<string, { starts: number; ends: number }>()
  for (const line of readText(path).split('\n')) {
    const [word, key] = line.split(' ')
    if (key === undefined) continue
    const call = calls.get(key) ?? { starts: 0, ends: 0 }
    calls.set(key, call)
    if (word === 'start') call.starts++
    if (word === 'end') call.ends++
  }
  return calls
}

/** Resolves with the time (performance.now) at which the first `start` beyond `length` was seen; looks every 2 ms. */
export async function firstStart(path: string, length: number, signal: AbortSignal): Promise<number | undefined> {
  while (!signal.aborted) {
    if (lengthOf(path) > length && readText(path).slice(length).includes('start ')) return performance.now()
    await sleep(2)
  }
  return undefined
}

export const lengthOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

function readText(path: string): string {
  return lengthOf(path) === 0 ? '' : readFileSync(path, 'utf8')
}
