import { isJsonObject, type Json, type JsonObject } from '../../../../kernel/json.ts'
import type { LoopShape } from '../../../../step/record/outcome.ts'
import type { DocumentPath } from '../../diagnostics/finding.ts'
import type { LoopSpec, RepeatSpec, StepSpec } from '../pipeline-spec.ts'
import { readKey, reportKey, type StepReader } from '../reader.ts'
import { LOOP_BINDINGS } from './binding-names.ts'
import {
  checkNesting,
  countSteps,
  LOOP_LIMITS,
  readConditionText,
  readLoopNames,
  refuseOwnWork,
  reportBody,
} from './body.ts'
import { presentConditions, readMaxIterations } from './while-until.ts'

/** `action_loop:`: repeats actions in order. */
export function readActionLoop(_spec: StepSpec, reader: StepReader): LoopSpec {
  const { step, path } = reader
  refuseOwnWork(reader, step.action === 'action_loop' ? ['action'] : [])
  const turns = readConditions(step, path, reader)
  if (!turns.while && !turns.until)
    reportKey(reader, 'missing_parameter', 'action_loop', 'an action loop requires `until:` or `while_condition:`')
  return {
    ...readRepeatedActions(turns, reader),
    body: readActions(
      'action_loop',
      step.action_loop,
      [...path, 'action_loop'],
      reader,
      readKey(reader, 'break_on_error') ? 'fail' : 'continue',
    ),
  }
}

/** A loop over actions that were already read. */
export function readRepeatedActions(turns: RepeatExpressions, reader: StepReader): Omit<LoopSpec, 'body'> {
  const limit = readKey(reader, 'iteration_timeout')
  return {
    kind: 'action_loop',
    turns: { ...turns, most: readMaxIterations(reader, 100), after: true },
    maxParallel: 1,
    ...readLoopNames(reader),
    ...(limit !== undefined && { limit }),
  }
}

type RepeatExpressions = Pick<RepeatSpec, 'while' | 'until'>

/** `until` or `while_condition`, which may also be called `while`. */
export function readConditions(fields: JsonObject, path: DocumentPath, reader: StepReader): RepeatExpressions {
  const key = fields.while_condition === undefined ? 'while' : 'while_condition'
  if (fields.until !== undefined && fields[key] !== undefined) {
    const message = `an action loop cannot have both \`until:\` and \`${key}:\``
    reader.report('until_and_while', [...path, key], message, { step: reader.id })
  }
  return presentConditions({
    while: readConditionText(fields[key], [...path, key], reader),
    until: readConditionText(fields.until, [...path, 'until'], reader),
  })
}

/** Keys by which an action itself defines what its failure means. */
const FAILURE_KEYS = ['on_failure', 'continue_on_error', 'on_error', 'on-error', 'error_handlers']

/** Actions as steps that each wait for the one before. An action without a name is named by its number. */
export function readActions(
  kind: LoopShape,
  list: Json | undefined,
  path: DocumentPath,
  reader: StepReader,
  onFailure: StepSpec['onFailure'],
  more: JsonObject = {},
): readonly StepSpec[] {
  if (!checkNesting(reader, String(path.at(-1)))) return []
  const actions = Array.isArray(list)
    ? list.map((action, n) => (isJsonObject(action) ? withActionId(action, n, more) : action))
    : []
  const within = { depth: reader.depth + 1, bound: LOOP_BINDINGS[kind] }
  const steps = reader.readSteps(actions, path, within)
  if (!Array.isArray(list) || list.length === 0 || countSteps(steps) > LOOP_LIMITS.body)
    reportBody(reader, path, 'action_loop', 'actions', list, countSteps(steps))
  return steps.map((step, n) => {
    const own = isJsonObject(actions[n]) && FAILURE_KEYS.some((key) => Object.hasOwn(actions[n]!, key))
    const before = n === 0 ? [] : [{ id: steps[n - 1]!.id, path: step.path }]
    return { ...step, dependencies: [...step.dependencies, ...before], ...(!own && { onFailure }) }
  })
}

/** The name of an action in templates, when it is a valid step id. */
function withActionId({ name, id, ...action }: JsonObject, n: number, more: JsonObject): JsonObject {
  const called = [name, id].find((word) => typeof word === 'string' && /^[a-zA-Z][a-zA-Z0-9_-]*$/.test(word))
  return { ...more, ...action, id: called ?? `action_${n}` }
}
