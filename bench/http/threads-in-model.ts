import { measureThreads, THREADS } from './threads.ts'

/** All of them are in a call of their model. */
export const measure = measureThreads(THREADS)
