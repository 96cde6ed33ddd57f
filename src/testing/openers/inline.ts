import { copyDisk, type InlineDisk, inlineDisk } from '../../engine/inline/disk.ts'
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
    crash: async () => openOn(watched(copyDisk(disk), onCommit), onCommit, actors, options),
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
