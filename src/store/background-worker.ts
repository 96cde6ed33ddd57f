import { parentPort, workerData } from 'node:worker_threads'
import { type Problem, problemOf } from '../errors.ts'
import { draftBackup } from './backup/draft.ts'
import { copyCommitted } from './backup/memory-copy.ts'
import { referencesIn } from './blobs/gc.ts'
import { withDatabase } from './database/with-database.ts'
import { callUnbroken } from './unbroken-call.ts'

const asides = { draftBackup, findReferences, copyCommitted }

export type BackgroundJobs = typeof asides

/** The last message of the thread. */
export type BackgroundResult = { readonly problem?: Problem; readonly result?: unknown }

/** All blob references of a database file. */
function findReferences(path: string): readonly string[] {
  return withDatabase(path, (database) => {
    // one transaction, so that a row that moves between tables is not missed
    database.exec('begin')
    return [...referencesIn(database)]
  })
}

function work(): BackgroundResult {
  const { name, input } = workerData.aside as { name: keyof BackgroundJobs; input: never[] }
  try {
    return { result: callUnbroken(() => (asides[name] as (...input: never[]) => unknown)(...input)) }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

parentPort?.postMessage(work())
