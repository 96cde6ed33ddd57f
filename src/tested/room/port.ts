import { NotFoundError } from '../../errors.ts'
import type { Viewer } from '../../house/viewer.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import type { TestDocument, TestResult, TestSummary } from './documents.ts'

/** The results of tests as a caller reads them. */
export interface TestsView {
  /** Lists the tests that have results, the one that ran last first. */
  list(): Promise<{ readonly items: readonly TestSummary[] }>
  /** The last results of a test, the newest first. NotFoundError when there are none. */
  get(test: string): Promise<TestDocument>
  /** One result with its answers. NotFoundError when there is none. */
  result(test: string, result: string): Promise<TestResult>
}

/** The results of tests in a data folder. */
export interface TestsPort extends TestsView {
  /** Stores a result, says of each case what changed since its last result, and removes the oldest ones. */
  save(result: Omit<TestResult, 'id'>): Promise<TestResult>
  /** Removes all results, or counts them; resolves with their number. */
  forget(options: { readonly dryRun: boolean }): Promise<number>
}

/** Results of tests as a caller uses them: those of the folder for its user and an admin, none for others. */
export function viewTests(port: TestsPort, { caller, isAdmin }: Viewer): TestsView {
  if (!isAdmin && caller.owner !== LOCAL_OWNER) return NONE
  const { list, get, result } = port
  return { list, get, result }
}

/** The error for a test without a result, or without the one with this id. */
export const noResult = (test: string, result?: string): NotFoundError =>
  new NotFoundError(
    result === undefined ? `There are no results of a test ${test}.` : `The test ${test} has no result ${result}.`,
    { hint: 'Tests with results: antiphon agent results' },
  )

const missing = async (test: string, result?: string): Promise<never> => {
  throw noResult(test, result)
}

const NONE: TestsView = { list: async () => ({ items: [] }), get: missing, result: missing }
