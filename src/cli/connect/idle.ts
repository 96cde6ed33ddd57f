import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnerPlace } from '../../http/server/join-folder.ts'

/**
 * Waits until there is no visitor and no work for `linger` ms; from then on visitors are refused, so that none is lost.
 */
export async function whenIdle({ runtime, served }: OwnerPlace, linger: number): Promise<void> {
  if (!served) return runtime.idle()
  const { visitors } = served
  for (;;) {
    const seen = visitors.total()
    await runtime.idle()
    await sleep(linger)
    if (visitors.open() === 0 && visitors.total() === seen) return served.refuse()
    await visitors.gone()
  }
}
