import { isJsonObject, type Json, type JsonObject } from '../../../../kernel/json.ts'
import { suggestOrList } from '../../diagnostics/did-you-mean.ts'
import { expectedGot } from '../../diagnostics/expected.ts'
import type { DocumentPath } from '../../diagnostics/finding.ts'
import { checkKeys, keyRulesOf } from '../../schema/check-keys.ts'
import { QUEUE_TABLE } from '../../schema/step-keys.ts'
import { EMPTY_STEP, type LoopSpec, type StepSpec } from '../pipeline-spec.ts'
import { reportKey, type StepReader } from '../reader.ts'
import { readActionLoop, readActions, readConditions, readRepeatedActions } from './action-loop.ts'
import { readLoopNames, refuseOwnWork } from './body.ts'
import { readForEach, readMaxParallel, readParallelMap } from './for-each.ts'
import { readWhileUntil } from './while-until.ts'

type ReadLoop = (spec: StepSpec, reader: StepReader) => LoopSpec

/** The loop that a step's keys define, if any. Of several loops the first counts, and the others are reported. */
export function readLoopSpec(spec: StepSpec, reader: StepReader): LoopSpec | undefined {
  const [kind, other] = kindsOf(reader)
  if (!kind) return undefined
  if (other)
    reportKey(reader, 'loop_conflict', other[0], `a step cannot have both \`${kind[0]}:\` and \`${other[0]}:\``)
  else checkKeysOf(kind[0], reader)
  return kind[1](spec, reader)
}

/** The kinds of loop a step's keys name, each with its key. */
function kindsOf(reader: StepReader): readonly (readonly [key: string, read: ReadLoop])[] {
  const { step } = reader
  const actions = step.action_loop !== undefined
  const turns = (['while', 'until'] as const).find((key) => step[key] !== undefined)
  const kinds: (readonly [key: string, read: ReadLoop] | undefined)[] = [
    step.for_each === undefined ? undefined : ['for_each', readForEach],
    step.foreach === undefined ? undefined : ['foreach', readParallelMap],
    step.type === 'parallel_map' ? ['type', readParallelMap] : undefined,
    actions ? ['action_loop', readActionLoop] : undefined,
    queueDefinition(reader) === undefined ? undefined : [queueDefinition(reader)!.key, readQueue],
    turns && !actions ? [turns, readWhileUntil] : undefined,
  ]
  return kinds.filter((kind) => kind !== undefined)
}

/** Warns of keys that belong only to other loops. */
function checkKeysOf(loop: string, { step, path, report, id }: StepReader): void {
  const used = KEYS_BY_LOOP[loop] ?? []
  for (const key of LOOP_KEYS.filter((key) => (step[key] ?? false) !== false && !used.includes(key))) {
    const hint = suggestOrList(key, used, 'its keys')
    report('unknown_key', [...path, key], `\`${key}:\` has no effect with \`${loop}:\``, { key: true, step: id, hint })
  }
}

const FOR_EACH_KEYS = ['steps', 'loop_var', 'loop_name', 'max_parallel']
const KEYS_BY_LOOP: { readonly [loop: string]: readonly string[] | undefined } = {
  for_each: FOR_EACH_KEYS,
  foreach: [...FOR_EACH_KEYS, 'max_concurrent', 'parallel'],
  type: [...FOR_EACH_KEYS, 'max_concurrent', 'parallel', 'items'],
  while: ['steps', 'loop_name', 'max_iterations'],
  until: ['steps', 'loop_name', 'max_iterations'],
  action_loop: ['loop_name', 'max_iterations', 'while_condition', 'break_on_error', 'iteration_timeout'],
  create_parallel_queue: ['loop_name', 'loop_var'],
  parameters: ['loop_name', 'loop_var'],
}

/** Keys that belong only to a loop. */
export const LOOP_KEYS = [
  ...['steps', 'max_parallel', 'loop_var', 'loop_name', 'parallel', 'max_concurrent', 'items', 'max_iterations'],
  ...['while_condition', 'break_on_error', 'iteration_timeout'],
]

const QUEUE_KEY = 'create_parallel_queue'

/** The definition of a queue: under its own key, or in the parameters of the action of that name. */
function queueDefinition({ step }: StepReader): { readonly key: string; readonly value: Json } | undefined {
  if (step[QUEUE_KEY] !== undefined) return { key: QUEUE_KEY, value: step[QUEUE_KEY] }
  return step.action === QUEUE_KEY ? { key: 'parameters', value: step.parameters ?? {} } : undefined
}

/** `create_parallel_queue:`: runs actions in order for each item, and items in parallel. A failure ends its item. */
function readQueue(_spec: StepSpec, reader: StepReader): LoopSpec {
  const { key, value } = queueDefinition(reader)!
  const at = [...reader.path, key]
  refuseOwnWork(reader, key === 'parameters' ? ['action', 'parameters'] : ['action'])
  if (reader.step.action !== undefined && reader.step.action !== QUEUE_KEY)
    reportKey(reader, 'loop_conflict', 'action', 'a queue has no actions except in its `action_loop:`')
  if (!isJsonObject(value))
    reportKey(reader, 'bad_value', key, expectedGot(key, 'a map with `on:` and `action_loop:`', value))
  const queue: StepReader = { ...reader, step: isJsonObject(value) ? value : {}, path: at }
  checkKeys(queue.step, keyRulesOf(QUEUE_TABLE), at, reader.report, reader.id)
  return {
    kind: 'queue',
    list: readOn(queue),
    maxParallel: readMaxParallel(queue, 'max_parallel') ?? 10,
    ...readLoopNames(reader),
    isolated: true,
    body: readItem(queue),
  }
}

/** YAML 1.1 reads a bare `on` as true. */
function readOn(queue: StepReader): NonNullable<LoopSpec['list']> {
  const key = queue.step.on === undefined && queue.step.true !== undefined ? 'true' : 'on'
  const value = queue.step[key]
  if (value === undefined) reportKey(queue, 'missing_parameter', 'on', 'a queue requires `on:`, the list of its items')
  else if (typeof value === 'number' || typeof value === 'boolean' || value === null)
    reportKey(queue, 'bad_value', key, expectedGot('on', 'a list, or a template that renders to one', value))
  return { value: value ?? [], path: [...queue.path, key] }
}

/** The steps for an item: the actions once, or a loop over them if there is a condition. */
function readItem(queue: StepReader): readonly StepSpec[] {
  const { fields, path } = taskIn(queue)
  const { tool } = queue.step
  const more: JsonObject = tool === undefined ? {} : { tool }
  const actions = [...path, 'action_loop']
  const turns = readConditions(fields, path, queue)
  if (!turns.while && !turns.until) return readActions('queue', fields.action_loop, actions, queue, 'fail', more)
  const inner: StepReader = { ...queue, id: ITEM_LOOP_ID, step: fields, path, depth: queue.depth + 1 }
  const body = readActions('action_loop', fields.action_loop, actions, inner, 'fail', more)
  return [
    {
      ...EMPTY_STEP,
      id: ITEM_LOOP_ID,
      path,
      parametersPath: path,
      loop: { ...readRepeatedActions(turns, inner), body },
    },
  ]
}

/** The loop over the actions of one item. */
const ITEM_LOOP_ID = 'actions'

/** `task:` may wrap the actions. */
function taskIn({ step, path }: StepReader): { readonly fields: JsonObject; readonly path: DocumentPath } {
  return isJsonObject(step.task)
    ? { fields: { ...step, ...step.task }, path: [...path, 'task'] }
    : { fields: step, path }
}
