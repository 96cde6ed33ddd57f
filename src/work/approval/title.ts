import { problemOf } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { clip } from '../../lib/clip.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import { inputSchemaOf } from '../../tool/schema.ts'
import type { Tool } from '../../tool/tool.ts'
import type { ApprovalNeed } from './policy.ts'

/** Maximum characters of a title, and of a text from an argument in it. */
const MAX_TITLE = 200
const MAX_TEXT = 60
/** A tool without a title shows so many arguments, and only texts up to this length. */
const SHOWN = 2
const MAX_SHOWN_TEXT = 40

/** A tool that a call names. Without its input it is not known here. */
export type TitledTool = Pick<Tool, 'name'> & Partial<Pick<Tool, 'input' | 'title'>>

/**
 * The question to a person before a call, on one line: the title of the tool over its arguments, otherwise the first
 * short ones in the order of its schema. A model may have written the arguments, so their texts stand in quotes.
 */
export function titleOfCall(tool: TitledTool, input: Json, { because }: ApprovalNeed): string {
  const { title, lack } = madeTitle(tool, input)
  const reasons = `${because === undefined ? '' : ` It asks because of ${because}`}${lack}`
  const question = clip(showOnOneLine(title), MAX_TITLE)
  return reasons === '' || /[.?!]$/.test(question) ? question + reasons : `${question}.${reasons}`
}

function madeTitle(tool: TitledTool, input: Json): { readonly title: string; readonly lack: string } {
  const { name, title } = tool
  const plain = `Call ${name}?${shortArguments(tool, input)}`
  if (title === undefined || !isJsonObject(input)) return { title: plain, lack: '' }
  const quoted = quotedIn(input, choicesOf(tool))
  if (typeof title === 'string') return { title: filled(title, quoted), lack: '' }
  try {
    const made: unknown = title(quoted)
    if (typeof made === 'string' && made.trim() !== '') return { title: made, lack: '' }
    return { title: plain, lack: ' Its `title` gave no text.' }
  } catch (error) {
    return { title: plain, lack: ` Its \`title\` failed: ${clip(problemOf(error).message, MAX_TEXT)}` }
  }
}

const propertiesOf = ({ input }: TitledTool) => input && inputSchemaOf({ input })?.properties

/** A template with the arguments in the places of their names: `Refund {cents} for {order}?`. */
const filled = (template: string, input: { readonly [name: string]: Json }): string =>
  template.replace(/\{([\w.]+)\}/g, (_, path: string) => {
    const value = path
      .split('.')
      .reduce<Json | undefined>((at, name) => (isJsonObject(at) ? at[name] : undefined), input)
    return value === undefined || value === null ? '…' : typeof value === 'object' ? JSON.stringify(value) : `${value}`
  })

/** ` order "1789", cents 4900`, or nothing. */
function shortArguments(tool: TitledTool, input: Json): string {
  if (!isJsonObject(input)) return ''
  const order = Object.keys(propertiesOf(tool) ?? input)
  const short = order.filter((name) => Object.hasOwn(input, name) && isShort(input[name])).slice(0, SHOWN)
  return short.map((name, at) => `${at === 0 ? ' ' : ', '}${name} ${quotedIn(input[name]!, NO_CHOICES)}`).join('')
}

const isShort = (value: Json | undefined): boolean =>
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (typeof value === 'string' && value !== '' && value.length <= MAX_SHOWN_TEXT && !value.includes('\n'))

type Choices = { readonly [name: string]: readonly Json[] }
const NO_CHOICES: Choices = {}

/** The values that a schema lets an argument have, which its author wrote. */
const choicesOf = (tool: TitledTool): Choices =>
  Object.fromEntries(
    Object.entries(propertiesOf(tool) ?? {}).flatMap(([name, { enum: choices, const: only }]) => {
      const all = choices ?? (only === undefined ? undefined : [only as Json])
      return all ? [[name, all]] : []
    }),
  )

/** A value whose texts are in quotes, at every depth. The texts of a choice stay. */
function quotedIn<Value extends Json>(value: Value, choices: Choices): Value
function quotedIn(value: Json, choices: Choices): Json {
  if (typeof value === 'string') return `"${clip(value.replaceAll('"', '”'), MAX_TEXT)}"`
  if (Array.isArray(value)) return value.map((item: Json) => quotedIn(item, NO_CHOICES))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      Object.hasOwn(choices, name) && choices[name]!.includes(item!) ? item! : quotedIn(item!, NO_CHOICES),
    ]),
  )
}
