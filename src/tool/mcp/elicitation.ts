import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ToolAnswers, ToolQuestion, ToolQuestionItem } from '../question.ts'
import type { InputRequest, ServerAnswer } from './port.ts'
import { plainText } from './settings.ts'

/** The state in which a call goes on: that of the server, and the ids of the fields by request. */
type ElicitationState = {
  readonly state?: string
  /** the task that asks; absent: the call */
  readonly task?: string
  readonly requests: { readonly [key: string]: { readonly [id: string]: string } }
}

const DECLINE = 'decline'
const MAX_FIELDS = 50

/** The question of a server to a person: the fields of its forms. TerminalError `mcp_refused` for any other request. */
export function questionOfServer(name: string, { asks }: ServerAnswer, task?: string): ToolQuestion | undefined {
  if (!asks) return undefined
  const items: ToolQuestionItem[] = []
  const titles: string[] = []
  const requests: { [key: string]: { [id: string]: string } } = {}
  for (const [key, request] of Object.entries(asks.requests)) {
    const { message, requestedSchema } = formOf(name, request)
    titles.push(plainText(message, 500))
    const ids: { [id: string]: string } = {}
    for (const [field, schema] of Object.entries(requestedSchema.properties ?? {})) {
      const id = `q${items.length + 1}`
      ids[id] = field
      items.push(itemOf(id, field, schema, requestedSchema.required?.includes(field) ?? false))
    }
    requests[key] = ids
  }
  if (items.length > MAX_FIELDS) throw refused(name, `a form of ${items.length} fields`)
  const text = `true sends ${name} no answer`
  return {
    title: `${name} asks: ${titles.join(' ')}`,
    items: [...items, { id: DECLINE, type: 'boolean', text, required: false }],
    state: { requests, ...(asks.state !== undefined && { state: asks.state }), ...(task !== undefined && { task }) },
  }
}

/** The answers of a person as the protocol has them. */
export function responsesTo(state: Json, answers: ToolAnswers) {
  const { state: requestState, requests } = state as ElicitationState
  const isDeclined = answers[DECLINE] === true
  const responseOf = (ids: { readonly [id: string]: string }) => {
    const given = Object.entries(ids).filter(([id]) => answers[id] !== null && answers[id] !== undefined)
    return { action: 'accept', content: Object.fromEntries(given.map(([id, field]) => [field, answers[id]!])) }
  }
  const responses = Object.entries(requests).map(([key, ids]) => [
    key,
    isDeclined ? { action: DECLINE } : responseOf(ids),
  ])
  return {
    responses: Object.fromEntries(responses) as Json,
    ...(requestState !== undefined && { state: requestState }),
  }
}

type FieldSchema = {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly enum?: readonly Json[]
  readonly oneOf?: readonly { readonly const: Json }[]
  readonly items?: FieldSchema & { readonly anyOf?: readonly { readonly const: Json }[] }
}

type Form = {
  readonly message: string
  readonly requestedSchema: {
    readonly properties?: { readonly [field: string]: FieldSchema }
    readonly required?: readonly string[]
  }
}

function formOf(name: string, { method, params }: InputRequest): Form {
  const { mode = 'form', message, requestedSchema } = (params ?? {}) as Partial<Form> & { readonly mode?: string }
  if (method === 'elicitation/create' && mode === 'form' && typeof message === 'string')
    return { message, requestedSchema: requestedSchema ?? {} }
  throw refused(
    name,
    method === 'elicitation/create' ? `elicitation in the mode ${plainText(mode, 50)}` : plainText(method, 100),
  )
}

function itemOf(id: string, field: string, schema: FieldSchema, required: boolean): ToolQuestionItem {
  const about = [schema.title ?? field, ...(schema.description === undefined ? [] : [schema.description])]
  return { id, text: plainText(about.join(': ')), required, ...kindOf(schema) }
}

function kindOf({ type, enum: listed, oneOf, items }: FieldSchema): Pick<ToolQuestionItem, 'type' | 'options'> {
  const options = listed ?? oneOf?.map((one) => one.const)
  if (options) return { type: 'choice', options }
  if (type === 'array')
    return { type: 'multiple_choice', options: items?.enum ?? items?.anyOf?.map((one) => one.const) ?? [] }
  if (type === 'boolean') return { type: 'boolean' }
  return { type: type === 'number' || type === 'integer' ? 'number' : 'text' }
}

const refused = (name: string, what: string) =>
  new TerminalError(`${name} asks for ${what}, which antiphon refuses.`, {
    code: 'mcp_refused',
    hint: 'A server may ask a person to fill in a form, and nothing else.',
  })
