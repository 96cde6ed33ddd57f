import { join } from 'node:path'

/** The paths in a data folder. */
export const placesIn = (data: string) => ({ database: join(data, 'engine.db'), blobs: join(data, 'blobs') })
