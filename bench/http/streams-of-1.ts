import { measureStreams } from './streams.ts'

/** All follow one run. */
export const measure = measureStreams(1)
