import type { Problem } from '../../errors.ts'
import type { Current, Ending, Proposal, Work } from '../protocol/ask-state.ts'
import { clip } from '../protocol/bounds.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { Degraded, PhaseEnd, PhaseName, PhaseOutputs, SourceRef, SourceReport } from '../protocol/phase-types.ts'
import { type Decision, type LoopTarget, loopEntry } from '../protocol/recursion.ts'

/** The phases of a cycle; those of one stage work side by side. */
const STAGES: readonly (readonly PhaseName[])[] = [
  ['action'],
  ['experience.vectors', 'experience.web'],
  ['intention'],
  ['observation'],
  ['understanding'],
  ['yield'],
]

/** The phases of a quick ask: it looks into the texts, and makes one model call. */
const QUICK: typeof STAGES = [['experience.vectors'], ['yield']]

const stagesOf = ({ quick }: Pick<Work, 'quick'>) => (quick ? QUICK : STAGES)

/** Where an ask begins. */
export const firstStage = (work: Pick<Work, 'quick'>) => stagesOf(work)[0]!

/** What a phase's end comes to: phases to start (none: others are still at work), or the ask's end. */
export type Course = {
  readonly work: Work
  readonly cycle: number
  readonly loops: Current['loops']
  readonly start: readonly PhaseName[]
  readonly decision?: Decision
  /** somebody outside is to decide on this */
  readonly proposal?: Proposal
  readonly ending?: Ending
}

/** Where an ask goes after a phase ended. Action is fatal, Yield falls back to Action's answer where no texts were given, the others degrade. */
export function follow(
  current: Current,
  before: Work,
  end: PhaseEnd,
  { maxCycles }: Pick<ChainLimits, 'maxCycles'>,
): Course {
  const work = absorb(before, end)
  const { cycle, loops } = current
  const course: Course = { work, cycle, loops, start: [] }
  const problem = end.phase === 'action' ? fatal(before, end) : undefined
  if (problem) return { ...course, ending: { status: 'failed', problem } }
  if (current.waiting.some((phase) => phase !== end.phase)) return course
  if (end.phase === 'yield') return { ...course, ending: endingOf(work, end) }
  if (end.phase === 'understanding') return concluded(course, end, maxCycles)
  return { ...course, start: stageAfter(end.phase, work) }
}

/** The status an end is shown with: what can be gone on without is degraded, not failed. */
export function shownStatus({ phase, status }: PhaseEnd): PhaseEnd['status'] {
  return status === 'failed' && phase !== 'action' && phase !== 'yield' ? 'degraded' : status
}

// what a phase leaves behind

function absorb(work: Work, end: PhaseEnd): Work {
  const { phase, cycle, status, model, usage } = end
  return {
    ...work,
    outputs: end.output ? { ...work.outputs, [phase]: end.output as PhaseOutputs[typeof phase] } : work.outputs,
    degraded: [...work.degraded, ...degradedBy(end)],
    trace: [...work.trace, { phase, cycle, status, model, selection: end.trace }],
    usage: { input: work.usage.input + usage.input, output: work.usage.output + usage.output },
  }
}

function degradedBy({ phase, status, problem, lacks = [] }: PhaseEnd): readonly Degraded[] {
  const isWhole = status !== 'degraded' && status !== 'failed'
  const reasons = isWhole ? lacks : [problem?.message ?? 'no reason given', ...lacks]
  return reasons.map((reason) => ({ phase, reason }))
}

/** Without a first answer there is nothing to build on: not when an earlier cycle or a file gives something. */
function fatal(before: Work, { status, problem = UNEXPLAINED }: PhaseEnd): Problem | undefined {
  if (before.outputs.action) return undefined
  if (status === 'failed') return problem
  return status === 'degraded' && before.sources.length === 0 ? nothingGiven(problem) : undefined
}

const UNEXPLAINED: Problem = {
  code: 'internal',
  name: 'TerminalError',
  message: 'the phase gave no reason',
  terminal: true,
}

// where it goes on

function stageAfter(phase: PhaseName, work: Work): readonly PhaseName[] {
  const stages = stagesOf(work)
  return stages[stages.findIndex((stage) => stage.includes(phase)) + 1] ?? []
}

