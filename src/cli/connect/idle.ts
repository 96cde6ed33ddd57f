import { setTimeout as sleep } from 'node:timers/promises'
import type { OwnerPlace } from '../../http/server/join-folder.ts'

/** Waits until `linger` ms pass without visitors and work. From then on visitors are refused, so none is lost. */
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
