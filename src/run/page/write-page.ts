import type { RunDocument, StepDetail } from '../document.ts'
import { runPage } from './run-page.ts'

/** Steps that are read one by one: each reading reads the whole run. */
const MAX_DETAILS = 100

/** Writes a run as one HTML file. */
export async function writePage(run: RunDocument, read: (step: string) => Promise<StepDetail>): Promise<string> {
  const steps = Object.values(run.steps)
  const failed = steps.filter(({ status }) => status === 'failed').slice(0, MAX_DETAILS)
  const details = new Map<string, StepDetail>()
  for (const { id } of new Set([...failed, ...steps.slice(0, MAX_DETAILS)])) details.set(id, await read(id))
  return runPage(run, details)
}
