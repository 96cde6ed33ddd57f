import type { Json } from '../../../src/kernel/schema.ts'
import { argumentFaults, halfCharacters } from './openai.ts'
import {
  type AssistantTurn,
  base64Faults,
  dataLine,
  fileIn,
  filesField,
  orderFaults,
  pieces,
  type Said,
  sign,
  type Turn,
  type WireDouble,
} from './turns.ts'

type Text = { readonly type: string; readonly text: string; readonly annotations?: readonly object[] } & InputFile
type InputFile = { readonly image_url?: string; readonly file_data?: string; readonly filename?: string }
type Item = {
  readonly type?: string
  readonly id?: string
  readonly role?: string
  readonly content?: string | readonly Text[]
  readonly summary?: readonly Text[]
  readonly encrypted_content?: string
  readonly call_id?: string
  readonly name?: string
  readonly arguments?: string
  readonly output?: unknown
}
type Request = { readonly input: readonly Item[]; readonly store?: boolean }

/** The Responses of OpenAI. It keeps the items of its replies, and knows them by their ids. */
export function responses(): WireDouble {
  const kept = new Map<string, Item>()
  return {
    model: 'gpt-5-double',
    provider: (url) => ({ type: 'openai', baseURL: `${url}/v1`, keyEnv: 'LAB_KEY' }),
    refusal: (message) => ({ error: { message, type: 'invalid_request_error', param: 'input', code: null } }),
    read(body) {
      const { input, store = true } = JSON.parse(body) as Request
      const items = input.map((item) => (item.type === 'item_reference' ? (kept.get(item.id!) ?? item) : item))
      const spoken = items.filter(({ role }) => role !== 'system' && role !== 'developer')
      const turns = spoken.reduce<Turn[]>(addItem, [])
      return {
        turns,
        faults: [
          ...halfCharacters(body),
          ...base64Faults(input),
          ...items.flatMap(({ content, output }) => [content, output].flatMap(fileFaults)),
          ...orderFaults(turns, { ids: /^[\w-]{1,64}$/ }),
          ...input.flatMap(({ type, id }) => {
            if (type !== 'item_reference') return []
            return store && kept.has(id!) ? [] : [`Item with id '${id}' not found.`]
          }),
          ...items.flatMap((item, at) => itemFaults(item, items[at + 1])),
        ],
      }
    },
    render(said, n) {
      const items = itemsOf(said, n)
      for (const item of items) kept.set(item.id!, item)
      const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 }
      const end = { usage, ...(said.isCut && { incomplete_details: { reason: 'max_output_tokens' } }) }
      const response = { id: `resp_${n}`, object: 'response', created_at: 1, model: 'm' }
      const status = said.isCut ? 'incomplete' : 'completed'
      return {
        whole: { ...response, status, output: items, ...end },
        events: [
          dataLine({ type: 'response.created', response }),
          ...items.flatMap(itemEvents),
          dataLine({ type: `response.${status}`, response: { ...response, status, output: items, ...end } }),
        ],
        turn: items.reduce<Turn[]>(addItem, [])[0] as AssistantTurn,
      }
    },
  }
}

function itemFaults({ type, id, summary, encrypted_content: secret, arguments: args }: Item, next?: Item): string[] {
  if (type === 'function_call') return argumentFaults(args)
  if (type !== 'reasoning') return []
  const text = (summary ?? []).map((one) => one.text).join('')
  return [
    ...(secret === undefined || secret === sign(text) ? [] : [`Item '${id}': encrypted content could not be verified`]),
    ...(next && (next.type === 'function_call' || next.role === 'assistant' || next.type === 'reasoning')
      ? []
      : [`Item '${id}' of type 'reasoning' was provided without its required following item.`]),
  ]
}

