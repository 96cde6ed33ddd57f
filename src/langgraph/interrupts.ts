import type { Interrupt } from '@langchain/langgraph'
import { isJsonObject } from '../kernel/json.ts'
import type { Json } from '../kernel/schema.ts'
import { clip } from '../lib/clip.ts'
import type { ToolAnswers, ToolQuestion, ToolQuestionItem } from '../tool/question.ts'

/** An interrupt that waits. */
type Waiting = Pick<Interrupt, 'value'> & { readonly id: string }

const MAX_TEXT = 4000
const MAX_TITLE = 200
const TYPES: readonly unknown[] = ['text', 'number', 'boolean', 'choice', 'multiple_choice']

/**
 * The question to a person behind the interrupts of a graph, an item for each. The value of an interrupt is its text;
 * a map may have `text`, and the `type` and `options` of the answer, in the words of questions of pipelines.
 */
export function questionOfGraph(tool: string, interrupts: readonly Waiting[]): ToolQuestion {
  const items = interrupts.map(itemOf)
  const title = clip(`${tool} asks: ${items.map(({ text }) => text).join(' ')}`, MAX_TITLE)
  return { title, items, state: null, repeats: true }
}

function itemOf({ id, value }: Waiting): ToolQuestionItem {
  const { text, question, type, options } = isJsonObject(value) ? value : ({} as { readonly [key: string]: Json })
  const said = [text, question, value].find((one) => typeof one === 'string') ?? JSON.stringify(value ?? null)
  const about = { id, text: clip(`${said}`, MAX_TEXT), required: true }
  if (Array.isArray(options)) return { ...about, type: type === 'multiple_choice' ? type : 'choice', options }
  const isKnown = TYPES.includes(type) && type !== 'choice' && type !== 'multiple_choice'
  return { ...about, type: isKnown ? (type as ToolQuestionItem['type']) : 'text' }
}

/** The interrupts of tasks by their state: those that the answers are for, and those that still wait for a person. */
export function sortInterrupts(
  tasks: readonly { readonly interrupts: readonly Interrupt[] }[],
  answers: ToolAnswers = {},
): { readonly resume: ToolAnswers; readonly open: readonly Waiting[] } {
  const waiting = tasks.flatMap(({ interrupts }) => interrupts).filter((one): one is Waiting => one.id !== undefined)
  const answered = waiting.filter(({ id }) => Object.hasOwn(answers, id))
  return {
    resume: Object.fromEntries(answered.map(({ id }) => [id, answers[id]!])),
    open: waiting.filter(({ id }) => !Object.hasOwn(answers, id)),
  }
}
