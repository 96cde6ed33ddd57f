import { isDeepStrictEqual } from 'node:util'
import type { Json } from '../../../src/kernel/schema.ts'
import type { StepDocument } from '../../../src/run/document.ts'
import type { Case, Outcome } from './case.ts'
import type { Event, Played } from './client.ts'
import { callsIn, type Line } from './log.ts'
import { budgetsOf, filesOf, type Spent } from './outside.ts'

/** What a killed process left: which calls had durable outcomes, which (or the actors of which) a mark only that they began, and how far the outside was. */
export type Wreck = {
  readonly done: ReadonlySet<string>
  readonly begun: ReadonlySet<string>
  readonly lines: number
  readonly billed: number
}

/** A case from its first process to its end. */
export type Lived = {
  readonly title: string
  readonly played: Played | { readonly fault: string }
  readonly wrecks: readonly Wreck[]
  readonly log: readonly string[]
  /** what models were asked */
  readonly billed: readonly string[]
  /** actors of steps that are still there */
  readonly left: readonly string[]
  /** what it spent, and the files it made: its own are found by its name */
  readonly budgets: { readonly [scope: string]: Spent }
  readonly files: { readonly [path: string]: string }
}

/** All that is wrong with how a case was lived through; `calm`: what nobody disturbed. */
export function faultsOf(one: Case, lived: Lived, calm: Lived): readonly string[] {
  const { played, wrecks } = lived
  if ('fault' in played) return [`${one.name} ${lived.title}: ${played.fault}`]
  if ('fault' in calm.played) return []
  const log = callsIn(lived.log).flatMap((line) => own(one, line))
  const before = callsIn(calm.log).flatMap((line) => own(one, line))
  const isShort = Object.keys(one.limits ?? {}).some((label) => isCutShort(stepsOf(one, played)[label]!))
  const isCut = isCutOff(one, lived, before)
  const isOther = isCut || isShort
  const faults = [
    ...outcomeFaults(one, played, isCut),
    ...(isOther ? [] : sameFaults(one, played, calm.played)),
    ...(isCut ? [] : outsideFaults(one, lived, calm)),
    ...eventFaults(played),
    ...callFaults(one, log, wrecks.length, isCut),
    ...limitFaults(one, lived, log),
    ...repeatFaults(one, lived, log),
    ...billFaults(one, lived, calm),
    ...undoFaults(one, log),
    ...(isDeepStrictEqual(new Set(before.map(({ label }) => label)), new Set(log.map(({ label }) => label))) || isOther
      ? []
      : ['calls were made that nobody made undisturbed, or some were not made']),
    ...lived.left.map((name) => `${name} is still there`),
  ]
  return faults.map((fault) => `${one.name} ${lived.title}: ${fault}`)
}

/** The lines of a case, without its name. */
function own({ name }: Case, line: Line): readonly Line[] {
  return line.label.startsWith(`${name} `) ? [{ ...line, label: line.label.slice(name.length + 1) }] : []
}

/** Whether the call that must not be repeated had begun for good and was cut off. */
function isCutOff({ name, once }: Case, { wrecks, played }: Lived, calm: readonly Line[]): boolean {
  if (once?.label === undefined)
    return once !== undefined && wrecks.some(({ begun }) => begun.size > 0) && isUnknown(name, played)
  const names = [...keysOf(calm, once.label), `step/${name}.${once.step}`]
  return wrecks.some(({ begun }) => names.some((one) => begun.has(one)))
}

const isUnknown = (name: string, played: Lived['played']) =>
  'runs' in played && played.runs[name]!.document.error_code === 'settled_failed'

const stepsOf = ({ name }: Case, { runs }: Played) => runs[name]!.document.steps

/** Whether a step failed that had fewer attempts left because of kills. */
const isCutShort = (step: StepDocument) => step.status === 'failed' && cutOffIn(step) > 0

/** How many of its attempts a kill cut off, as the step tells it. */
const cutOffIn = ({ error, warnings }: StepDocument) => Number(CUT_OFF.exec(`${error} ${warnings}`)?.[1] ?? 0)

const keysOf = (log: readonly Line[], label: string) => [
  ...new Set(log.flatMap((line) => (line.word === 'start' && line.label === label ? [line.key] : []))),
]

// what it came to

function outcomeFaults(one: Case, { runs }: Played, isCut: boolean): readonly string[] {
  const expected = [isCut ? one.once!.outcome : one.outcome, ...(one.again ?? []).map(({ outcome }) => outcome)]
  const ids = [one.name, ...(one.again ?? []).map((_, index) => `${one.name}-${index}`)]
  return ids.flatMap((id, index) => {
    const { document } = runs[id]!
    return holds(document as never, expected[index]!) ? [] : [`${id} came to ${shown({ ...document, steps: [] })}`]
  })
}