function itemsOf({ think, text, calls = [] }: Said, n: number): readonly Item[] {
  return [
    ...(think === undefined
      ? []
      : [
          {
            ...{ type: 'reasoning', id: `rs_${n}`, encrypted_content: sign(think) },
            summary: [{ type: 'summary_text', text: think }],
          },
        ]),
    ...(text === undefined
      ? []
      : [
          {
            ...{ type: 'message', id: `msg_${n}`, role: 'assistant', status: 'completed' },
            content: [{ type: 'output_text', text, annotations: [] }],
          },
        ]),
    ...calls.map(([name, input], at) => ({
      ...{ type: 'function_call', id: `fc_${n}_${at}`, call_id: `call_${sign(`${n}.${at}`).slice(4, 24)}` },
      ...{ name, arguments: JSON.stringify(input), status: 'completed' },
    })),
  ]
}

/** Items in a row that the model wrote are one message of the assistant. */
function addItem(turns: Turn[], item: Item): Turn[] {
  const last = turns.at(-1)
  if (item.type === 'function_call_output') {
    const { output } = item
    const inside = Array.isArray(output) ? (output as readonly Text[]) : undefined
    const text = inside ? inside.map((part) => part.text ?? '').join('') : String(output)
    const results = [{ id: item.call_id!, text, ...filesField(filesIn(inside)) }]
    if (last?.role === 'tool') turns[turns.length - 1] = { role: 'tool', results: [...last.results, ...results] }
    else turns.push({ role: 'tool', results })
    return turns
  }
  if (item.role === 'user')
    return [...turns, { role: 'user', text: textOf(item), ...filesField(filesIn(item.content)) }]
  const before: AssistantTurn =
    last?.role === 'assistant' ? last : { role: 'assistant', text: '', thoughts: [], calls: [] }
  if (last?.role !== 'assistant') turns.push(before)
  turns[turns.length - 1] = grown(before, item)
  return turns
}

function grown({ text, thoughts, calls, ...turn }: AssistantTurn, item: Item): AssistantTurn {
  const { type, id, call_id, name, arguments: args = '{}' } = item
  const thought = type === 'reasoning' ? [`${id} ${item.encrypted_content}`] : []
  const call = type === 'function_call' ? [{ id: call_id!, name: name!, input: JSON.parse(args) as Json }] : []
  return {
    ...turn,
    text: item.role === 'assistant' ? text + textOf(item) : text,
    thoughts: [...(thoughts as Json[]), ...thought],
    calls: [...calls, ...call],
  }
}

const textOf = ({ content = '' }: Item) =>
  typeof content === 'string' ? content : content.flatMap(({ text }) => text ?? []).join('\n\n')

const TAKES: { readonly [type: string]: readonly string[] } = {
  input_image: ['image/png', 'image/jpeg', 'image/gif', 'image/webp'],
  input_file: ['application/pdf'],
}

const filesOf = (content: unknown) =>
  (Array.isArray(content) ? (content as readonly Text[]) : []).flatMap((part) => {
    if (!Object.hasOwn(TAKES, part.type)) return []
    const { type, faults } = fileIn(part.image_url ?? part.file_data ?? '', undefined, TAKES[part.type]!)
    return [{ type, faults: [...faults, ...(part.type === 'input_file' && !part.filename ? ['no filename'] : [])] }]
  })
const filesIn = (content: unknown) => filesOf(content).map(({ type }) => type)
const fileFaults = (content: unknown) => filesOf(content).flatMap(({ faults }) => faults)

function itemEvents(item: Item, output_index: number): string[] {
  const { id: item_id, summary = [], arguments: args = '' } = item
  const event = (type: string, fields: object) =>
    dataLine({ type: `response.${type}`, output_index, item_id, ...fields })
  const deltas = {
    reasoning: () => [
      event('reasoning_summary_part.added', { summary_index: 0 }),
      ...summary.flatMap(({ text }) =>
        pieces(text).map((delta) => event('reasoning_summary_text.delta', { summary_index: 0, delta })),
      ),
      event('reasoning_summary_part.done', { summary_index: 0 }),
    ],
    message: () => pieces(textOf(item)).map((delta) => event('output_text.delta', { delta })),
    function_call: () => pieces(args).map((delta) => event('function_call_arguments.delta', { delta })),
  }
  const begun = { ...item, ...(item.arguments !== undefined && { arguments: '' }) }
  return [
    event('output_item.added', { item: begun }),
    ...deltas[item.type as keyof typeof deltas](),
    event('output_item.done', { item }),
  ]
}
