import { createHash } from 'node:crypto'

/** The events of a trial, one per line. The same plan has the same hash. */
export interface TrialTrace {
  add(line: string): void
  readonly lines: readonly string[]
  hash(): string
}

export function createTrialTrace(): TrialTrace {
  const lines: string[] = []
  return {
    add: (line) => void lines.push(line),
    lines,
    hash: () => createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16),
  }
}