/** Whether all that is said of an outcome is so. */
function holds(document: { readonly [field: string]: Json }, outcome: Outcome): boolean {
  return Object.entries(outcome).every(([field, expected]) => includes(document[field], expected as Json))
}

function includes(found: Json | undefined, expected: Json): boolean {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected))
    return isDeepStrictEqual(found, expected)
  const map = Object(found) as { readonly [field: string]: Json }
  return Object.entries(expected).every(([field, value]) => includes(map[field], value as Json))
}

/** All it came to is what it comes to undisturbed, but for times and what of attempts a kill took back or added. */
function sameFaults(one: Case, { runs, answers }: Played, calm: Played): readonly string[] {
  const faults = Object.keys(calm.runs).flatMap((id) => {
    const [found, expected] = [runs[id]!, calm.runs[id]!]
    const documents = [found, expected].map(({ document }) => plain(one, document as never))
    const stories = [found, expected].map(({ events }) => storyOf(one, events))
    return [
      ...difference(`the document of ${id}`, documents[0]!, documents[1]!),
      ...difference(`the events of ${id}`, stories[0]!, stories[1]!),
    ]
  })
  return [...faults, ...difference('the answers to signals', asAtFirst(answers, calm.answers), calm.answers)]
}

/** A signal that is sent again may have been taken meanwhile. One that was refused is judged again, and is too late. */
function asAtFirst(answers: Played['answers'], calm: Played['answers']): Played['answers'] {
  const isLater = (found: Json, first: Json) =>
    isDeepStrictEqual([found, first], [{ status: 'taken' }, { status: 'kept' }]) ||
    (Object.hasOwn(Object(first), 'refused') &&
      [{ refused: 'run_over' }, { status: 'late' }].some((one) => isDeepStrictEqual(found, one)))
  const first = Object.entries(answers).map(([id, found]) => [id, isLater(found, calm[id] ?? null) ? calm[id] : found])
  return Object.fromEntries(first)
}

const TIMES =
  /^(?:ms|duration|total_duration|execution_time|response_time|timestamp|stored_at|expires_at|key|idempotency_key|until|feedback_id|at|tries|queued)$/
const COSTS = /^(?:input|output|cost|cached|usage)$/
const MOMENTS = /(?:At|_at)$/
const COUNTS: readonly string[] = ['attempts', 'retries']

function plain(one: Case, value: Json): Json {
  // an answer that was refused is judged again when it comes again
  const isCounted = one.attempts || one.limits || one.asked
  const text = JSON.stringify(value, (name, inner) => {
    if (name === 'warnings' && isCounted && CUT_OFF.test(inner)) return undefined
    if (TIMES.test(name) || MOMENTS.test(name) || (one.cached && COSTS.test(name))) return undefined
    return COUNTS.includes(name) && isCounted ? undefined : inner
  })
  return JSON.parse(text)
}

/** An attempt whose failure was not yet durable is one less: then nobody was told of a pause. */
function storyOf(one: Case, events: readonly Event[]): Json {
  const all = events
    .filter(({ body: { type } }) => type !== 'step-wait' && !(one.timed && type === 'signal-wait'))
    .map(({ body }) => JSON.stringify(plain(one, body)))
    .sort()
  return one.asked ? [...new Set(all)] : all
}

function difference(what: string, found: Json, expected: Json): readonly string[] {
  return isDeepStrictEqual(found, expected) ? [] : [`${what} is ${apart(found, expected)}`]
}

/** Where two values differ first. */
function apart(found: Json | undefined, expected: Json | undefined, path = ''): string {
  if (isMap(found) && isMap(expected))
    for (const name of new Set([...Object.keys(found), ...Object.keys(expected)]))
      if (!isDeepStrictEqual(found[name], expected[name])) return apart(found[name], expected[name], `${path}.${name}`)
  return `${shown(found)} instead of ${shown(expected)}${path && ` at ${path}`}`
}

const isMap = (value: unknown): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null
const shown = (value: unknown) => String(JSON.stringify(value)).slice(0, 1000)

