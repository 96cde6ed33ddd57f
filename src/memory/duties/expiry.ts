import type { Duty } from '../actor/duty.ts'
import { finishErasures } from '../erasures.ts'
import type { RecordRetention } from '../store/upkeep/retention.ts'
import type { OwnerCalls } from './calls.ts'

/** ms between two looks, however often the memory is written. */
const PAUSE_MS = 1_000
/** ms until the next look while the clock is past the time that is trusted. */
const DOUBT_MS = 60_000

/**
 * Erases records whose time is over, as `forget` does: by their own `expires`, by age and by number. The calls carry
 * the trusted time, and `now` is the clock.
 */
export function expiryDuty({ read, write, now }: OwnerCalls, retention: RecordRetention = {}): Duty {
  return {
    name: 'expiry',
    pause: PAUSE_MS,
    async run(owner, signal) {
      const { isDue, next } = (await read(owner, 'readExpiry', retention)) ?? { isDue: false }
      if (!isDue) return next === undefined ? {} : { next: next > now() ? next : now() + DOUBT_MS }
      const records = await write(owner, 'expirePortion', retention)
      await finishErasures((name, input) => write(owner, name, input), signal)
      // the next look finds the rest
      return { did: { records }, next: now() }
    },
  }
}
