import { type InlineDisk, inlineDisk } from '../../engine/inline/disk.ts'
import { inlineEngine } from '../../engine/inline/engine.ts'
import type { Actor } from '../../kernel/types.ts'
import type { OpenEngine, OpenedEngine, OpenOptions } from '../conformance/bench.ts'

/** Called right before and right after each commit. */
export type CommitWatch = (moment: 'before' | 'after') => void

/** How a test opens inline engines; a crash leaves what was committed. */
export function inlineOpener({
  seed,
  onCommit = () => {},
}: {
  readonly seed?: number
  readonly onCommit?: CommitWatch
} = {}): OpenEngine {
  return (actors, options) =>
    openOn(watched(inlineDisk(), onCommit), onCommit, actors, { ...(seed !== undefined && { seed }), ...options })
}

function openOn(disk: InlineDisk, onCommit: CommitWatch, actors: readonly Actor[], options: OpenOptions): OpenedEngine {
  const engine = inlineEngine({ actors, disk, ...options })
  return {
    engine,
    async reopen() {
      await engine.stop()
      return openOn(disk, onCommit, actors, options)
    },
    // the engine that was dropped may go on, but on a disk that nobody sees any more
    crash: async () => openOn(watched(copyOf(disk), onCommit), onCommit, actors, options),
    close: async () => {},
  }
}

function watched(disk: InlineDisk, onCommit: CommitWatch): InlineDisk {
  return {
    ...disk,
    commit(...commit) {
      onCommit('before')
      const committed = disk.commit(...commit)
      onCommit('after')
      return committed
    },
  }
}

function copyOf(disk: InlineDisk): InlineDisk {
  const copy = inlineDisk()
  copyTable(disk.cells, copy.cells)
  copyTable(disk.mail, copy.mail)
  copyTable(disk.known, copy.known)
  copyTable(disk.letters, copy.letters)
  copyTable(disk.boots, copy.boots)
  for (const [name, parts] of disk.parts) copy.parts.set(name, new Map(parts))
  for (const [name, events] of disk.events) copy.events.set(name, [...events])
  for (const [id, outcomes] of disk.outcomes) copy.outcomes.set(id, new Map(outcomes))
  return copy
}

function copyTable<T>(from: ReadonlyMap<string, T>, to: Map<string, T>): void {
  for (const [key, value] of from) to.set(key, value)
}
