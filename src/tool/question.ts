import { setTimeout as sleep } from 'node:timers/promises'
import { CancelledError, is, TerminalError } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import type { LookUpByTool, LookUpTexts } from './once/call-finding.ts'
import { contextHere, type HereContext } from './once/call-parts.ts'
import type { Tool, ToolContext } from './tool.ts'

/** A tool's question to a person during a call. The run commits it with `state` and waits as long as it takes. */
export type ToolQuestion = {
  readonly title: string
  readonly items: readonly ToolQuestionItem[]
  /** passed back to `answer`; contains no secret */
  readonly state: Json
  /**
   * the call is made again after the answer, and finds it in its context: the tool goes on where it asked. Absent:
   * `answer` continues the call, which must not be repeated
   */
  readonly repeats?: true
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

/**
 * Work that a tool has begun elsewhere and that is not over. The run commits it with `state`, and then looks again and
 * again by `answer`, with no answers, until there is a result. To look may be repeated.
 */
export type ToolWait = {
  /** contains no secret */
  readonly state: Json
  /** ms until the next look */
  readonly delay: number
}

/** A tool that may ask, or wait for work elsewhere. `answer` continues the call, and may ask or wait again. */
export type AskingTool = Tool & {
  answer(input: unknown, state: Json, answers: ToolAnswers, context: ToolContext): Promise<Json>
  /** another tool says whether a call of it took place */
  readonly lookedUpBy?: LookUpByTool & LookUpTexts
}

const ONLY_IN_RUNS = { code: 'question', hint: 'Call it in a step of a pipeline.' } as const

const QUESTION = Symbol.for('antiphon.tool-question')

/** Thrown by a tool that asks. Where no run waits, it is an error like any other. */
export class QuestionError extends TerminalError {
  readonly [QUESTION]: ToolQuestion
  constructor(question: ToolQuestion) {
    super(`it asks a person, and only a run can wait for the answer: ${question.title}`, ONLY_IN_RUNS)
    this[QUESTION] = question
  }
}

/** The question of an error, also across copies of this package; undefined for any other error. */
export function questionOf(error: unknown): ToolQuestion | undefined {
  return is(error) && QUESTION in error ? (error as QuestionError)[QUESTION] : undefined
}

const WAIT = Symbol.for('antiphon.tool-wait')

/** Thrown by a tool whose work goes on elsewhere. Where no run waits, it is an error like any other. */
export class ToolWaitError extends TerminalError {
  readonly [WAIT]: ToolWait
  constructor(wait: ToolWait) {
    super('its work goes on elsewhere, and only a run can wait for that', ONLY_IN_RUNS)
    this[WAIT] = wait
  }
}

/** The wait of the tool behind an error, also across copies of this package; undefined for any other error. */
export function waitOf(error: unknown): ToolWait | undefined {
  return is(error) && WAIT in error ? (error as ToolWaitError)[WAIT] : undefined
}

/** Whether a tool can continue after an answer. */
export const canAnswer = (tool: Tool): tool is AskingTool => 'answer' in tool && typeof tool.answer === 'function'

/** Calls a tool where no run waits for it: looks after its work elsewhere until that is over. */
export async function callHere(tool: Tool, input: unknown, outer: HereContext): Promise<Json> {
  const context = contextHere(outer, tool)
  let step = async (): Promise<Json> => tool.execute(input, context)
  for (;;) {
    try {
      return await step()
    } catch (error) {
      const wait = waitOf(error)
      if (!wait || !canAnswer(tool)) throw error
      await sleep(wait.delay, undefined, { signal: context.signal }).catch((cause) => {
        throw new CancelledError('The wait for its work elsewhere was cancelled.', { cause })
      })
      step = () => tool.answer(input, wait.state, {}, context)
    }
  }
}
