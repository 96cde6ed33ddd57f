import type { Duty } from '../actor/duty.ts'
import type { MovedRows } from '../store/upkeep/moves.ts'
import { type TierRules, tierRules } from '../tier/rules.ts'
import type { OwnerCalls } from './calls.ts'

/** ms between two runs, however often the memory is written. */
const PAUSE_MS = 60_000
/** Records that one transaction moves, and that one run does. */
const MOVED_AT_ONCE = 100
const MOVES_OF_RUN = 5_000

const MOVES = [
  { from: 'short', to: 'intermediate' },
  { from: 'intermediate', to: 'long' },
] as const

/** Moves records from tier to tier: by age, and where a tier has too many. It never erases one. */
export function tiersDuty({ read, write, now }: OwnerCalls, rules: TierRules = tierRules()): Duty {
  async function retries(owner: string): Promise<readonly number[]> {
    const plans = await Promise.all(MOVES.map(({ from }) => read(owner, 'planMoves', { from, rules, limit: 0 })))
    return plans.flatMap((plan) => plan?.next ?? [])
  }
  return {
    name: 'tiers',
    pause: PAUSE_MS,
    async run(owner, signal) {
      const total = { moved: 0, failed: 0, quarantined: 0 }
      let left = MOVES_OF_RUN
      let next = Number.POSITIVE_INFINITY
      for (const { from, to } of MOVES) {
        const plan = await read(owner, 'planMoves', { from, rules, limit: left })
        if (!plan) return {}
        next = Math.min(next, plan.next ?? next)
        left -= plan.rids.length
        for (let at = 0; at < plan.rids.length; at += MOVED_AT_ONCE) {
          signal.throwIfAborted()
          const rids = plan.rids.slice(at, at + MOVED_AT_ONCE)
          const compression = rules.compression[to]
          const moving = { rids, from, to, ...(compression && { compression }) }
          const done = await write(owner, 'moveRows', moving)
          for (const [what, count] of Object.entries(done)) total[what as keyof MovedRows] += count
        }
        if (left === 0) next = now()
      }
      // a record that failed in this run is due before the ones that were planned
      if (total.failed > 0) next = Math.min(next, ...(await retries(owner)))
      const did = Object.fromEntries(Object.entries(total).filter(([, count]) => count > 0))
      return { ...(Object.keys(did).length > 0 && { did }), ...(next !== Number.POSITIVE_INFINITY && { next }) }
    },
  }
}
