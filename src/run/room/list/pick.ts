import type { EngineView } from '../../../engine/engine.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { peekRun, type RunHead } from '../../run.ts'
import type { RunSummary } from '../documents.ts'
import type { RunReading } from '../executor.ts'
import { isSet, type RunFilter } from '../port.ts'
import type { EndedRuns } from './ended-runs.ts'

/** Characters of the inputs of a run that a text is looked for in. */
const SEARCHED_CHARS = 2000

/** Reads what filters need beside the index of a run. */
export type MatchReader = {
  readonly view: Pick<EngineView, 'peek'>
  readonly executor: Pick<RunReading, 'progress' | 'inputs'>
}

/** Why a run has failed; undefined for any other run. */
export async function problemOf({ view }: MatchReader, { id, status }: RunSummary): Promise<RunHead['problem']> {
  return status === 'failed' ? (await peekRun(view, id))?.problem : undefined
}

/** The dollars that the models of a run took, as far as they are known. */
export async function costOf({ executor }: MatchReader, id: string): Promise<number | undefined> {
  return (await executor.progress(id))?.usage?.cost
}

/** The text of a run that is searched, in lower case. */
export async function searchedText(reader: MatchReader, run: RunSummary, problem: RunHead['problem']): Promise<string> {
  const inputs = [...wordsIn((await reader.executor.inputs(run.id)) ?? null)].join('\n').slice(0, SEARCHED_CHARS)
  return [run.id, run.name, problem?.code, problem?.message, inputs].join('\n').toLowerCase()
}

/** The names and plain values in a value, in order. */
function* wordsIn(value: Json): Generator<string> {
  if (Array.isArray(value)) for (const one of value) yield* wordsIn(one)
  else if (isJsonObject(value))
    for (const [name, one] of Object.entries(value)) {
      yield name
      yield* wordsIn(one)
    }
  else if (value !== null) yield String(value)
}

/** Whether a list by this filter reads more of a run than its index. */
export const needsMore = ({ name, text, error, cost }: RunFilter) =>
  [name, text, error, cost].some((one) => one !== undefined)

/** Whether a filter picks a run by what its index says. Pure. */
export function isFitting(run: RunSummary, filter: RunFilter): boolean {
  const { name, since = 0, until = Number.POSITIVE_INFINITY, top, waits } = filter
  if (run.startedAt < since || run.startedAt > until) return false
  if (isSet(top) && run.root !== undefined) return false
  if (waits !== undefined && run.waitsFor !== waits) return false
  return name === undefined || run.name === name
}

/** `ended`: where no table answers */
type PickReader = MatchReader & { readonly ended?: EndedRuns | undefined }

export async function isPicked(reader: PickReader, run: RunSummary, filter: RunFilter): Promise<boolean> {
  const { text, error, cost } = filter
  if (!isFitting(run, filter)) return false
  const read = <Value>(fact: string, by: () => Promise<Value>) =>
    reader.ended ? reader.ended.read(fact, run, by) : by()
  const problem = () => problemOf(reader, run)
  if (error !== undefined && (await read('code', async () => (await problem())?.code)) !== error) return false
  if (cost !== undefined && ((await read('cost', () => costOf(reader, run.id))) ?? -1) < cost) return false
  if (text === undefined) return true
  const searched = await read('text', async () => searchedText(reader, run, await problem()))
  return searched.includes(text.toLowerCase())
}
