import { is, TerminalError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'
import type { Tool, ToolContext } from './tool.ts'

/** A question of a tool to a person in the middle of a call. The run commits it with `state` and waits for the answer as long as it takes. */
export type ToolQuestion = {
  readonly title: string
  readonly items: readonly ToolQuestionItem[]
  /** passed back to `answer`; contains no secret */
  readonly state: Json
}

/** One value that a person is asked for. */
export type ToolQuestionItem = {
  readonly id: string
  readonly type: 'text' | 'number' | 'boolean' | 'choice' | 'multiple_choice'
  readonly text: string
  readonly options?: readonly Json[]
  readonly required: boolean
}

/** The answers by the ids of the items; null for an item without an answer. */
export type ToolAnswers = { readonly [id: string]: Json }

/** A tool that may ask. `answer` continues the call, and may ask again. */
export type AskingTool = Tool & {
  answer(input: unknown, state: Json, answers: ToolAnswers, context: ToolContext): Promise<Json>
}

const QUESTION = Symbol.for('antiphon.tool-question')

/** Thrown by a tool that asks. Where no run waits, it is an error like any other. */
export class QuestionError extends TerminalError {
  readonly [QUESTION]: ToolQuestion
  constructor(question: ToolQuestion) {
    super(`it asks a person, and only a run can wait for the answer: ${question.title}`, {
      code: 'question',
      hint: 'call it in a step of a pipeline',
    })
    this[QUESTION] = question
  }
}

/** The question of an error, also across copies of this package; undefined for any other error. */
export function questionOf(error: unknown): ToolQuestion | undefined {
  return is(error) && QUESTION in error ? (error as QuestionError)[QUESTION] : undefined
}

/** Whether a tool can continue after an answer. */
export const canAnswer = (tool: Tool): tool is AskingTool => 'answer' in tool && typeof tool.answer === 'function'
