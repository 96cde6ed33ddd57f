import { join } from 'node:path'

/** The file with the last starts of a resource. */
export const startsOf = (data: string, resource: string) => join(data, 'starts', `${resource}.times`)

/** The paths in a data folder. */
export const placesIn = (data: string) => ({
  database: join(data, 'engine.db'),
  blobs: join(data, 'blobs'),
  memory: join(data, 'memory.db'),
  /** a table of runs for lists, while a process needs it */
  runs: join(data, 'runs.db'),
  /** results of tests of agents */
  tests: join(data, 'tests'),
  /** names the draft of a backup that is being written, which reads blobs */
  backupNote: join(data, 'backup-draft.json'),
  /** marks of files that are being read */
  readings: join(data, 'readings'),
})
