import { type Problem, terminalProblem } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import { sumUsage } from '../../model/cost/usage.ts'
import type { AskEnding, AskWork, CurrentAsk, DecisionProposal } from '../../thread/protocol/ask-state.ts'
import type { CycleDecision } from '../../thread/protocol/cycle-decision.ts'
import type {
  Degradation,
  PhaseEnd,
  PhaseName,
  PhaseOutputs,
  SourceRef,
  SourceReport,
} from '../../thread/protocol/phase-types.ts'
import { isOutOfPatience } from '../../work/provider-wait.ts'
import { CHECK_FAILED } from '../checks/enforce.ts'
import { isGoneNote } from '../memory/records.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import { answerPrompt, toLoopEntry } from '../protocol/recursion.ts'

/** The phases of a cycle. Phases of the same stage run in parallel. */
const STAGES: readonly (readonly PhaseName[])[] = [
  ['action'],
  ['experience.vectors', 'experience.web'],
  ['intention'],
  ['observation'],
  ['understanding'],
  ['yield'],
]

/** The phases of a quick ask: it searches the texts and makes one model call. */
const QUICK_STAGES: typeof STAGES = [['experience.vectors'], ['yield']]
const QUICK_WEB_STAGES: typeof STAGES = [['experience.vectors', 'experience.web'], ['yield']]

function stagesOf({ quick, web }: Pick<AskWork, 'quick' | 'web'>): typeof STAGES {
  if (!quick) return STAGES
  return web ? QUICK_WEB_STAGES : QUICK_STAGES
}

/** The phases an ask starts with. */
export const firstStage = (work: Pick<AskWork, 'quick' | 'web'>) => stagesOf(work)[0]!

/** The effect of a phase's end: phases to start (none while others are running), or the end of the ask. */
export type Transition = {
  readonly work: AskWork
  readonly cycle: number
  readonly loops: CurrentAsk['loops']
  readonly start: readonly PhaseName[]
  readonly decision?: CycleDecision
  /** a decision from outside is needed */
  readonly proposal?: DecisionProposal
  readonly ending?: AskEnding
}

/**
 * The transition after a phase ended. A failure of Action is fatal, Yield falls back to Action's answer when no texts
 * were given, and the others degrade.
 */
export function afterPhase(
  current: CurrentAsk,
  before: AskWork,
  end: PhaseEnd,
  { maxCycles }: Pick<ChainLimits, 'maxCycles'>,
): Transition {
  const work = absorb(before, end)
  const { cycle, loops } = current
  const course: Transition = { work, cycle, loops, start: [] }
  const problem = end.phase === 'action' ? fatal(before, end) : outOfPatience(end)
  if (problem) return { ...course, ending: { status: 'failed', problem } }
  if (current.waiting.some((phase) => phase !== end.phase)) return course
  if (end.phase === 'yield') return { ...course, ending: endingOf(work, end) }
  if (end.phase === 'understanding') return afterUnderstanding(course, end, maxCycles)
  const lacking = end.phase.startsWith('experience') ? nothingRemembered(work) : undefined
  if (lacking) return { ...course, ending: { status: 'failed', problem: lacking } }
  return { ...course, start: stageAfter(end.phase, work) }
}

/** The status to show for a phase end. A failure that the ask can survive is shown as degraded. */
export function displayStatus({ phase, status }: PhaseEnd): PhaseEnd['status'] {
  return status === 'failed' && phase !== 'action' && phase !== 'yield' ? 'degraded' : status
}

// results of a phase

function absorb(work: AskWork, end: PhaseEnd): AskWork {
  const { phase, cycle, status, model, usage } = end
  return {
    ...work,
    outputs: outputsAfter(work.outputs, end),
    degraded: [...work.degraded, ...degradedBy(end)],
    trace: [...work.trace, { phase, cycle, status, model, selection: end.trace }],
    usage: sumUsage([work.usage, usage]),
  }
}

/** The notes of a cycle are its own: those of a phase that fails are not those of the cycle before. Hits stay. */
function outputsAfter(outputs: AskWork['outputs'], { phase, output }: PhaseEnd): AskWork['outputs'] {
  if (output) return { ...outputs, [phase]: output as PhaseOutputs[typeof phase] }
  if (!NOTES.has(phase)) return outputs
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => name !== phase))
}

const NOTES: ReadonlySet<PhaseName> = new Set(['intention', 'observation', 'understanding'])

