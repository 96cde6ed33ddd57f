import type { ConditionSpec, LoopSpec, RepeatSpec, StepSpec } from '../pipeline-spec.ts'
import { readKey, reportKey, type StepReader } from '../reader.ts'
import { readConditionText, readLoopBody, readLoopNames } from './body.ts'

/** `while:` and `until:`, alone or together; the body is `steps:`. */
export function readWhileUntil(_spec: StepSpec, reader: StepReader): LoopSpec {
  const { step, path } = reader
  const key = step.while === undefined ? 'until' : 'while'
  if (step.steps === undefined)
    reportKey(reader, 'loop_body_missing', key, `\`${key}:\` requires \`steps:\` to repeat`, BODY_HINT)
  return {
    kind: 'while',
    turns: {
      ...presentConditions({
        while: readConditionText(step.while, [...path, 'while'], reader),
        until: readConditionText(step.until, [...path, 'until'], reader),
      }),
      most: readMaxIterations(reader, 10),
    },
    maxParallel: 1,
    ...readLoopNames(reader),
    body: step.steps === undefined ? [] : readLoopBody('while', reader),
  }
}

const BODY_HINT = 'Move the action into a step under `steps:`. To iterate over a list, use `for_each:`.'

/** Drops absent conditions. */
export function presentConditions(
  given: {
    readonly [name in 'while' | 'until']: ConditionSpec | undefined
  },
): Pick<RepeatSpec, 'while' | 'until'> {
  return { ...(given.while && { while: given.while }), ...(given.until && { until: given.until }) }
}

/** The maximum number of iterations: a number, or a template that yields one. */
export function readMaxIterations(reader: StepReader, otherwise: number): RepeatSpec['most'] {
  const { max_iterations: value = otherwise } = reader.step
  readKey(reader, 'max_iterations')
  return { value, path: [...reader.path, 'max_iterations'] }
}
