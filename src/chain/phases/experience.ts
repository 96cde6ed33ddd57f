import type { Problem } from '../../errors.ts'
import type { Document } from '../../model/task.ts'
import { clip, fitItems, keepLast, OUTPUT_SIZE } from '../bounded.ts'
import type { Hands, Phase } from '../phase-port.ts'
import type { Retrieval } from '../sources.ts'
import type { Hit, PhaseInput, PhaseResult, SourceReport } from '../types.ts'
import { accepted, assign } from './assignment.ts'
import { firstAnswer, hitDocuments } from './material.ts'

type Result = PhaseResult<'experience.vectors'>

const INSTRUCTION =
  'Experience: say in a few sentences what the retrieved documents add to the first answer, and where they contradict it. Refer to a document by its id in a tag, as in <vid>v1</vid>.'
const SUMMARY_SIZE = 1200
const HITS_SIZE = 5200
const REPORTS_SIZE = OUTPUT_SIZE - SUMMARY_SIZE - HITS_SIZE - 500
const KEPT = 40

/** Experience's first leg: what the given files hold on the question, and one look of the model at it. */
export const vectorsLeg: Phase<'experience.vectors'> = {
  name: 'experience.vectors',
  modality: 'default',
  initial: (modality) => ({ modality, knowledgeBase: [], retrievedContext: [] }),
  async run(state, input, hands) {
    if (input.sources.length === 0) return skipped(state, 'no files were given')
    const found = bounded(await hands.retrieve(`${input.prompt}\n${input.continuation}`.trim()))
    const next = { ...state, knowledgeBase: remember(state.knowledgeBase, found.sources), retrievedContext: found.hits }
    if (found.hits.length === 0) return degraded(next, found, nothingFound(found.sources))
    const { summary, problem } = await summarise(input, found.hits, hands)
    if (problem) return degraded(next, found, problem)
    return { state: next, output: { ...found, summary }, text: summary, status: 'completed' }
  },
  fallback: (state, _input, problem) => degraded(state, NOTHING, problem),
}

/** Experience's second leg: no web search is configured, and it says so by name. */
export const webLeg: Phase<'experience.web'> = {
  name: 'experience.web',
  modality: 'default',
  initial: (modality) => ({ modality, knowledgeBase: [], retrievedContext: [] }),
  async run(state) {
    const { problem } = skipped(state, 'no web search is configured')
    return { state, output: { summary: '', sources: [] }, text: '', status: 'skipped', ...(problem && { problem }) }
  },
}

const NOTHING: Retrieval = { hits: [], sources: [] }

/** A model that cannot sum it up leaves the hits as they are. */
async function summarise(
  input: PhaseInput,
  hits: readonly Hit[],
  hands: Hands,
): Promise<{ summary: string; problem?: Problem }> {
  const outputs = { ...input.outputs, 'experience.vectors': { summary: '', hits, sources: [] } }
  const documents: readonly Document[] = [
    ...hitDocuments({ ...input, outputs }, hands),
    ...(hands.offline ? [] : firstAnswer(input)),
  ]
  const task = { kind: 'summarise', focus: input.prompt, count: 3 } as const
  const reply = await hands.think(assign({ input, task, documents, instruction: INSTRUCTION }))
  return { summary: clip(accepted(reply).text, SUMMARY_SIZE) }
}

function degraded(state: Result['state'], found: Retrieval, problem: Problem): Result {
  return { state, output: { ...found, summary: '' }, text: '', status: 'degraded', problem }
}

function skipped(state: Result['state'], message: string): Result {
  const problem = { code: 'not_configured', name: 'Skipped', message }
  return { state, output: { ...NOTHING, summary: '' }, text: '', status: 'skipped', problem }
}

function nothingFound(sources: readonly SourceReport[]): Problem {
  const reasons = sources.map(({ file, reason }) => `${file}: ${reason ?? 'holds no text'}`)
  return { code: 'tool_failed', name: 'TerminalError', message: clip(reasons.join('; '), 500), terminal: true }
}

function bounded({ hits, sources }: Retrieval): Retrieval {
  const reports = sources.map((report) => (report.reason ? { ...report, reason: clip(report.reason, 200) } : report))
  return { hits: fitItems(hits, HITS_SIZE), sources: fitItems(reports, REPORTS_SIZE) }
}

/** The latest report of each file. */
function remember(known: readonly SourceReport[], reports: readonly SourceReport[]): readonly SourceReport[] {
  const files = new Set(reports.map(({ file }) => file))
  return keepLast([...known.filter(({ file }) => !files.has(file)), ...reports], KEPT)
}
