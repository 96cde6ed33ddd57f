import { type Problem, problemOf } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import { present } from '../../lib/json/present.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import type {
  PhaseInput,
  PhaseResult,
  QuestionPart,
  Retrieval,
  SearchNotes,
  SourceReport,
} from '../../thread/protocol/phase-types.ts'
import { mustPropagate } from '../../work/suspension.ts'
import { searchWeb, whyNoWeb } from '../calls/web-leg.ts'
import { fitItems, keepLast, MAX_OUTPUT_SIZE, outputBounds } from '../protocol/bounds.ts'
import type { LookOptions, Phase, PhaseContext } from '../protocol/phase.ts'
import { currentHit, keepHits, nameSnippet, stepOf } from '../questions/follow-up.ts'
import { hasParts, MAX_PARTS_SIZE, partsAfter, partsOf, searchFor } from '../questions/parts.ts'
import { probeSubjects } from '../questions/probed-models.ts'
import { summaryOfFacts } from '../retrieval/fact-hits.ts'
import { firstAnswerDocuments, hitDocuments, requireAccepted, toAssignment } from './prompt.ts'

type Leg = 'experience.vectors' | 'experience.web'
type Result = PhaseResult<'experience.vectors'>

const INSTRUCTION =
  'Experience: say in a few sentences what the retrieved documents add to the first answer, and where they contradict it. Refer to a document by its id in a tag, as in <vid>v1</vid>.'
const MAX_SUMMARY_SIZE = 1200
const MAX_HITS_SIZE = 5200
const MAX_REPORTS_SIZE = MAX_OUTPUT_SIZE - MAX_SUMMARY_SIZE - MAX_HITS_SIZE - 500
const MAX_REMEMBERED = 40

/** Experience over the given files: retrieval, and a model summary except in a quick ask. */
export const vectorsPhase: Phase<'experience.vectors'> = {
  name: 'experience.vectors',
  modality: 'default',
  initial: (modality) => ({ modality, knowledgeBase: [], retrievedContext: [] }),
  async run(state, input, context) {
    if (input.sources.length === 0 && !input.memory && !input.priors) return skipped(state, 'no files were given')
    const named = (question: string) => nameSnippet(question, state)
    const { question, ...rest } = searchFor(input)
    // a further cycle keeps the passage that the first one stepped to
    const isFirst = input.outputs['experience.vectors'] === undefined
    const step = isFirst ? stepOf(input.prompt, currentHit(state, input.modality)) : undefined
    const { probed, probes } = await probeSubjects(state, input, context)
    const look = { ...rest, ...present({ parts: rest.parts?.map(named), step, probed }) }
    const all = await context.retrieve(named(question), look)
    const parts = partsOf(input).map((part) => ({ ...part, question: named(part.question) }))
    const found = { ...bounded(all), ...lookedIn(input, parts, all, look) }
    if (input.sources.length === 0 && found.hits.length === 0)
      return {
        ...skipped(state, 'no files were given, and no record of the memory matches'),
        ...(all.lacks && { lacks: all.lacks }),
      }
    // records stay with the asks that showed them, and in no state beside
    const own = found.hits.filter(({ record }) => record === undefined)
    const next = {
      ...state,
      knowledgeBase: remember(state.knowledgeBase, found.sources),
      retrievedContext: own,
      ...keepHits(state, input.modality, own),
      ...present({ probes }),
    }
    return { state: next, ...(await ended('experience.vectors', input, found, context, unread(all.sources))) }
  },
  fallback(state, input, problem) {
    const output = input.outputs['experience.vectors'] ?? { ...EMPTY_RETRIEVAL, summary: '' }
    return { state, output, text: '', status: 'degraded', problem }
  },
}

/** Experience over the web: one search, and a model summary if it finds something, except in a quick ask. */
export const webPhase: Phase<'experience.web'> = {
  name: 'experience.web',
  modality: 'default',
  initial: (modality) => ({ modality, knowledgeBase: [], retrievedContext: [] }),
  async run(state, input, context) {
    const why = whyNoWeb(input)
    if (why !== undefined) return { ...skipped(state, why), output: { summary: '', sources: [] } }
    const all = await searchWeb(input, context)
    const { lacks: _, ...notes } = all
    const most = all.parts ? MAX_HITS_SIZE - MAX_PARTS_SIZE : MAX_HITS_SIZE
    const found = { ...notes, ...webNotes(input), hits: fitItems(all.hits, most) }
    const knowledgeBase = remember(state.knowledgeBase, found.sources)
    const next = { ...state, knowledgeBase, retrievedContext: found.hits }
    return { state: next, ...(await ended('experience.web', input, found, context, notSearched(all))) }
  },
  fallback(state, input, problem) {
    const output = input.outputs['experience.web'] ?? { summary: '', sources: [] }
    return { state, output, text: '', status: 'degraded', problem }
  },
}

/** The first search of the web is for the whole question, so one for an open part is left. */
const webNotes = (input: PhaseInput): Pick<SearchNotes, 'looked' | 'left'> =>
  input.continuation === '' && hasParts(partsOf(input)) ? { left: ['web'] } : { looked: ['web'] }

