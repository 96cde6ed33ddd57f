import PQueue from 'p-queue'
import { takeTurn } from '../pool/loads.ts'
import { measureDoer } from '../pool/measure.ts'

/** Tasks per second of a p-queue. */
export const measure = (task) =>
  measureDoer(({ workers }) => {
    const queue = new PQueue({ concurrency: workers })
    return { submit: () => queue.add(takeTurn), close: () => queue.onIdle() }
  }, task)
