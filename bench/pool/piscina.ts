import { Piscina } from 'piscina'
import type { Figures, Task } from '../task.ts'
import { measureDoer } from './measure.ts'

const filename = new URL('./deeds.js', import.meta.url).href

/** Tasks per second of a bare piscina. */
export const measure = (task: Task): Promise<Figures> =>
  measureDoer(({ deed, workers }) => {
    const threads = new Piscina({ filename, minThreads: workers, maxThreads: workers })
    return { submit: () => threads.run(null, { name: deed }), close: () => threads.destroy() }
  }, task)