function degradedBy({ phase, status, problem, lacks = [] }: PhaseEnd): readonly Degradation[] {
  const isWhole = status !== 'degraded' && status !== 'failed'
  const isDeclined = problem?.code === 'refused'
  const reason = problem?.message ?? 'no reason given'
  const failed = isWhole ? [] : [{ phase, reason, ...(isDeclined && { declined: true as const }) }]
  return [...failed, ...lacks.map((reason) => ({ phase, reason, completed: true as const }))]
}

/** An ask cannot continue without a first answer, unless an earlier cycle or a file provides something. */
function fatal(before: AskWork, { status, problem = UNEXPLAINED_PROBLEM }: PhaseEnd): Problem | undefined {
  if (before.outputs.action) return undefined
  if (status === 'failed') return problem
  return status === 'degraded' && before.sources.length === 0 ? nothingGiven(problem) : undefined
}

/** Action had nothing to answer from, and the memory has nothing either. */
function nothingRemembered({ outputs, sources, memory, web, degraded }: AskWork): Problem | undefined {
  if (sources.length > 0 || !(memory || web) || recordsIn({ outputs, memory }) || hasPages(outputs)) return undefined
  return outputs.action?.response === ''
    ? refusal([web ? nothingOnWeb(degraded) : NOTHING_REMEMBERED, ...goneOf(degraded)].join('; '))
    : undefined
}

/** Whether prompts showed a record. */
function recordsIn({ outputs, memory }: Pick<AskWork, 'outputs'> & { readonly memory: AskWork['memory'] }): boolean {
  const hits = outputs['experience.vectors']?.hits ?? []
  return hits.some(({ record }) => record !== undefined) || (memory?.pinned.length ?? 0) > 0
}

/** Whether prompts showed a page of the web. */
const hasPages = (outputs: AskWork['outputs']) => (outputs['experience.web']?.hits ?? []).length > 0

function nothingOnWeb(degraded: AskWork['degraded']): string {
  const failed = degraded.findLast(({ phase }) => phase === 'experience.web')?.reason
  return `There is no text to answer from: no file was given, the memory has nothing for this, and ${failed ?? 'the web has nothing either'}`
}

/** The documents that had something for this, as the search of the memory says, and that are gone. */
const goneOf = (degraded: AskWork['degraded']) =>
  degraded.flatMap(({ reason, completed }) => (completed && isGoneNote(reason) ? [reason] : []))

const NOTHING_REMEMBERED = 'There is no text to answer from: no file was given, and no record of the memory matches'

/** Later phases would wait for the same provider. */
function outOfPatience({ problem }: PhaseEnd): Problem | undefined {
  return problem && isOutOfPatience(problem) ? problem : undefined
}

const UNEXPLAINED_PROBLEM = terminalProblem({ code: 'internal', message: 'the phase gave no reason' })

// continuation

function stageAfter(phase: PhaseName, work: AskWork): readonly PhaseName[] {
  const stages = stagesOf(work)
  return stages[stages.findIndex((stage) => stage.includes(phase)) + 1] ?? []
}

function afterUnderstanding(
  course: Transition,
  { decision = DEGRADED_DECISION, output }: PhaseEnd,
  maxCycles: number,
): Transition {
  if (course.work.recursion !== 'step') return afterDecision(course, decision)
  const { cycle } = course
  const { confidence, gaps } = (output as PhaseOutputs['understanding'] | null) ?? { confidence: 0, gaps: [] }
  return { ...course, proposal: { ...decision, confidence, gaps, cycle, mayLoop: cycle < maxCycles } }
}

const DEGRADED_DECISION: CycleDecision = { decision: 'yield', reason: 'degraded' }

export function afterDecision(course: Transition, decision: CycleDecision): Transition {
  if (decision.decision === 'yield') return { ...course, decision, work: forAnswer(course.work), start: ['yield'] }
  return {
    ...course,
    decision,
    work: { ...course.work, continuation: decision.prompt },
    cycle: course.cycle + 1,
    loops: [...course.loops, toLoopEntry(course.cycle, decision)],
    start: STAGES.find((stage) => stage.some((phase) => phase.split('.')[0] === decision.target))!,
  }
}

/** The work of the answer: the gaps of an earlier cycle are no part of its task. */
const forAnswer = (work: AskWork): AskWork => ({
  ...work,
  continuation: answerPrompt(work.continuation, work.outputs.understanding?.gaps ?? []),
})

