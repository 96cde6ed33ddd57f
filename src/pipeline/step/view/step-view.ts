import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { StepValue } from '../../../step/record/outcome.ts'
import { hiddenOf, type TemplateView, VIEW, viewOf } from '../../../template/template.ts'
import { type Fields, withHidden } from './aliases.ts'
import { dataView, envelopeView } from './result-view.ts'
import { ownText } from './text.ts'

/**
 * A step as templates see it. Its fields are those of the envelope (`status`, `success`, `result`),
 * then those of its result, then its parameters. As a whole it is its text, if any, else its
 * result.
 */
export function stepView(value: StepValue): object {
  if (value.loop && isJsonObject(value.result)) return loopView(value, value.result)
  return dataView(value, false) ?? envelopeView(value)
}

/** A loop as templates read it. Steps in its result are views; as a value it is the list of its iterations' results. */
function loopView(value: StepValue, result: Fields): { readonly [VIEW]: TemplateView } {
  const { fields, list } = shownOf(value, result)
  const { [VIEW]: view } = envelopeView({ ...value, result: { ...result, ...(fields as Fields) } })
  return { [VIEW]: { ...view, value: () => list } }
}

type Shown = { readonly fields: object; readonly list: readonly unknown[] }

function shownOf({ loop, only }: StepValue, result: Fields): Shown {
  switch (loop!) {
    case 'for_each':
      return resultsOf(listIn(result.results).map((row) => (isOwn(row, result) ? ownView(row) : rowView(row))))
    case 'foreach':
      return resultsOf(listIn(result.results).map((item) => itemView(item, String(result.loop_id))))
    case 'while': {
      const rows = listIn(result.results).map(rowView)
      return { fields: { results: rows, iterations: countView(rows) }, list: rows }
    }
    case 'action_loop': {
      const all = listIn(result.all_results).map((turn) => ({ ...turn, results: rowView(turn.results as JsonObject) }))
      return { fields: { all_results: all, final_results: rowView(result.final_results as JsonObject) }, list: all }
    }
    case 'queue':
      return resultsOf(listIn(result.results).map((item) => ({ ...item, result: anyView(item.result!, only) })))
  }
}

const resultsOf = (list: readonly unknown[]): Shown => ({ fields: { results: list }, list })
const listIn = (value: Json | undefined) => value as readonly JsonObject[]

/** A list that counts as a number where no list is expected: the number of iterations. */
function countView(rows: readonly object[]): { readonly [VIEW]: TemplateView } {
  const text = String(rows.length)
  return {
    [VIEW]: {
      get: () => undefined,
      text: () => text,
      value: () => rows,
      alone: rows.length,
      truthy: rows.length > 0,
      defined: true,
    },
  }
}

/** Whether a row belongs to a loop over its own action. */
function isOwn(row: JsonObject, { loop_id: id }: Fields): boolean {
  const children = Object.keys(row)
  return children.length === 1 && children[0] === id
}

function ownView(row: JsonObject): unknown {
  const [[id, item]] = Object.entries(row) as [[string, Json]]
  return itemView(item, id)
}

/** The result of a step for an item, merged with its parameters and also readable by its id; null: not reached. */
function itemView(item: Json, id: string): unknown {
  if (item === null) return null
  const value = item as StepValue
  const { status, result, parameters } = value
  const own = nestedView(value)
  if (status !== 'completed' || !isJsonObject(result) || ownText(value) !== undefined) return namedView(own, id, value)
  const shown = nestedView({ ...value, result: { ...(parameters as Fields), ...result } })
  return namedView(viewOf(shown) ? shown : withOwnResult(shown, own), id, value)
}

/** The same view, with `result` as the step's own result. */
function withOwnResult(shown: object, own: object): object {
  return withHidden(shown, (name) => readOf(name === 'result' ? own : shown, name))
}

/** A view from which the step can also be read by its own name. */
function namedView(view: object, id: string | undefined, value: StepValue): object {
  return withFallback(view, (name) => (name === id ? nestedView(value) : undefined))
}

/** The result for an item of a queue: one step, or several by their names. Of repeated steps the last iteration. */
function anyView(value: Json, only?: string): unknown {
  if (!isJsonObject(value)) return null
  if (typeof value.status !== 'string' || !('result' in value)) return rowView(value as JsonObject)
  const step = value as StepValue
  const isRepeated = step.loop === 'action_loop' && isJsonObject(step.result)
  return isRepeated ? lastView(step, step.result as Fields) : namedView(nestedView(step), only, step)
}

/** The last iteration of an item's actions, with the fields of their loop. */
function lastView(step: StepValue, result: Fields): object {
  const last = result.final_results as JsonObject
  const [[id, only] = [], another] = Object.entries(last) as unknown as readonly [id: string, StepValue][]
  const shown = only && !another ? namedView(nestedView(only), id, only) : rowView(last)
  return withFallback(shown, loopView(step, result)[VIEW].get)
}

/** A step in the results of a loop. */
function nestedView(value: StepValue): object {
  return value.loop ? stepView(value) : (dataView(value, true) ?? envelopeView(value))
}

function rowView(row: JsonObject): object {
  const shown: { [child: string]: unknown } = {}
  for (const [child, inner] of Object.entries(row)) {
    const value = inner as StepValue
    const enumerable = value.status === 'completed'
    Object.defineProperty(shown, child, { value: nestedView(value), enumerable })
  }
  const [only, another] = Object.values(row) as unknown as readonly StepValue[]
  return only && !another ? withFallback(shown, (name) => readOf(nestedView(only), name)) : shown
}

function readOf(view: object, name: string): unknown {
  const seen = viewOf(view)
  if (seen) return seen.get(name)
  return Object.hasOwn(view, name) ? (view as { [name: string]: unknown })[name] : hiddenOf(view, name)
}

/** A view that looks up further names if it does not have them itself. */
export function withFallback(view: object, read: (name: string) => unknown): object {
  const seen = viewOf(view)
  const get = (name: string) => {
    const own = readOf(view, name)
    return own === undefined ? read(name) : own
  }
  return seen ? { [VIEW]: { ...seen, get } } : withHidden(view, get)
}
