import type { GoalEvent, ProviderWaitEvent } from '../../agent/protocol/goal-event.ts'
import type { GoalDelta } from '../../agent/protocol/live.ts'
import { beginsLater, type GoalWait } from '../../agent/protocol/stored-goal.ts'
import type { Json } from '../../kernel/json.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { localTime } from '../terminal/format.ts'
import { writtenOn } from './ask-progress.ts'

/** The progress of a goal, and of the goals that it was handed to, built from durable events. */
export type GoalProgress = {
  /** the agent that works on it now */
  readonly agent: string
  readonly status: string
  readonly rounds: number
  readonly calls: number
  /** whether the next thing to come is an answer of the model */
  readonly thinks: boolean
  /** in their order: rounds and playbooks with their calls, and sentences */
  readonly parts: readonly (GoalGroup | GoalNote)[]
  /** the text of the present round as far as it is written */
  readonly draft?: string
}

/** A round, or a playbook that the goal follows, with its calls. */
export type GoalGroup = {
  readonly title: string
  readonly text: string
  readonly run?: string
  readonly status: CallStatus
  readonly calls: readonly GoalCall[]
}

/** A call of a round. `says`: how it ended if not well, or what it waits for. */
export type GoalCall = {
  readonly tool: string
  readonly step?: string
  readonly status: CallStatus
  readonly says?: string
}

type CallStatus = 'queued' | 'running' | 'completed' | 'failed'

/** A sentence about the goal. `waits`: it names a wait, and is removed when the goal continues. */
export type GoalNote = { readonly note: string; readonly waits?: true; readonly failed?: true }

/** Events of a goal, and its text as it grows. */
export type GoalEventBody = GoalEvent | GoalDelta

type CallEnd = Extract<GoalEvent, { readonly type: 'round-end' }>['results'][number]

/** Why a goal waits; one that has not begun says when it does. */
export const waitNote = (type: GoalWait['type'], title: string): string =>
  beginsLater({ type }) ? title : `The goal waits. ${title}`

/** The sentence about a goal that waits for its provider. */
export const providerNote = ({ title, tries, until }: ProviderWaitEvent): string =>
  `It waits for its provider, and asks again at ${localTime(until)} (call ${tries + 1}). ${title}`

/** An event of the run that makes the calls of a goal. */
export type CallEvent = { readonly type: 'of-run'; readonly run: string; readonly event: RunStepEvent }

/** The progress of a run's steps, and of goals below it. */
export type RunStepEvent = {
  readonly type?: string
  readonly run?: string
  readonly step?: string
  readonly status?: string
  readonly goal?: string
  readonly title?: string
}

export const INITIAL_GOAL_PROGRESS: GoalProgress = {
  agent: '',
  status: 'running',
  rounds: 0,
  calls: 0,
  thinks: true,
  parts: [],
}

/** The progress after an event of the goal, or of a run that makes its calls. */
export function applyGoalEvent(progress: GoalProgress, body: Json): GoalProgress {
  const event = body as GoalEventBody | CallEvent
  switch (event.type) {
    case 'goal-start':
      return { ...progress, agent: event.agent, thinks: true }
    case 'round':
      return takeRound(withoutDraft(progress), event)
    case 'text-delta':
      return { ...progress, draft: writtenOn(progress, event) }
    case 'text-restart':
      return withoutDraft(progress)
    case 'playbook':
      return add({ ...progress, thinks: false }, group(`playbook ${event.name}`, { run: event.run }))
    case 'of-run':
      return takeStep(progress, event)
    case 'round-end':
      return endGroup(progress, ({ calls }) => calls.map((call, place) => ended(call, event.results[place])))
    case 'playbook-end':
      return add(
        endGroup(progress, ({ calls }) => calls),
        { note: event.text },
      )
    case 'goal-resume':
      return { ...withoutWaits(progress), thinks: true }
    case 'provider-wait':
      return add(withoutWaits(progress), { note: providerNote(event), waits: true })
    case 'goal-wait':
      return add({ ...progress, thinks: false }, { note: waitNote(event.reason, event.title), waits: true })
    case 'goal-pause':
      return add({ ...progress, thinks: false }, { note: 'The goal is paused.', waits: true })
    case 'hand-off':
      return add(progress, { note: `It hands the goal to ${event.agent}, ${event.goal}.` })
    case 'goal-undo':
      return add({ ...progress, thinks: false }, { note: `It undoes the calls of ${event.run}.` })
    case 'goal-end':
      return endGoal(progress, event)
  }
  return progress
}

const withoutWaits = (progress: GoalProgress): GoalProgress => ({
  ...progress,
  parts: progress.parts.filter((part) => !('waits' in part)),
})

const add = (progress: GoalProgress, part: GoalGroup | GoalNote): GoalProgress => ({
  ...progress,
  parts: [...progress.parts, part],
})

