import { problemOf, TerminalError } from '../../errors.ts'
import type { Json, Schema } from '../../kernel/schema.ts'
import { contextHere } from '../../tool/once/call-parts.ts'
import type { CallContext, Tool } from '../../tool/tool.ts'

/** An answer of a stub: a value that it returns, an error that it throws, or a function that it runs. */
export type StubAnswer<Input, Output> =
  | Output
  | Error
  | ((input: Input, context: CallContext) => Output | Promise<Output>)

/** A call that a stub got, and how it ended. `idempotencyKey` is the same for all attempts at one call. */
export type StubCall<Input> = {
  readonly input: Input
  readonly idempotencyKey: string
  readonly result?: Json
  readonly error?: string
}

const STUB = Symbol.for('antiphon.stub')

/** A tool that replaces another one in tests. */
export interface StubbedTool<Input = unknown, Output extends Json = Json> extends Tool<Input, Output> {
  /** the calls of all tests with this stub, in the order in which they began */
  readonly calls: readonly StubCall<Input>[]
  readonly [STUB]: StubParts
}

type StubParts = {
  /** whether only its name is given: the replaced tool says the rest */
  readonly isNamed: boolean
  /** An `execute` that begins with the first answer. */
  begin(): Tool['execute']
}

const anything: Schema<unknown> = {
  '~standard': { version: 1, vendor: 'antiphon', validate: (value) => ({ value }) },
}

/**
 * A tool that replaces the one of its name in a test, and records its calls. Call n gets answer n; the last answer
 * stands for all later ones. The parameters are checked by the schema of the tool, and its effect, its approvals and
 * `once` are those of the tool.
 */
export function stubTool<Input, Output extends Json>(
  tool: Tool<Input, Output>,
  ...answers: readonly StubAnswer<Input, Output>[]
): StubbedTool<Input, Output>
export function stubTool(name: string, ...answers: readonly StubAnswer<Json, Json>[]): StubbedTool<Json, Json>
export function stubTool(
  given: Tool | string,
  ...answers: readonly StubAnswer<never, Json>[]
): StubbedTool<never, Json> {
  const calls: StubCall<never>[] = []
  const isNamed = typeof given === 'string'
  const tool: Tool = isNamed
    ? { name: given, description: `a stub of ${given}`, input: anything, effect: 'idempotent', execute: () => null }
    : given
  const begin = (): Tool['execute'] => {
    let made = 0
    return async (input: never, context: CallContext) => {
      const place = calls.push({ input, idempotencyKey: context.idempotencyKey }) - 1
      const answer = answers[Math.min(made++, answers.length - 1)]
      try {
        const result = await answerOf(tool, answer, input, context)
        calls[place] = { ...calls[place]!, result }
        return result
      } catch (error) {
        calls[place] = { ...calls[place]!, error: problemOf(error).message }
        throw error
      }
    }
  }
  const direct = begin()
  return Object.assign(Object.create(tool) as Tool, {
    calls,
    [STUB]: { isNamed, begin },
    // called without a runtime, it gets a `once` that keeps nothing
    execute: (input: never, context: CallContext) =>
      direct(input, 'once' in context ? context : contextHere(context, tool)),
  }) as unknown as StubbedTool<never, Json>
}

async function answerOf(
  { name }: Tool,
  answer: StubAnswer<never, Json> | undefined,
  input: never,
  context: CallContext,
): Promise<Json> {
  if (answer === undefined)
    throw new TerminalError(`The stub of ${name} has no answer.`, {
      code: 'tool_failed',
      hint: `Give it one: stubTool(${name}, { done: true }).`,
    })
  if (answer instanceof Error) throw answer
  return typeof answer === 'function' ? answer(input, context) : answer
}

/** The parts of a stub, also across copies of this package; undefined for any other tool. */
export const partsOfStub = (tool: Tool): StubParts | undefined =>
  STUB in tool ? (tool as StubbedTool)[STUB] : undefined
