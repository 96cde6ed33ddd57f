import { wholeCharacters } from '../../lib/clip.ts'
import type { TestCaseResult, TestResult } from './documents.ts'

export const MAX_RESULT_BYTES = 256 * 1024
/** Bytes that what changed since the last result may take. */
const CHANGES_BYTES = 16 * 1024
/** Cases of a stored result; the failed ones are stored first. */
const MAX_CASES = 200
const MAX_NAME = 200
const MAX_CALLS = 50

/** Characters of each text and the number of items in each list, from generous to what always fits. */
const STAGES = [
  { text: 8192, items: MAX_CALLS },
  { text: 2048, items: 20 },
  { text: 512, items: 5 },
  { text: 100, items: 1 },
  { text: 40, items: 1 },
] as const
type Stage = (typeof STAGES)[number]

/** The result in `MAX_RESULT_BYTES`: long texts and lists lose their ends, and each case says which. Pure. */
export function bounded(result: TestResult): TestResult {
  const { cases } = result
  const stored = cases.length <= MAX_CASES ? cases : failedFirst(cases).slice(0, MAX_CASES)
  const left = cases.length - stored.length
  let fitted = result
  for (const stage of STAGES) {
    fitted = {
      ...result,
      ...(left > 0 && { left }),
      ...(result.filter !== undefined && { filter: beginning(result.filter, MAX_NAME) }),
      notes: result.notes.slice(0, stage.items).map((note) => beginning(note, stage.text)),
      cases: stored.map((one) => cutCase(one, stage)),
    }
    if (Buffer.byteLength(JSON.stringify(fitted)) <= MAX_RESULT_BYTES - CHANGES_BYTES) break
  }
  return fitted
}

const failedFirst = (cases: readonly TestCaseResult[]) =>
  cases.toSorted((one, other) => Number(one.passed) - Number(other.passed))

function cutCase(one: TestCaseResult, { text, items }: Stage): TestCaseResult {
  const cut = new Set<string>(one.cut)
  const short = (field: string, whole: string, most: number = text) => {
    if (whole.length > most) cut.add(field)
    return beginning(whole, most)
  }
  const few = <Item>(field: string, all: readonly Item[], fit: (item: Item) => Item) => {
    if (all.length > items) cut.add(field)
    return all.slice(0, items).map(fit)
  }
  const cutCall = ({ tool, input, outcome }: TestCaseResult['calls'][number]) => ({
    tool: short('calls', tool, Math.min(MAX_NAME, text)),
    input: short('calls', input, Math.ceil(text / 8)),
    ...(outcome !== undefined && { outcome }),
  })
  const { answer, failures, notes, messages, calls, models, cut: _, ...rest } = one
  const fitted = {
    ...rest,
    name: short('name', one.name, Math.min(MAX_NAME, 2 * text)),
    ...(answer !== undefined && { answer: short('answer', answer) }),
    failures: few('failures', failures, (failure) => short('failures', failure)),
    notes: few('notes', notes, (note) => short('notes', note)),
    messages: few('messages', messages, (message) => short('messages', message)),
    calls: few('calls', calls, cutCall),
    models: few('models', models, (model) => short('models', model, Math.min(MAX_NAME, text))),
  }
  return { ...fitted, ...(cut.size > 0 && { cut: [...cut] }) }
}

const beginning = (text: string, most: number) => text.slice(0, wholeCharacters(text, Math.min(most, text.length)))
