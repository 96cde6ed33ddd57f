import type { CallOutcome, FileUse, GoalFiles, RunOutcomes } from '../services.ts'

/** Outcomes with the named files that the owner has: a tool, or a page that it has read, may make up others. */
export async function withResultFiles(
  { calls, waited }: RunOutcomes,
  { find }: Pick<GoalFiles, 'find'>,
  of: FileUse,
): Promise<RunOutcomes> {
  const entries = Object.entries(calls).map(async ([step, call]): Promise<[string, CallOutcome]> => {
    const { fileIds = [], ...outcome } = call
    const files = fileIds.length === 0 ? [] : await find(fileIds, of)
    return [step, files.length === 0 ? outcome : { ...outcome, result: { ...outcome.result, files } }]
  })
  return { calls: Object.fromEntries(await Promise.all(entries)), waited }
}
