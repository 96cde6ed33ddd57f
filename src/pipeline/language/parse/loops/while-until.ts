import type { ConditionSpec, LoopSpec, StepSpec, TurnsSpec } from '../pipeline-spec.ts'
import { complain, type Reader } from '../reader.ts'
import { readBody, readExpression, readNames } from './body.ts'

/** How often a loop may be told to turn. */
export const MOST_TURNS = 100_000

/** `while:` and `until:`, of which there may be both; the body is `steps:`. */
export function readTurns(_spec: StepSpec, reader: Reader): LoopSpec {
  const { step, path } = reader
  const key = step.while === undefined ? 'until' : 'while'
  if (step.steps === undefined)
    complain(reader, 'loop_body_missing', key, `\`${key}:\` repeats \`steps:\`, and there are none`, HINT)
  return {
    kind: 'while',
    turns: {
      ...namedConditions({
        while: readExpression(step.while, [...path, 'while'], reader),
        until: readExpression(step.until, [...path, 'until'], reader),
      }),
      most: readMost(reader, 10),
    },
    maxParallel: 1,
    ...readNames(reader),
    body: step.steps === undefined ? [] : readBody('while', reader),
  }
}

const HINT = 'put the action into steps: as a step of its own; to go over a list use for_each:'

/** Those conditions that there are. */
export function namedConditions(
  given: {
    readonly [name in 'while' | 'until']: ConditionSpec | undefined
  },
): Pick<TurnsSpec, 'while' | 'until'> {
  return { ...(given.while && { while: given.while }), ...(given.until && { until: given.until }) }
}

/** How often at most: a number, or a template that yields one. */
export function readMost(reader: Reader, otherwise: number): TurnsSpec['most'] {
  const { max_iterations: value = otherwise } = reader.step
  const isNumber = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_TURNS
  if (!isNumber && typeof value !== 'string') {
    const message = `\`max_iterations:\` is a whole number from 0 to ${MOST_TURNS}, or a template that yields one`
    complain(reader, 'bad_value', 'max_iterations', message)
  }
  return { value, path: [...reader.path, 'max_iterations'] }
}