function eventFaults({ runs }: Played): readonly string[] {
  return Object.entries(runs).flatMap(([id, { events }]) => {
    const gap = events.findIndex(({ n }, index) => n !== index + 1)
    const told = events.map(({ body: { type, step, signal, run, attempts } }) =>
      shown([type, step, signal, run, attempts]),
    )
    const starts = told.filter((event) => event.startsWith('["step-start"') || event.startsWith('["step-end"'))
    const twice = starts.find((event, index) => starts.indexOf(event) !== index)
    return [
      ...(gap < 0 ? [] : [`event ${gap + 1} of ${id} is not where it should be`]),
      ...(twice === undefined ? [] : [`${twice} of ${id} is told twice`]),
    ]
  })
}

// what happened outside

function callFaults(one: Case, log: readonly Line[], kills: number, isCut: boolean): readonly string[] {
  const labels = new Set([
    ...Object.keys(one.calls),
    ...log.flatMap(({ word, label }) => (word === 'start' ? [label] : [])),
  ])
  return [...labels].flatMap((label) => {
    const keys = keysOf(log, label)
    const wanted = one.calls[label] ?? (isCut ? one.instead?.[label] : undefined) ?? 0
    const most = one.limits?.[label] ?? (one.attempts?.[label] ?? 1) + kills
    // an attempt may be cut off before its call
    if ((isCut || one.limits?.[label]) && keys.length === 0) return []
    if (keys.length !== wanted) return [`${label} was called under ${keys.length} keys instead of ${wanted}`]
    return keys.flatMap((key) => {
      const calls = log.filter((line) => line.word === 'start' && line.key === key && line.label === label).length
      const limit = one.once?.label === label ? 1 : most
      return calls > limit ? [`${label} was called ${calls} times under one key`] : []
    })
  })
}

/** A step with a number of attempts says how many of them were cut off. It fails with that only once all are used up. */
function limitFaults(one: Case, { played, wrecks }: Lived, log: readonly Line[]): readonly string[] {
  if ('fault' in played) return []
  const marks = new Set(wrecks.flatMap(({ begun }) => [...begun]))
  return Object.entries(one.limits ?? {}).flatMap(([label, limit]) => {
    const step = stepsOf(one, played)[label]!
    const [key] = keysOf(log, label)
    const cut = [...marks].filter((mark) => mark.replace(/#\d+$/, '') === key).length
    const told = cutOffIn(step)
    return [
      ...(key === undefined || told === cut
        ? []
        : [`${label} tells of ${told} attempts that were cut off, not of ${cut}`]),
      ...(step.error_code === 'cut_off' && step.retries !== limit - 1
        ? [`${label} gave up after ${step.retries + 1} attempts`]
        : []),
    ]
  })
}

const CUT_OFF = /cut off (\d+) attempt/

/** What had a durable outcome when a process was killed is not called any more. */
function repeatFaults(one: Case, { wrecks, log }: Lived, mine: readonly Line[]): readonly string[] {
  return wrecks.flatMap(({ done, lines }) => {
    const later = callsIn(log.slice(lines)).filter(({ word }) => word === 'start' || word === 'undo')
    return (
      later
        // one that is tried again in a later turn has the key of the first
        .filter(({ key }) => done.has(key) && mine.some((line) => line.key === key && !one.attempts?.[line.label]))
        .map(({ label }) => `${label} was called although its outcome was durable`)
    )
  })
}

/** A model is asked once, and once more for each kill at most. */
function billFaults({ billed: told = {} }: Case, { billed, wrecks }: Lived, calm: Lived): readonly string[] {
  const count = (words: readonly string[], word: string) => words.filter((one) => one === word).length
  return [...new Set([...billed, ...calm.billed, ...Object.keys(told)])].flatMap((word) => {
    const [asked, needed] = [count(billed, word), told[word] ?? count(calm.billed, word)]
    return asked < needed || asked > needed + wrecks.length
      ? [`${word} was asked ${asked} times instead of ${needed}`]
      : []
  })
}

/** What is outside of the engine is as it is undisturbed: files, and what was spent. */
function outsideFaults(one: Case, lived: Lived, calm: Lived): readonly string[] {
  return [
    ...difference('what lies on the disk', filesOf(one, lived.files), filesOf(one, calm.files)),
    ...difference('what was spent', budgetsOf(one, lived.budgets), budgetsOf(one, calm.budgets)),
  ]
}

/** Taken back in order: what is taken back again is what was taken back last. */
function undoFaults({ undone = [] }: Case, log: readonly Line[]): readonly string[] {
  const taken = log.flatMap(({ word, label }) => (word === 'undo' ? [label] : []))
  const once = taken.filter((label, index) => label !== taken[index - 1])
  return isDeepStrictEqual(once, undone) ? [] : [`undone was ${shown(taken)} instead of ${shown(undone)}`]
}
