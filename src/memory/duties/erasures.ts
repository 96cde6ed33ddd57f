import type { Duty } from '../actor/duty.ts'
import { finishErasures } from '../erasures.ts'
import type { OwnerCalls } from './calls.ts'

/** ms until the next attempt to empty a log that a reader kept busy. */
const BUSY_MS = 2_000

/** Finishes erasures that a kill or a busy reader has left. */
export function erasuresDuty({ read, write, now }: OwnerCalls): Duty {
  return {
    name: 'erasures',
    pause: 0,
    async run(owner, signal) {
      const before = (await read(owner, 'countErasures', {})) ?? 0
      if (before === 0) return {}
      const left = await finishErasures((name, input) => write(owner, name, input), signal)
      return { ...(before > left && { did: { erasures: before - left } }), ...(left > 0 && { next: now() + BUSY_MS }) }
    },
  }
}
