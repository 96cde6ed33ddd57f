import { setTimeout as sleep } from 'node:timers/promises'
import type { Needs, Offers } from '../../src/worker/capabilities.ts'
import { createPool } from '../../src/worker/pool/pool.ts'
import { modelWorker } from '../../src/worker/worker.ts'
import { drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'

/** A kind of task: what it needs, and the ms that a provider takes for it. */
type Kind = { readonly needs: Needs; readonly ms: number }

/** Of each eight tasks five are of text, two of images, one of sound. */
const TEXT: Kind = { needs: { modalities: ['text'] }, ms: 4 }
const IMAGE: Kind = { needs: { modalities: ['image'] }, ms: 8 }
const AUDIO: Kind = { needs: { modalities: ['audio'] }, ms: 12 }
const MIX = [TEXT, IMAGE, TEXT, AUDIO, TEXT, IMAGE, TEXT, TEXT]

/** Who can do all, and who can do one thing; in pairs, so that some wait for others. */
const ALL: Offers = { modalities: ['text', 'image', 'audio'] }
const OFFERS: readonly Offers[] = [ALL, { modalities: ['text'] }, { modalities: ['text', 'image'] }, ALL]

const CLIENTS = 32

/** Tasks per second of mixed modalities on so many workers, and what share of the workers' time was work. */
export async function measure({ name, warmUp, seconds }: Task): Promise<Figures> {
  const size = Number(name.slice(name.lastIndexOf('-') + 1))
  const workers = Array.from({ length: size }, (_, at) => modelWorker(`w${at + 1}`, 1, OFFERS[at % OFFERS.length]!))
  const pool = createPool({ id: 'multimodal_action_pool', workers, queue: CLIENTS })
  let given = 0
  let worked = 0
  const operate = async () => {
    const { needs, ms } = MIX[given++ % MIX.length]!
    const { signal } = new AbortController()
    await pool.submit({ signal, needs, share: `thread-${given % 4}`, run: () => work(ms) })
  }
  const work = async (ms: number) => {
    const from = performance.now()
    await sleep(ms)
    worked += performance.now() - from
  }
  await drive(CLIENTS, warmUp * 1000, operate)
  worked = 0
  const from = performance.now()
  const { perSecond, p99 } = await drive(CLIENTS, seconds * 1000, operate)
  const busy = worked / (performance.now() - from) / size
  await pool.close()
  return { perSecond, p99, busy: 100 * busy }
}
