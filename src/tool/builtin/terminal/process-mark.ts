import { readFile } from 'node:fs/promises'

/**
 * The hard limit of file locks that a process may hold, on Linux; undefined where that cannot be told. Linux itself ignores this limit, every
 * process inherits it from the one that starts it, and only root raises it: so a lowered one marks the processes of tools for good, whatever
 * group, session or environment they choose for themselves.
 */
export async function lockLimit(pid: number | 'self'): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/limits`, 'latin1').catch(() => '')
  const [, hard] = /^Max file locks +\S+ +(\S+)/m.exec(text) ?? []
  if (hard === undefined) return undefined
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}

/** The limit that marks what a process with that limit starts; undefined where none is lower. */
export function markBelow(limit: number | undefined): number | undefined {
  if (limit === undefined || limit === 0) return undefined
  return Math.min(limit - 1, HIGHEST)
}

const HIGHEST = 1_000_000_000
