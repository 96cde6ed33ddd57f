import { isJsonObject } from '../../../kernel/json.ts'
import { isName, nameOf, textOf } from './calls.ts'
import { changed, eachPlace, inMap, isOneOf, type JsonFields, knownOf, withFields } from './changed-fields.ts'

/** Items and parts of an output. Others are passed over. */
const isItem = isOneOf('message', 'reasoning', 'function_call')
const isPart = isOneOf('output_text', 'refusal')
const isAnnotation = isOneOf('url_citation', 'file_citation', 'container_file_citation', 'file_path')
const isSummary = isOneOf('summary_text')

export function mendOutput(items: unknown): unknown {
  const known = knownOf(isItem)(items)
  return Array.isArray(known) ? eachPlace(known, mendItem) : known
}

/** An item. One without an id gets one by its place. */
const mendItem = (place: unknown) =>
  inMap((item) => {
    if (item.type === 'message')
      return changed(withFields(item, { id: null }), { id: idBy('msg', place), content: mendContent })
    if (item.type === 'reasoning')
      return changed(withFields(item, { id: null, summary: [] }), { id: idBy('rs', place), summary: mendSummary })
    if (item.type !== 'function_call') return item
    const id = [item.call_id, item.id].find(isName) ?? `call_${place ?? 0}`
    return changed(withFields(item, { arguments: null, name: null, id: null, call_id: null }), {
      arguments: textOf,
      name: nameOf,
      id: (own) => (isName(own) ? own : id),
      call_id: (own) => (isName(own) ? own : id),
    })
  })

const idBy = (kind: string, place: unknown) => (id: unknown) => (isName(id) ? id : `${kind}_${place ?? 0}`)
const mendSummary = (list: unknown) => (Array.isArray(list) ? knownOf(isSummary)(list) : [])

const mendContent = (content: unknown) =>
  Array.isArray(content)
    ? eachPlace(knownOf(isPart)(content) as readonly unknown[], () =>
        inMap((part) => changed(part, { annotations: knownOf(isAnnotation) })),
      )
    : content

/** Mends the events of a streamed response. What no delta has said is read from the whole items. */
export function createResponseMending() {
  /** the text of each message, by its place */
  const texts = new Map<unknown, string>()
  let hasBegun = false
  const fill = (output_index: unknown, item_id: unknown, text: string): readonly JsonFields[] => {
    const heard = texts.get(output_index) ?? ''
    if (text.length <= heard.length || !text.startsWith(heard)) return []
    texts.set(output_index, text)
    return [{ type: 'response.output_text.delta', output_index, item_id, delta: text.slice(heard.length) }]
  }
  const end = (output_index: unknown, given: unknown): readonly JsonFields[] => {
    const item = mendItem(output_index)(given) as JsonFields
    hasBegun = true
    const rest = item.type === 'message' ? fill(output_index, item.id, textOfItem(item)) : []
    return [...rest, { type: 'response.output_item.done', output_index, item }]
  }
  const begin = (output_index: unknown, given: unknown): JsonFields => {
    return { type: 'response.output_item.added', output_index, item: mendItem(output_index)(given) }
  }
  return {
    take(event: JsonFields): readonly JsonFields[] {
      const { type, output_index: place = 0, item_id: id = `msg_${place}`, item, delta, response } = event
      if (type === 'response.output_item.added') return isItem(item) ? [{ ...event, ...begin(place, item) }] : []
      if (type === 'response.output_item.done') return isItem(item) ? end(place, item) : []
      if (type === 'response.output_text.done') return typeof event.text === 'string' ? fill(place, id, event.text) : []
      if (type === 'response.output_text.annotation.added') return isAnnotation(event.annotation) ? [event] : []
      if (type === 'response.output_text.delta') {
        if (typeof delta !== 'string') return []
        texts.set(place, (texts.get(place) ?? '') + delta)
      }
      if (type === 'response.failed') return [{ sequence_number: 0, ...event }]
      hasBegun ||= type === 'response.output_text.delta' || type === 'response.reasoning_summary_text.delta'
      if (!hasBegun && (type === 'response.completed' || type === 'response.incomplete')) {
        const output = isJsonObject(response) && Array.isArray(response.output) ? response.output.filter(isItem) : []
        return [...output.flatMap((one, at) => [begin(at, one), ...summaryOf(at, one), ...end(at, one)]), event]
      }
      return [event]
    },
  }
}

const textOfItem = ({ content }: JsonFields): string =>
  Array.isArray(content)
    ? content.map((part) => (part.type === 'output_text' ? String(part.text ?? '') : '')).join('')
    : ''

function summaryOf(output_index: number, given: unknown): readonly JsonFields[] {
  const { type, id: item_id, summary } = mendItem(output_index)(given) as JsonFields
  if (type !== 'reasoning') return []
  return (summary as readonly JsonFields[]).map(({ text }, summary_index) => ({
    type: 'response.reasoning_summary_text.delta',
    item_id,
    output_index,
    summary_index,
    delta: String(text ?? ''),
  }))
}
