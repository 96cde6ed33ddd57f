import { measureThreads } from './threads.ts'

/** A pool as it is when nobody sets another: all but ten wait for a worker. */
export const measure = measureThreads(10)
