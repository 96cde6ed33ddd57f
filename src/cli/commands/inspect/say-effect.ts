import type { Problem } from '../../../errors.ts'
import type { Attempt, Hold } from '../../../runtime/ports/inspector.ts'
import { debouncedText } from '../../render/event-lines.ts'
import { formatCount, localTime, oneLine } from '../../terminal/format.ts'

/** The facts about what holds an actor, and how it goes on. */
export type Explained = { readonly facts: readonly string[]; readonly onward?: string }

/** A span of time from now, or until now, in words. */
export type Spans = (at: number) => string

/** The words of a step at work. */
function sayProgress({ progress, log }: Extract<Hold, { type: 'effect' }>['effect']): readonly string[] {
  const far = progress === undefined ? [] : [`progress: ${oneLine(JSON.stringify(progress), 200)}`]
  return log === undefined ? far : [...far, `log: ${oneLine(log, 200)}`]
}

/** An effect at work, in a queue, or in a pause. */
export function sayEffect({ effect, queued }: Extract<Hold, { type: 'effect' }>, ago: Spans, ahead: Spans): Explained {
  const failure = effect.problem ? [`before: ${said(effect.problem)}`] : []
  const what = nameOf(effect)
  if (effect.until !== undefined)
    return {
      facts: [`pauses before ${attemptOf(effect)} of ${what}`, ...failure],
      onward: `continues by itself in ${ahead(effect.until)}`,
    }
  const facts = [`${what}, ${attemptOf(effect)}${since(effect.since, ago)}`, ...failure, ...sayProgress(effect)]
  if (!queued)
    return { facts: [...facts, ...sayUnbounded(effect)], onward: `continues when ${effect.does ?? 'it'} is done` }
  const { pool, place, of, resource, overdue = 0 } = queued
  const queue = `is number ${place} of ${of} in the queue of the pool ${pool}`
  if (resource !== undefined)
    return { facts: [...facts, queue, `waits for resource ${resource}`], onward: 'continues by itself' }
  const held =
    overdue === 0 ? [] : [`${formatCount(overdue, 'place')} of it: held by calls that did not stop at their timeout`]
  return { facts: [...facts, queue, ...held], onward: 'continues when a worker is free' }
}

/** The advice for a call that may never end. */
const sayUnbounded = ({ unbounded }: Attempt): readonly string[] =>
  unbounded === undefined ? [] : [`it has no timeout; to give it one: ${unbounded}`]

/** Work that a process left. What had not begun was not interrupted. */
export function sayLeft(
  { since: at, effect }: Extract<Hold, { type: 'left' }>,
  all: readonly Hold[],
  ago: Spans,
): readonly string[] {
  if (all.some(isBeforeBegin)) return ['no process is working on it']
  const where = effect ? ` at ${attemptOf(effect)} of ${nameOf(effect)}` : ''
  const failure = effect?.problem ? [`before: ${said(effect.problem)}`] : []
  return [`was interrupted${where}; no process is working on it; its last message came ${ago(at)} ago`, ...failure]
}

const since = (at: number | undefined, ago: Spans) => (at === undefined ? '' : ` for ${ago(at)}`)
const nameOf = ({ name, does }: Attempt) => (does === undefined ? `effect ${name}` : `effect ${name} (${does})`)
const attemptOf = ({ attempt, attempts }: Attempt) =>
  `attempt ${attempt}${attempts === undefined ? '' : ` of ${attempts}`}`
export const said = ({ code, message, hint }: Problem) =>
  `${code}: ${oneLine(message, 200)}${hint === undefined ? '' : ` (${oneLine(hint, 200)})`}`

type BeforeBegin = Extract<Hold, { type: 'start' | 'queue' }>

const isBeforeBegin = ({ type }: Hold) => type === 'start' || type === 'queue'

/** The lines of a run or a goal that waits for its time, or for a slot of its key. */
export function sayBeforeBegin(
  hold: BeforeBegin,
  all: readonly Hold[],
  ahead: (at: number) => string,
): { readonly facts: readonly string[]; readonly onward: string } {
  const served = all.some(({ type }) => type === 'left') ? ', in a process that serves the folder' : ''
  if (hold.type === 'start')
    return {
      facts: [`begins at ${localTime(hold.until)}, in ${ahead(hold.until)}`],
      onward: `begins by itself${served}`,
    }
  const { key, place, behind, perMinute, until } = hold
  const onward = `begins when there is room${served}`
  if (until !== undefined) return { facts: [debouncedText(key, `${localTime(until)}, in ${ahead(until)},`)], onward }
  const number = place === undefined ? 'waits for others to come' : `is number ${place}`
  const runs = behind.length === 0 ? '' : `, behind ${behind.map(({ id }) => id).join(', ')}`
  const minute = perMinute === undefined ? '' : `; at most ${perMinute} begin in a minute`
  return {
    facts: [`${number} in the queue of the key ${oneLine(key, 100)}${runs}${minute}`],
    onward,
  }
}