const notSearched = ({ lacks: [message] = [] }: Retrieval): Problem | undefined =>
  message === undefined ? undefined : { code: 'tool_failed', name: 'TerminalError', message, terminal: true }

const EMPTY_RETRIEVAL: Retrieval = { hits: [], sources: [] }

/** The end of a leg: a model summarises its hits, except in a quick ask. `lack`: what its search could not do. */
async function ended<Found extends Retrieval>(
  leg: Leg,
  input: PhaseInput,
  found: Found,
  context: PhaseContext,
  lack: Problem | undefined,
) {
  const isSummarised = found.hits.length > 0 && !input.quick
  const { text, lacks, problem = lack } = isSummarised ? await summarise(input, leg, found, context) : NO_SUMMARY
  const end = { output: { ...found, summary: text }, text, ...(lacks.length > 0 && { lacks }) }
  return problem ? { ...end, status: 'degraded' as const, problem } : { ...end, status: 'completed' as const }
}

type Summary = { readonly text: string; readonly lacks: readonly string[]; readonly problem?: Problem }
const NO_SUMMARY: Summary = { text: '', lacks: [] }

/** Where this search and earlier ones of the ask looked, and what they found for each part. */
function lookedIn(
  { sources, memory, ...input }: PhaseInput,
  parts: readonly QuestionPart[],
  all: Retrieval,
  { places = [] }: LookOptions,
): SearchNotes {
  const before = input.outputs['experience.vectors']?.looked ?? []
  const now = [...(sources.length > 0 ? ['texts' as const] : []), ...(memory ? ['memory' as const] : []), ...places]
  return {
    ...(hasParts(parts) && { parts: partsAfter(parts, all) }),
    looked: [...new Set([...before, ...now])],
    ...(all.left && { left: all.left }),
  }
}

/** Asks the model for a summary of the hits. If it fails or declines, the hits are used directly, as code is. */
async function summarise(input: PhaseInput, leg: Leg, found: Retrieval, context: PhaseContext): Promise<Summary> {
  const facts = context.offline ? summaryOfFacts(found.hits, MAX_SUMMARY_SIZE) : ''
  if (facts !== '') return { text: facts, lacks: [] }
  // each leg summarises its own hits: the other one works beside it
  const { 'experience.vectors': _, 'experience.web': __, ...others } = input.outputs
  const outputs = { ...others, [leg]: { ...found, summary: '' } }
  const documents = [
    ...hitDocuments({ ...input, outputs }, context),
    ...(context.offline ? [] : firstAnswerDocuments(input)),
  ]
  const task = { kind: 'summarise', focus: input.prompt, count: 3 } as const
  try {
    const reply = await context.askModel(toAssignment({ input, task, documents, instruction: INSTRUCTION }))
    // there is no prose to select from: the passages of code are the result
    if (context.offline && reply.refused !== undefined) return NO_SUMMARY
    const bounds = outputBounds()
    const text = bounds.text('the summary of the texts', requireAccepted(reply).text, MAX_SUMMARY_SIZE)
    return { text, lacks: bounds.lacks }
  } catch (error) {
    if (mustPropagate(error)) throw error
    return { ...NO_SUMMARY, problem: problemOf(error) }
  }
}

function skipped(state: Result['state'], message: string): Result {
  const problem = { code: 'not_configured', name: 'Skipped', message }
  return { state, output: { ...EMPTY_RETRIEVAL, summary: '' }, text: '', status: 'skipped', problem }
}

/** Files that could not be read, and files without text when there is nothing else. */
function unread(sources: readonly SourceReport[]): Problem | undefined {
  const empty = sources.every(({ passages }) => passages === 0)
  const reasons = sources
    .filter(({ reason }) => reason !== undefined || empty)
    .map(({ file, reason = 'it holds no text' }) => `${showOnOneLine(file)}: ${reason}`)
  if (reasons.length === 0) return undefined
  return { code: 'tool_failed', name: 'TerminalError', message: clip(reasons.join('; '), 500), terminal: true }
}

/** If there are many reports, those with content come first. */
function bounded({ hits, sources, parts }: Retrieval): Retrieval {
  const short = sources.map(({ reason, note, ...report }) => ({
    ...report,
    ...(reason !== undefined && { reason: clip(reason, 200) }),
    ...(note !== undefined && { note: clip(note, 200) }),
  }))
  const reports = [...short.filter(({ reason }) => reason), ...short.filter(({ reason }) => !reason)]
  return {
    hits: fitItems(hits, parts ? MAX_HITS_SIZE - MAX_PARTS_SIZE : MAX_HITS_SIZE),
    sources: fitItems(reports, MAX_REPORTS_SIZE),
  }
}

/** The latest report of each file. */
function remember(known: readonly SourceReport[], reports: readonly SourceReport[]): readonly SourceReport[] {
  const files = new Set(reports.map(({ file }) => file))
  return keepLast([...known.filter(({ file }) => !files.has(file)), ...reports], MAX_REMEMBERED)
}