function concluded(course: Course, { decision = DEGRADED, output }: PhaseEnd, maxCycles: number): Course {
  if (course.work.recursion !== 'step') return decided(course, decision)
  const { cycle } = course
  const { confidence, gaps } = (output as PhaseOutputs['understanding'] | null) ?? { confidence: 0, gaps: [] }
  return { ...course, proposal: { ...decision, confidence, gaps, cycle, mayLoop: cycle < maxCycles } }
}

const DEGRADED: Decision = { decision: 'yield', reason: 'degraded' }

/** The course that a decision comes to. */
export function decided(course: Course, decision: Decision): Course {
  if (decision.decision === 'yield') return { ...course, decision, start: ['yield'] }
  return {
    ...course,
    decision,
    work: { ...course.work, continuation: decision.prompt },
    cycle: course.cycle + 1,
    loops: [...course.loops, loopEntry(course.cycle, decision)],
    start: stageOf(decision.target),
  }
}

function stageOf(target: LoopTarget): readonly PhaseName[] {
  return STAGES.find((stage) => stage.some((phase) => phase.split('.')[0] === target))!
}

// how it ends

/**
 * An error is never an answer. Where texts were given, only an answer that cites one of them counts. Without texts it is Yield's answer,
 * else Action's, else the ask has failed.
 */
function endingOf(work: Work, end: PhaseEnd): Ending {
  const answered = end.status === 'completed' ? work.outputs.yield : undefined
  if (answered && (work.sources.length === 0 || answered.citations.length > 0))
    return { status: 'completed', ...answered, model: end.model }
  return firstAnswerOf(work) ?? { status: 'failed', problem: whyUnanswered(work, end) }
}

function whyUnanswered({ outputs, sources }: Work, { status, problem = UNEXPLAINED, model }: PhaseEnd): Problem {
  const reports = outputs['experience.vectors']?.sources ?? []
  if (status === 'completed') return unsourced(model, outputs.yield?.answer ?? '', reports)
  if (problem.code !== 'refused') return problem
  return sources.length > 0 ? nothingFound(problem, sources, reports) : nothingGiven(problem)
}

/** Action's answer as the ask's, where there is one. It rests on no text, so it does not count where texts were given. */
export function firstAnswerOf({ outputs, sources, trace }: Work): Ending | undefined {
  const answer = sources.length === 0 ? (outputs.action?.response ?? '') : ''
  const model = trace.findLast(({ phase }) => phase === 'action')?.model ?? ''
  return answer === '' ? undefined : { status: 'completed', answer, citations: [], invalidCitations: [], model }
}

const ADVICE =
  'Give what holds the answer (--file PATH; over HTTP `texts`), or name a model that can do more (--model, ANTIPHON_MODEL; over HTTP `models`).'
const SIZE = 1000
const QUOTED = 300

/** The model declined, and there are no files to look into. */
function nothingGiven(declined: Problem): Problem {
  return refusal(`there is no text to answer from: ${declined.message}`)
}

/** The model declined after the files were read. */
function nothingFound(declined: Problem, sources: readonly SourceRef[], reports: readonly SourceReport[]): Problem {
  const read = sources.filter(({ id }) => reports.some(({ source, reason }) => source === id && !reason))
  const where =
    read.length > 0 ? `nothing in ${read.map(({ ref }) => ref).join(', ')} answers this` : 'nothing could be read'
  return refusal([where, ...unread(reports), declined.message].join('; '))
}

/** Texts were given, and the model answered without naming one that its answer rests on. */
function unsourced(model: string, answer: string, reports: readonly SourceReport[]): Problem {
  const who = model === '' ? 'the answer names' : `the answer of ${model} names`
  const said = clip(answer.replace(/\s+/g, ' ').trim(), QUOTED)
  return refusal([`${who} no text that it rests on`, ...unread(reports), `it says "${said}"`].join('; '))
}

function unread(reports: readonly SourceReport[]): readonly string[] {
  return reports.flatMap(({ file, reason }) => (reason ? [`${file} was not read (${reason})`] : []))
}

function refusal(why: string): Problem {
  return { code: 'refused', name: 'TerminalError', message: `${clip(why, SIZE)}. ${ADVICE}`, terminal: true }
}