const group = (title: string, more: Partial<GoalGroup>): GoalGroup => ({
  title,
  text: '',
  status: 'running',
  calls: [],
  ...more,
})

const withoutDraft = ({ draft: _, ...progress }: GoalProgress): GoalProgress => progress

/** A round without calls is the answer, which the command prints. */
function takeRound(
  progress: GoalProgress,
  { round, text, calls }: Extract<GoalEventBody, { readonly type: 'round' }>,
): GoalProgress {
  const next = { ...withoutWaits(progress), rounds: round, calls: progress.calls + calls.length, thinks: false }
  if (calls.length === 0) return next
  // calls without a step are answered at once
  const made = calls.map((call): GoalCall => ({ ...call, status: call.step === undefined ? 'completed' : 'queued' }))
  const isOver = made.every(({ status }) => status === 'completed')
  const status = isOver ? 'completed' : 'running'
  return add({ ...next, thinks: isOver }, group(`round ${round}`, { text, status, calls: made }))
}

function ended(call: GoalCall, { outcome = 'succeeded', edited }: Partial<CallEnd> = {}): GoalCall {
  const { says: _, ...rest } = call
  const change = edited ? [EDITED] : []
  const says = [...(outcome === 'succeeded' ? [] : [outcome]), ...change].join(', ')
  return {
    ...rest,
    status: outcome === 'pending' ? 'queued' : outcome === 'succeeded' || outcome === 'made' ? 'completed' : 'failed',
    ...(says !== '' && { says }),
  }
}

export const EDITED = 'a person changed it'

/** The last round, or the playbook, has ended. */
function endGroup(progress: GoalProgress, end: (group: GoalGroup) => readonly GoalCall[]): GoalProgress {
  const ending = lastGroup(progress)
  const over = (one: GoalGroup): GoalGroup => ({ ...one, status: 'completed', calls: end(one) })
  return { ...progress, thinks: true, parts: progress.parts.map((one) => (one === ending ? over(ending!) : one)) }
}

const isGroup = (part: GoalGroup | GoalNote): part is GoalGroup => 'calls' in part
const lastGroup = ({ parts }: GoalProgress) => parts.findLast(isGroup)

/** Something happened to a step of a run. The steps of a playbook are known only by that. */
function takeStep(progress: GoalProgress, { event }: CallEvent): GoalProgress {
  const at = lastGroup(progress)
  if (at?.status !== 'running') return progress
  const calls = callsAfter(at, event)
  return { ...progress, parts: progress.parts.map((one) => (one === at ? { ...at, calls } : one)) }
}

function callsAfter({ run, calls }: GoalGroup, { type, step = '', status, title = '' }: RunStepEvent) {
  const known = calls.some((call) => call.step === step)
  if (type === 'step-start' && run !== undefined && !known && step !== 'outputs')
    return [...calls, { tool: step, step, status: 'running' } satisfies GoalCall]
  return calls.map((call): GoalCall => {
    const { says: _, ...rest } = call
    if (type === 'signal-wait' || type === 'goal-wait')
      return (known ? call.step === step : call.status === 'running') ? { ...call, says: `waits: ${title}` } : call
    if (call.step !== step) return call
    if (type === 'step-start') return { ...rest, status: 'running' }
    if (type !== 'step-end') return call
    return status === 'completed' ? { ...rest, status } : { ...rest, status: 'failed', says: status ?? 'failed' }
  })
}

/** The sentence about a file that the model made. */
export const madeNote = ({ file, name, type }: FileRef): string =>
  `The answer has the file ${name} (${type}); to see it: antiphon files open ${file.slice(0, SHORT_ID)}`
const SHORT_ID = 'file_'.length + 12

/** The sentence about a part of the answer that is missing. */
export const lackNote = (lack: string): string => `The answer is degraded: ${lack}`

function endGoal(
  progress: GoalProgress,
  { status, problem, files = [], lacks = [], note: said }: Extract<GoalEventBody, { readonly type: 'goal-end' }>,
): GoalProgress {
  const how = status === 'completed' ? 'completed' : 'failed'
  const groups = progress.parts.map((part) =>
    isGroup(part) && part.status === 'running' ? ({ ...part, status: how } satisfies GoalGroup) : part,
  )
  const noted = new Set(progress.parts.map((part) => ('note' in part ? part.note : undefined)))
  const notes = [...(said === undefined ? [] : [said]), ...files.map(madeNote), ...lacks.map(lackNote)].filter(
    // the goal that was handed over ends like the one below it
    (note) => !noted.has(note),
  )
  const parts = [...groups, ...notes.map((note) => ({ note }))]
  const over = { ...progress, status, thinks: false, parts }
  if (!problem) return over
  const note = `${status}: ${problem.message}`
  if (noted.has(note)) return over
  const hint = problem.hint === undefined ? [] : [{ note: problem.hint }]
  return { ...over, parts: [...parts, { note, failed: true }, ...hint] }
}
