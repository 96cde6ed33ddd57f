import { copyDisk, type InlineDisk, inlineDisk } from '../../engine/inline/disk.ts'
import { inlineEngine } from '../../engine/inline/engine.ts'
import type { Actor } from '../../kernel/types.ts'
import type { EngineUnderTest, OpenEngine, OpenOptions } from './opened.ts'

/** Called right before and right after each commit. */
export type OnCommit = (moment: 'before' | 'after') => void

type Variant = {
  readonly seed?: number
  readonly onCommit?: OnCommit
  /** receives the data that a crash left */
  readonly onCrash?: (disk: InlineDisk) => void
}

/** Opens inline engines for tests; a crash leaves what was committed. */
export function inlineOpener(variant: Variant = {}): OpenEngine {
  const { seed } = variant
  return (actors, options) =>
    openOn(watched(inlineDisk(), variant), variant, actors, { ...(seed !== undefined && { seed }), ...options })
}

function openOn(disk: InlineDisk, variant: Variant, actors: readonly Actor[], options: OpenOptions): EngineUnderTest {
  const engine = inlineEngine({ actors, disk, ...options })
  return {
    engine,
    async reopen() {
      await engine.stop()
      return openOn(disk, variant, actors, options)
    },
    // the dropped engine may continue, but on a disk that nobody reads any more
    async crash() {
      const left = copyDisk(disk)
      variant.onCrash?.(left)
      return openOn(watched(left, variant), variant, actors, options)
    },
    close: async () => {},
  }
}

function watched(disk: InlineDisk, { onCommit = () => {} }: Variant): InlineDisk {
  // the mail that a cancellation or a stop drops is committed together with it
  let ending: string | undefined
  return {
    ...disk,
    commit(name, commit, sent) {
      const isPart = ending === name
      if (!isPart) onCommit('before')
      const committed = disk.commit(name, commit, sent)
      if (ENDINGS.includes(commit.taken.type)) {
        ending = name
        queueMicrotask(() => {
          ending = undefined
          onCommit('after')
        })
      } else if (!isPart) onCommit('after')
      return committed
    },
  }
}

const ENDINGS: readonly string[] = ['cancel', 'stop']
