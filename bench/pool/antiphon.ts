import { threadWorker } from '../../src/worker/isolation/thread.ts'
import { createPool } from '../../src/worker/pool/pool.ts'
import type { Figures, Task } from '../task.ts'
import { type Doer, type PoolLoad, takeTurn } from './loads.ts'
import { measureDoer } from './measure.ts'

const DEEDS = new URL('./deeds.js', import.meta.url)
const QUEUE = 100_000

/** Tasks per second of a pool of antiphon. */
export const measure = (task: Task): Promise<Figures> => measureDoer(open, task)

function open({ deed, workers }: PoolLoad): Doer {
  const id = 'text_step_pool'
  // one caller gives them all, and could call them all off
  const { signal } = new AbortController()
  if (deed === 'turn') {
    const pool = createPool({ id, workers, queue: QUEUE })
    return { submit: () => pool.submit({ signal, run: takeTurn }), close: pool.close }
  }
  const pool = createPool({ id, workers, queue: QUEUE, make: (name) => threadWorker({ id: name, file: DEEDS }) })
  const submit = () => pool.submit({ signal, run: (called, worker) => worker.call!(deed, null, called) })
  return { submit, close: pool.close }
}
