import { answerOf } from './answer.ts'
import { type CompletedGoal, type DoneCall, informs, NoPlaybook } from './completed-goal.ts'
import { describeCalls, type PlaybookCall } from './describe-calls.ts'
import { documentOf, type PlaybookDocument } from './document.ts'
import { type Form, formOf, type NamedValue } from './form.ts'
import { listGuards } from './list-guards.ts'
import { needsOf } from './order.ts'
import { indexResults, type Results } from './results.ts'
import { selectValues } from './select-values.ts'
import { type SourcedLeaf, sourcesOf } from './sources.ts'
import { type Origins, writeAnswer, writeParameters } from './write-call.ts'
import { isBetweenWords, type Segment, type StepOfCall, textsIn, type Written } from './written.ts'

/**
 * A playbook that was made from a goal: the form of the goals it is
 * for, a pipeline as data, and the call that each step repeats.
 */
export type MadePlaybook = {
  readonly form: Form
  readonly document: PlaybookDocument
  readonly steps: readonly { readonly id: string; readonly call: number }[]
  /** the calls as people read them, with the origin of each value */
  readonly calls: readonly PlaybookCall[]
  /** no value can be a decision: the model saw nothing but the goal, and all values are of the goal */
  readonly isCertain: boolean
}

/** Steps of a playbook, and characters of a goal that gives one, at most. */
const MAX_STEPS = 50
const MAX_FORM_CHARACTERS = 4000

/** Words of a goal that leave a decision to the model. */
const DECIDING =
  /\?|\b(?:best|depending|either|except|if|necessary|needed|only|or|otherwise|should|unless|until|when|whether|which|whichever|while)\b/i

/**
 * Turns a completed goal into a playbook. Values of the goal become inputs, values of earlier results become
 * references. Steps wait only for those that they need. Throws NoPlaybook with the reason when the goal gives none: a
 * playbook must not repeat a decision of the model. Pure.
 */
export function playbookOf(goal: CompletedGoal): MadePlaybook {
  checkGoal(goal)
  const results = indexResults(goal.calls)
  let values = selectValues(goal.goal, goal.calls, goal.instructions)
  for (;;) {
    const written = writeCalls(goal, values, results)
    const split = values.find(({ text }) => written.texts.some((one) => keepsPart(one, text)))
    if (!split) return compose(goal, written, values)
    values = values.filter(({ text }) => text !== split.text)
  }
}

function checkGoal({ goal, calls }: CompletedGoal): void {
  if (goal.length > MAX_FORM_CHARACTERS)
    throw new NoPlaybook(`the goal has more than ${MAX_FORM_CHARACTERS} characters`)
  const [deciding] = DECIDING.exec(goal) ?? []
  if (deciding !== undefined) throw new NoPlaybook(`the goal asks for a decision: ${JSON.stringify(deciding)}`)
  if (calls.length === 0) throw new NoPlaybook('no call was made')
  if (calls.length > MAX_STEPS) throw new NoPlaybook(`it makes more than ${MAX_STEPS} calls`)
  const failed = calls.find(({ outcome }) => outcome !== 'succeeded')
  if (failed) throw new NoPlaybook(`a call of ${failed.tool} did not succeed, and the model may have acted on that`)
}

/** The calls with their values replaced. */
type WrittenCalls = {
  readonly parameters: readonly Written[]
  readonly origins: Origins
  /** the literal parts of the parameters */
  readonly texts: readonly string[]
}

function writeCalls(goal: CompletedGoal, values: readonly NamedValue[], results: Results): WrittenCalls {
  const longest = values.toSorted((one, other) => other.text.length - one.text.length)
  const words = formOf(goal.goal, values).filter(isText).join('\n')
  const origins: Origins = { values: longest, results, words, instructions: goal.instructions }
  const parameters = goal.calls.map((call) => writeParameters(call, origins))
  const texts = parameters.flatMap((written) => textsIn(written).flatMap(({ segments }) => segments.filter(isText)))
  return { parameters, origins, texts }
}

const isText = <T>(segment: T | string): segment is string => typeof segment === 'string'

/**
 * Whether a literal text has a value of the goal in another case.
 * Then another goal would mix its own value with this one.
 */
function keepsPart(literal: string, value: string): boolean {
  const [text, wanted] = [literal.toLowerCase(), value.toLowerCase()]
  const at = text.indexOf(wanted)
  return at >= 0 && isBetweenWords(text, at, at + wanted.length)
}

function compose(
  goal: CompletedGoal,
  { parameters, origins }: WrittenCalls,
  values: readonly NamedValue[],
): MadePlaybook {
  const { calls } = goal
  // check the values first: a reason that names a value helps more than one about the answer
  const sources = calls.map((call, place) => sourcesOf(call, parameters[place]!, origins, calls))
  const writtenAnswer = writeAnswer(goal.answer.trim(), origins)
  const steps = calls.map((call, place): StepOfCall => {
    const [main, operation = main] = call.tool.split(':')
    return { id: `${operation!.replace(/[^A-Za-z0-9_]/g, '_')}_${place + 1}`, place, call, written: parameters[place]! }
  })
  const segments = [
    ...steps.flatMap(({ written }) => textsIn(written).flatMap((text) => text.segments)),
    ...writtenAnswer,
  ].filter((segment): segment is Exclude<Segment, string> => !isText(segment))
  checkLooks(calls, new Set(segments.flatMap((segment) => (segment.type === 'result' ? [segment.call] : []))))
  const answer = answerOf(writtenAnswer, goal)
  const inputs = values.filter(({ text }) =>
    segments.some((segment) => segment.type === 'goal' && segment.text === text),
  )
  const guards = listGuards(steps, answer, calls)
  const needs = needsOf(steps)
  return {
    form: formOf(goal.goal, inputs),
    document: documentOf({ goal, inputs, steps, needs, guards, answer }),
    steps: steps.map(({ id, place }) => ({ id, call: place })),
    calls: describeCalls(steps, sources, inputs),
    isCertain: !goal.remembers && sawNothing(calls) && sources.every(isOfGoal),
  }
}

/**
 * A look with an unused result may be the reason for what the model did. So may the result of an effect that the model
 * saw before its next call. A goal that only looked is judged by its answer.
 */
function checkLooks(calls: readonly DoneCall[], used: ReadonlySet<number>): void {
  if (used.size === 0 && calls.every(({ isPure }) => isPure)) return
  const last = Math.max(...calls.map(({ round }) => round))
  const unused = calls.find((call, place) => !used.has(place) && informs(call) && (call.isPure || call.round < last))
  if (unused) throw new NoPlaybook(`it looked at something by ${unused.tool}, and the result went into no value`)
}

/** All calls were made before the model saw a result, and none of the results could have led to another call. */
const sawNothing = (calls: readonly DoneCall[]) =>
  calls.every((call) => call.round === calls[0]!.round && !informs(call))

const isOfGoal = (leaves: readonly SourcedLeaf[]) =>
  leaves.every(({ sources }) => sources.every(({ type }) => type === 'goal' || type === 'words' || type === 'tool'))