// endings

/**
 * An error is never an answer. Where texts were given, only an answer that cites something counts. Without texts it
 * is Yield's answer, else Action's, else the ask has failed.
 */
function endingOf(work: AskWork, end: PhaseEnd): AskEnding {
  const answered = end.status === 'completed' ? work.outputs.yield : undefined
  if (answered && (work.sources.length === 0 || answered.citations.length > 0))
    return { status: 'completed', ...answered, model: end.model }
  const isRefused = end.problem?.code === CHECK_FAILED
  return (!isRefused && firstAnswerEnding(work)) || { status: 'failed', problem: whyUnanswered(work, end) }
}

function whyUnanswered(
  { outputs, sources, memory, degraded }: AskWork,
  { status, problem = UNEXPLAINED_PROBLEM, model }: PhaseEnd,
): Problem {
  const reports = outputs['experience.vectors']?.sources ?? []
  // a loss, such as a guessed encoding, may be why nothing was found
  const losses = degraded.flatMap(({ completed, reason }) => (completed ? [reason.replace(/\.$/, '')] : []))
  const beside = [...unread(reports), ...new Set(losses)]
  if (status === 'completed') return unsourced(model, outputs.yield?.answer ?? '', beside)
  if (problem.code !== 'refused') return problem
  const others = [...(recordsIn({ outputs, memory }) ? ['the memory'] : []), ...(hasPages(outputs) ? ['the web'] : [])]
  if (sources.length === 0 && others.length === 0) return nothingGiven(problem)
  return nothingFound(problem, { sources, reports, beside, others })
}

/** The ending with Action's answer, if there is one. It cites no text, so it does not count when texts were given. */
export function firstAnswerEnding({ outputs, sources, trace }: AskWork): AskEnding | undefined {
  const answer = sources.length === 0 ? (outputs.action?.response ?? '') : ''
  const model = trace.findLast(({ phase }) => phase === 'action')?.model ?? ''
  return answer === '' ? undefined : { status: 'completed', answer, citations: [], invalidCitations: [], model }
}

const SOURCES_HINT =
  'Give a text that contains the answer (--file PATH; over HTTP `texts`), or name a more capable model (--model, ANTIPHON_MODEL; over HTTP `models`).'
const MAX_REFUSAL_LENGTH = 1000
const MAX_QUOTED_ANSWER = 300

/** The model declined, and there are no files to search. */
const nothingGiven = (declined: Problem): Problem => refusal(`There is no text to answer from: ${declined.message}`)

type Searched = {
  readonly sources: readonly SourceRef[]
  readonly reports: readonly SourceReport[]
  /** other problems, such as a guessed encoding */
  readonly beside: readonly string[]
  /** the memory or the web, if they had something for the question */
  readonly others: readonly string[]
}

const EITHER = new Intl.ListFormat('en', { type: 'disjunction' })

/** The model declined after the files were read. */
function nothingFound(declined: Problem, { sources, reports, beside, others }: Searched): Problem {
  const read = sources.filter(({ id }) => reports.some(({ source, reason }) => source === id && !reason))
  const places = [...read.map(({ ref }) => ref), ...others]
  const where = places.length > 0 ? `Nothing in ${EITHER.format(places)} answers this` : 'Nothing could be read'
  return refusal([where, ...beside, declined.message].join('; '))
}

/** Texts were given, and the model answered without citing one of them. */
function unsourced(model: string, answer: string, beside: readonly string[]): Problem {
  const who = model === '' ? 'The answer cites' : `The answer of ${model} cites`
  const said = answer.replace(/\s+/g, ' ').trim()
  const part = said.length > MAX_QUOTED_ANSWER ? ` (the first ${MAX_QUOTED_ANSWER} of ${said.length} characters)` : ''
  return refusal(
    [`${who} none of the given texts`, ...beside, `the answer is "${clip(said, MAX_QUOTED_ANSWER)}"${part}`].join('; '),
  )
}

function unread(reports: readonly SourceReport[]): readonly string[] {
  return reports.flatMap(({ file, reason }) => (reason ? [`${showOnOneLine(file)} was not read (${reason})`] : []))
}

function refusal(why: string): Problem {
  return {
    code: 'refused',
    name: 'TerminalError',
    message: `${clip(why, MAX_REFUSAL_LENGTH)}. ${SOURCES_HINT}`,
    terminal: true,
  }
}
