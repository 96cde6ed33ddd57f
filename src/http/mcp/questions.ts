import { isStep, type StepItem } from '../../inbox/room/port.ts'
import { asText, isJsonObject, type Json, type JsonObject } from '../../kernel/json.ts'
import { jsonOrText } from '../../yaml/json-or-text.ts'
import type { WorkItem } from './work.ts'

/** A form as the protocol has it: flat, with simple fields. */
type QuestionForm = {
  readonly mode: 'form'
  readonly message: string
  readonly requestedSchema: {
    readonly type: 'object'
    readonly properties: { readonly [field: string]: FormField }
    readonly required: readonly string[]
  }
}
type FormField = { readonly [keyword: string]: Json | undefined }

const VALUE = 'value'
const MAX_CONTENT = 8 * 1024
const FORM_KINDS: readonly StepItem['kind'][] = ['prompt', 'approval', 'feedback', 'unknown']

/** Whether a person can answer it in a form. A form does not ask for an approval of content too long to show. */
export const isForm = (item: WorkItem): item is StepItem =>
  isStep(item) && FORM_KINDS.includes(item.kind) && item.expects.type !== 'any' && !isTooLong(item)

/** Whether it asks to approve more than a form shows. */
export const isTooLong = ({ kind, content, length }: StepItem) =>
  kind === 'approval' && (length !== undefined || (content !== undefined && textOf(content).length > MAX_CONTENT))

/** The question as a form. `complaint`: the fault of the answer before. */
export function formOf(item: StepItem, complaint?: string): QuestionForm {
  const fields = fieldsOf(item.expects)
  return {
    mode: 'form',
    message: [complaint, item.title, contentText(item.content)].filter((part) => part !== undefined).join('\n\n'),
    requestedSchema: {
      type: 'object',
      properties: Object.fromEntries(fields.map(([name, { field }]) => [name, field])),
      required: fields.flatMap(([name, { isRequired }]) => (isRequired ? [name] : [])),
    },
  }
}

function contentText(content: Json | undefined): string | undefined {
  if (content === undefined) return undefined
  const text = textOf(content)
  return text.length > MAX_CONTENT ? `${text.slice(0, MAX_CONTENT)}… (cut)` : text
}

const textOf = (content: Json) => (typeof content === 'string' ? content : JSON.stringify(content, null, 2))

type Field = readonly [name: string, { readonly field: FormField; readonly isRequired: boolean }]

function fieldsOf({
  type,
  choices = [],
  default: given,
  reason,
  questions = [],
}: StepItem['expects']): readonly Field[] {
  const value = (field: FormField): readonly Field[] => [
    [
      VALUE,
      {
        field: { ...field, ...(given !== undefined && typeof given !== 'object' && { default: given }) },
        isRequired: given === undefined,
      },
    ],
  ]
  switch (type) {
    case 'approval':
      return [
        ['action', { field: { type: 'string', enum: ['approve', 'reject'] }, isRequired: true }],
        ['reason', { field: { type: 'string' }, isRequired: reason === true }],
      ]
    case 'settlement':
      return [
        ['outcome', { field: { type: 'string', enum: choices.map(asText) }, isRequired: true }],
        [
          'result',
          { field: { type: 'string', title: 'What the call returned (only if it was done)' }, isRequired: false },
        ],
      ]
    case 'answers':
      return questions.map(fieldOfQuestion)
    case 'choice':
      return value({ type: 'string', enum: choices.map(asText) })
    case 'number':
    case 'boolean':
      return value({ type })
    default:
      return value({ type: 'string' })
  }
}

/** The item itself says which of its answers are required, when it takes them. */
function fieldOfQuestion({ id, type, text, question, options, choices }: { readonly [field: string]: Json }): Field {
  const listed = [options ?? choices ?? []].flat() as readonly Json[]
  const field = { title: asText(text ?? question ?? id ?? ''), ...kindOf(String(type ?? 'text'), listed.map(asText)) }
  return [asText(id ?? ''), { field, isRequired: false }]
}

function kindOf(type: string, options: readonly string[]): FormField {
  if (type === 'multiple_choice') return { type: 'array', items: { type: 'string', enum: options } }
  if (type === 'choice') return { type: 'string', enum: options }
  if (type === 'boolean' || type === 'yes_no') return { type: 'boolean' }
  return { type: ['number', 'rating', 'scale'].includes(type) ? 'number' : 'string' }
}

export function valueOfForm({ expects }: StepItem, content: JsonObject): Json {
  if (expects.type === 'approval') {
    const { action = '', reason } = content
    return { action, ...(typeof reason === 'string' && reason.trim() !== '' && { reason }) }
  }
  if (expects.type === 'settlement') {
    const { outcome = '', result = '' } = content
    return { outcome, ...(outcome === 'done' && result !== '' && { result: jsonOrText(String(result)) }) }
  }
  // what nobody asked for is left out
  if (expects.type === 'answers')
    return Object.fromEntries(Object.entries(content).filter(([id]) => expects.questions?.some((one) => one.id === id)))
  const value = content[VALUE] ?? expects.default ?? ''
  return expects.choices?.find((choice) => asText(choice) === value) ?? value
}

/** A form as the person at a client leaves it. */
export type FormResponse = { readonly action: string; readonly content: JsonObject }

/** The answer of a client to one question; undefined: there is none. */
export function readResponse(response: unknown): FormResponse | undefined {
  if (!isJsonObject(response as Json)) return undefined
  const { action, content } = response as { readonly action?: unknown; readonly content?: Json }
  return typeof action === 'string' ? { action, content: isJsonObject(content) ? content : {} } : undefined
}
