import { createHash } from 'node:crypto'

/** What happened in a trial, a line each; the same plan leaves the same hash. */
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
