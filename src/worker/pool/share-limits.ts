import type { PoolClock } from '../clock.ts'

/** The limits of each share of a pool: concurrent tasks, and tasks started within a period. */
export type ShareLimit = {
  readonly running?: number
  readonly rate?: { readonly tasks: number; readonly ms: number }
}

export interface ShareUsage {
  /** ms until the share may start a task; 0: now; Infinity: when one of its tasks has ended. */
  delayOf(share: string): number
  begin(share: string): void
  end(share: string): void
}

type Use = { running: number; readonly begun: number[] }

/** Idle shares are forgotten once there are more than this. */
const MAX_IDLE_SHARES = 1_000

export function createShareUsage({ running: most = Infinity, rate }: ShareLimit, clock: PoolClock): ShareUsage {
  const uses = new Map<string, Use>()
  let tidyAt = MAX_IDLE_SHARES

  function useOf(share: string): Use {
    const use = uses.get(share) ?? { running: 0, begun: [] }
    if (!uses.has(share) && uses.size >= tidyAt) tidy()
    uses.set(share, use)
    return use
  }

  function tidy(): void {
    for (const [share, use] of uses) if (use.running === 0 && isOld(use)) uses.delete(share)
    tidyAt = Math.max(MAX_IDLE_SHARES, 2 * uses.size)
  }

  const isOld = ({ begun }: Use) => !rate || (begun.at(-1) ?? -Infinity) + rate.ms <= clock.elapsed()

  return {
    delayOf(share) {
      const use = uses.get(share)
      if (!use) return 0
      if (use.running >= most) return Infinity
      if (!rate || use.begun.length < rate.tasks) return 0
      return Math.max(0, use.begun[0]! + rate.ms - clock.elapsed())
    },
    begin(share) {
      const use = useOf(share)
      use.running++
      if (!rate) return
      use.begun.push(clock.elapsed())
      if (use.begun.length > rate.tasks) use.begun.shift()
    },
    end(share) {
      const use = uses.get(share)!
      use.running--
      if (use.running === 0 && isOld(use)) uses.delete(share)
    },
  }
}
