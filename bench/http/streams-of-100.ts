import { measureStreams } from './streams.ts'

/** Each of a hundred runs is followed by a hundred. */
export const measure = measureStreams(100)
