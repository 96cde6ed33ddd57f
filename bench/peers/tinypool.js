import { fileURLToPath } from 'node:url'
import Tinypool from 'tinypool'
import { measureDoer } from '../pool/measure.ts'

const filename = fileURLToPath(new URL('../pool/deeds.js', import.meta.url))

/** Tasks per second of a bare tinypool. */
export const measure = (task) =>
  measureDoer(({ deed, workers }) => {
    const threads = new Tinypool({ filename, minThreads: workers, maxThreads: workers })
    return { submit: () => threads.run(null, { name: deed }), close: () => threads.destroy() }
  }, task)
