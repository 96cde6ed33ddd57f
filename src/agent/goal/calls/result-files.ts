import type { CallOutcome, FileUse, GoalFiles, RunOutcomes } from '../services.ts'

/**
 * Outcomes with the files that their results name, as far as the owner has them: a tool, or the page that it has read,
 * may have made up the others.
 */
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
