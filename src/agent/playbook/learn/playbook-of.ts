import { answerOf } from './answer.ts'
import { checkTexts, listGuards } from './check.ts'
import { type CompletedGoal, type DoneCall, NoPlaybook } from './completed-goal.ts'
import { documentOf, type PlaybookDocument } from './document.ts'
import { type Form, formOf, type NamedValue } from './form.ts'
import { needsOf } from './order.ts'
import { indexResults, type Results, wordsOf } from './results.ts'
import { selectValues } from './select-values.ts'
import { type Origins, writeParameters, writeText } from './write-call.ts'
import { isBetweenWords, type Segment, type StepOfCall, textsIn, type Written } from './written.ts'

/** A playbook that was made from a goal: the form of the goals it is for, a pipeline as data, and the call that each step repeats. */
export type MadePlaybook = {
  readonly form: Form
  readonly document: PlaybookDocument
  readonly steps: readonly { readonly id: string; readonly call: number }[]
}

/** Steps of a playbook, and characters of a goal that gives one, at most. */
const MAX_STEPS = 50
const MAX_FORM_CHARACTERS = 4000

/**
 * Turns a completed goal into a playbook. Values of the goal become inputs, values of earlier results become references. Pure calls whose results
 * nothing uses are left out, and the others wait only for what they need. Throws NoPlaybook with the reason when the goal gives none. Pure.
 */
export function playbookOf(goal: CompletedGoal): MadePlaybook {
  checkGoal(goal)
  const calls = goal.calls.filter(({ outcome }) => outcome === 'succeeded')
  const results = indexResults(calls)
  let values = selectValues(goal.goal, calls)
  for (;;) {
    const written = writeCalls(goal, calls, values, results)
    const split = values.find(({ text }) => written.texts.some((one) => keepsPart(one, text)))
    if (!split) return compose(goal, calls, written, values)
    values = values.filter(({ text }) => text !== split.text)
  }
}

function checkGoal({ goal, calls }: CompletedGoal): void {
  if (goal.length > MAX_FORM_CHARACTERS)
    throw new NoPlaybook(`the goal has more than ${MAX_FORM_CHARACTERS} characters`)
  for (const { outcome, tool, isPure } of calls) {
    const isCertain = outcome === 'succeeded' || outcome === 'refused' || outcome === 'rejected'
    if (!isPure && !isCertain) throw new NoPlaybook(`a call of ${tool} failed, and it may have done something`)
  }
  if (!calls.some(({ outcome }) => outcome === 'succeeded')) throw new NoPlaybook('no call succeeded')
}

/** The calls with their values replaced, and the calls that the playbook repeats. */
type WrittenCalls = {
  readonly parameters: readonly Written[]
  /** the places of the calls that it repeats */
  readonly kept: readonly number[]
  readonly answer: ReturnType<typeof answerOf>
  readonly origins: Origins
  /** the literal parts of the parameters that it keeps */
  readonly texts: readonly string[]
}

function writeCalls(
  goal: CompletedGoal,
  calls: readonly DoneCall[],
  values: readonly NamedValue[],
  results: Results,
): WrittenCalls {
  const known = new Set([...wordsOf(goal.known), ...wordsOf(goal.goal)])
  const own = new Set<string>()
  const longest = values.toSorted((one, other) => other.text.length - one.text.length)
  const origins: Origins = { values: longest, results, known, own }
  const parameters = calls.map((call) => {
    const written = writeParameters(call, origins)
    for (const word of textsIn(written).flatMap(({ segments }) => segments.flatMap(literalWords)))
      if (!results.hasWord(word, call.round)) own.add(word)
    return written
  })
  const last = { round: Number.POSITIVE_INFINITY, constants: [] }
  const told = writeText(goal.answer.trim(), '', last, { ...origins, own: new Set() })
  const answer = answerOf(told, { ...goal, calls }, own)
  const used = (written: Written) => callsIn(textsIn(written).flatMap(({ segments }) => segments))
  const kept = new Set(answer ? callsIn(answer) : [])
  for (const [place, { isPure }] of calls.entries()) if (!isPure) kept.add(place)
  for (const place of kept) for (const other of used(parameters[place]!)) kept.add(other)
  const places = [...kept].toSorted((one, other) => one - other)
  const texts = places.flatMap((place) =>
    textsIn(parameters[place]!).flatMap(({ segments }) => segments.filter(isText)),
  )
  return { parameters, kept: places, answer, origins, texts }
}

const isText = (segment: Segment): segment is string => typeof segment === 'string'
const literalWords = (segment: Segment) => (isText(segment) ? wordsOf(segment) : [])

function callsIn(segments: readonly Segment[]): readonly number[] {
  return segments.flatMap((segment) => (!isText(segment) && segment.type === 'result' ? [segment.call] : []))
}

/** Whether a literal text has a value of the goal in another case. Then another goal would mix its own value with this one. */
function keepsPart(literal: string, value: string): boolean {
  const [text, wanted] = [literal.toLowerCase(), value.toLowerCase()]
  const at = text.indexOf(wanted)
  return at >= 0 && isBetweenWords(text, at, at + wanted.length)
}

function compose(
  goal: CompletedGoal,
  calls: readonly DoneCall[],
  { parameters, kept, answer, origins }: WrittenCalls,
  values: readonly NamedValue[],
): MadePlaybook {
  if (kept.length === 0) throw new NoPlaybook('its answer is the work of the model')
  if (kept.length > MAX_STEPS) throw new NoPlaybook(`it makes more than ${MAX_STEPS} calls`)
  for (const place of kept) checkTexts(calls[place]!, parameters[place]!, origins)
  const steps = kept.map((place, index): StepOfCall => {
    const call = calls[place]!
    const [main, operation = main] = call.tool.split(':')
    return { id: `${operation!.replace(/[^A-Za-z0-9_]/g, '_')}_${index + 1}`, place, call, written: parameters[place]! }
  })
  const segments = [
    ...steps.flatMap(({ written }) => textsIn(written).flatMap((text) => text.segments)),
    ...(answer ?? []),
  ]
  const inputs = values.filter(({ text }) =>
    segments.some((segment) => !isText(segment) && segment.type === 'goal' && segment.text === text),
  )
  const guards = listGuards(steps, answer, calls)
  const needs = needsOf(steps)
  return {
    form: formOf(goal.goal, inputs),
    document: documentOf({ goal, inputs, steps, needs, guards, answer }),
    steps: steps.map(({ id, place }) => ({ id, call: place })),
  }
}
