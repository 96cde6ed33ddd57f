import { isJsonObject, type JsonObject } from '../../../../kernel/json.ts'
import type { Json } from '../../../../kernel/schema.ts'
import type { DocumentPath } from '../../diagnostics/finding.ts'
import { checkKeys, keyRulesOf } from '../../schema/check-keys.ts'
import { QUEUE_TABLE } from '../../schema/step-keys.ts'
import type { LoopSpec, StepSpec } from '../pipeline-spec.ts'
import { complain, type Reader } from '../reader.ts'
import { readActions, readConditions, repeated } from './action-loop.ts'
import { readNames, refuseOwnWork } from './body.ts'
import { readWidth } from './for-each.ts'

const NAME = 'create_parallel_queue'

/** Where a step says what its queue is: under the key of that name, or in the parameters of the action of that name. */
export function queueIn({ step }: Reader): { readonly key: string; readonly value: Json } | undefined {
  if (step[NAME] !== undefined) return { key: NAME, value: step[NAME] }
  return step.action === NAME ? { key: 'parameters', value: step.parameters ?? {} } : undefined
}

/** `create_parallel_queue:`: actions for each item of a list, in order for each, items side by side. One that fails ends its item. */
export function readQueue(_spec: StepSpec, reader: Reader): LoopSpec {
  const { key, value } = queueIn(reader)!
  const at = [...reader.path, key]
  refuseOwnWork(reader, key === 'parameters' ? ['action', 'parameters'] : ['action'])
  if (reader.step.action !== undefined && reader.step.action !== NAME)
    complain(reader, 'loop_conflict', 'action', 'a queue has no action but those of its `action_loop:`')
  if (!isJsonObject(value)) complain(reader, 'bad_value', key, 'a queue is a map with `on:` and `action_loop:`')
  const queue: Reader = { ...reader, step: isJsonObject(value) ? value : {}, path: at }
  checkKeys(queue.step, keyRulesOf(QUEUE_TABLE), at, reader.report, reader.id)
  return {
    kind: 'queue',
    list: readOn(queue),
    maxParallel: readWidth(queue, 'max_parallel') ?? 10,
    ...readNames(reader),
    isolated: true,
    body: readItem(queue),
  }
}

/** YAML 1.1 reads a bare `on` as true. */
function readOn(queue: Reader): NonNullable<LoopSpec['list']> {
  const key = queue.step.on === undefined && queue.step.true !== undefined ? 'true' : 'on'
  const value = queue.step[key]
  if (value === undefined) complain(queue, 'missing_parameter', 'on', 'a queue needs `on:`, the list it goes over')
  else if (typeof value === 'number' || typeof value === 'boolean' || value === null)
    complain(queue, 'bad_value', key, '`on:` is a list, or a template that yields one')
  return { value: value ?? [], path: [...queue.path, key] }
}

/** What is done for an item: the actions once, or a loop of them where there is a condition. */
function readItem(queue: Reader): readonly StepSpec[] {
  const { fields, path } = taskIn(queue)
  const { tool } = queue.step
  const more: JsonObject = tool === undefined ? {} : { tool }
  const actions = [...path, 'action_loop']
  const turns = readConditions(fields, path, queue)
  if (!turns.while && !turns.until) return readActions('queue', fields.action_loop, actions, queue, 'fail', more)
  const inner: Reader = { ...queue, id: ITEM, step: fields, path, depth: queue.depth + 1 }
  const body = readActions('action_loop', fields.action_loop, actions, inner, 'fail', more)
  return [{ ...UNSAID, id: ITEM, path, parametersPath: path, loop: { ...repeated(turns, inner), body } }]
}

/** The loop over the actions of one item. */
const ITEM = 'actions'
const UNSAID = {
  ...{ parameters: {}, dependencies: [], routes: [], fallback: [], handlers: [] },
  onFailure: 'fail',
} as const

/** `task:` may stand around the actions. */
function taskIn({ step, path }: Reader): { readonly fields: JsonObject; readonly path: DocumentPath } {
  return isJsonObject(step.task)
    ? { fields: { ...step, ...step.task }, path: [...path, 'task'] }
    : { fields: step, path }
}
