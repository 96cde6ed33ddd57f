import { asText, isJsonObject, type Json } from '../../kernel/json.ts'
import type { ReadParts } from '../../kernel/parts.ts'
import { type CompiledPipeline, openPipeline } from '../../pipeline/plan/compiled.ts'
import type { Inputs } from '../../pipeline/plan/inputs.ts'
import { stepOf } from '../../pipeline/plan/instance.ts'
import { unmadeIn } from '../../run/actor/waits.ts'
import { readStepValue } from '../../step/call/step-value.ts'
import { isRejected } from '../../step/messages/call-decision.ts'
import { collectStepParts } from '../../step/messages/step-parts.ts'
import { OUTPUTS_STEP, type StepPart } from '../../step/record/outcome.ts'
import { readRef, type ValueStore } from '../../step/values.ts'
import { BAD_RESULT } from '../../tool/bad-result.ts'
import type { PlaybookServices, StartOf } from './services.ts'

/** Starts playbooks and reads how they ended. */
export function playbookRuns({
  values,
  readParts,
  startOf,
}: {
  readonly values: ValueStore
  readonly readParts: ReadParts
  readonly startOf: StartOf
}): Pick<PlaybookServices, 'preparePlaybook' | 'describePlaybookEnd'> {
  return {
    async preparePlaybook(hash, goal) {
      const pipeline = await openPipeline(values, hash)
      return startOf(pipeline, inputsIn(goal, pipeline))
    },
    async describePlaybookEnd(run, hash) {
      const steps = await collectStepParts(readParts, run)
      const unmade = await unmadeIn(readParts, run, steps)
      const cutOff = [...steps].flatMap(([name, { status }]) =>
        status === 'running' && !unmade.has(name) ? [name] : [],
      )
      const doubtful = hash === undefined ? [] : onceIn(await openPipeline(values, hash), cutOff)
      const outputs = steps.get(OUTPUTS_STEP)
      const given = outputs?.status === 'completed' ? await readRef(values, outputs.result) : undefined
      return {
        ...(given !== undefined && { answer: outputsText(given) }),
        ...(given !== undefined && JSON.stringify(given).length <= MAX_ANSWER && { outputs: given }),
        done: await stepsText(steps, cutOff),
        isRejected: [...steps.values()].some(isRejected),
        ...(doubtful.length > 0 && { doubtful }),
      }
    },
  }

  /** The steps that failed, were skipped, and were done, with their parameters as JSON: they are data. */
  async function stepsText(steps: ReadonlyMap<string, StepPart>, cutOff: readonly string[]): Promise<string> {
    const named = (status: string) =>
      [...steps].filter(([name, part]) => part.status === status && name !== OUTPUTS_STEP)
    const ended = named('failed').flatMap(([name, part]) =>
      part.status === 'failed' ? [{ ...part.problem, name }] : [],
    )
    const wordsOf = (vain: boolean) =>
      ended.flatMap(({ name, code, message }) => ((code === BAD_RESULT) === vain ? [`${name}: ${message}`] : []))
    const [failed, madeInVain] = [wordsOf(false), wordsOf(true)]
    const skipped = named('skipped').map(([name, part]) => (isRejected(part) ? rejectedText(name, part.comment) : name))
    const done = await Promise.all(named('completed').map(([name, part]) => doneText(name, part)))
    const lines = [
      ...(failed.length > 0 ? [`Failed: ${failed.join('; ')}.`] : []),
      ...(madeInVain.length > 0 ? [`Made without a good result: ${madeInVain.join('; ')}.`] : []),
      ...(cutOff.length > 0 ? [`Interrupted, and what they did is not known: ${cutOff.join(', ')}.`] : []),
      ...(skipped.length > 0 ? [`Not done: ${skipped.join(', ')}.`] : []),
      `Done: ${done.join(', ') || 'nothing'}.`,
    ]
    return lines.join(' ').slice(0, MAX_STEPS_TEXT)
  }

  async function doneText(name: string, part: StepPart): Promise<string> {
    const { parameters, result } = await readStepValue(part, values)
    if (isJsonObject(result) && result.approved === false) return rejectedText(name, result.rejection_reason)
    return parameters ? `${name} ${JSON.stringify(parameters).slice(0, MAX_PARAMETERS)}` : name
  }
}

/** Leaves the steps that are never made twice. */
const onceIn = (pipeline: CompiledPipeline, steps: readonly string[]) =>
  steps.filter((step) => stepOf(pipeline, step).policy.effect === 'at-most-once')

const rejectedText = (step: string, reason: Json | undefined) =>
  `${step} (a person rejected it: ${reason ?? 'without a reason'})`

/** Lines `name: value` of a goal give inputs, and the input `goal` is the whole text. */
function inputsIn(goal: string, { inputs }: Pick<CompiledPipeline, 'inputs'>): Inputs {
  const lines = goal.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Za-z_][\w-]*):\s*(\S.*)$/.exec(line.trim()) ?? []
    return name !== undefined && Object.hasOwn(inputs, name) ? [[name, value!] as const] : []
  })
  return { ...(Object.hasOwn(inputs, 'goal') && { goal }), ...Object.fromEntries(lines) }
}

/** A single output is returned without its name. */
function outputsText(outputs: Json): string {
  const values = typeof outputs === 'object' && outputs !== null ? Object.values(outputs) : []
  return asText(values.length === 1 ? values[0]! : outputs).slice(0, MAX_ANSWER)
}

const MAX_ANSWER = 64 * 1024

const MAX_STEPS_TEXT = 4000
const MAX_PARAMETERS = 200
