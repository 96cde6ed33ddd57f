import { type Agent, partsOfAgent } from '../../agent/definition/agent-value.ts'
import type { AgentDefinition } from '../../agent/definition/definition.ts'
import { readOutput } from '../../agent/definition/output-schema.ts'
import type { MessageReply } from '../../agent/room/conversation/port.ts'

type Completed = Extract<MessageReply, { readonly status: 'completed' }>
type NotCompleted = Exclude<MessageReply, Completed>

// interfaces, because messages of the compiler show them by their names

/** A completed message: its answer as a text. */
interface AnswerReply extends Omit<Completed, 'output'> {}

/** A completed message of an agent with an `output`. */
interface OutputReply<Output> extends AnswerReply {
  readonly output: Output
  /**
   * the agent has another `output` by now, and this answer does not fit it, in a sentence: `output` is the value as it
   * was recorded, or undefined when the answer was a text
   */
  readonly outdated?: string
}

/** A completed message of an agent that may have an `output`. */
interface AnyReply extends Completed {
  readonly outdated?: string
}

/**
 * How a message stands, by `status`. `Output` is the type of the agent's answers: a completed message of an agent with
 * an `output` has the value as `output`, and one of any other agent has only the text `answer`.
 */
export type Reply<Output = unknown> =
  | ([Output] extends [never] ? AnswerReply : unknown extends Output ? AnyReply : OutputReply<Output>)
  | NotCompleted

/** An agent by its name, as a definition, or as a value with the type of its answers. */
export type AgentWith<Output> = string | AgentDefinition | Agent<Output>

/**
 * Reads the replies of an agent. Its schema makes the output. A completed message stays completed: the answer was
 * checked when it was given, and an agent that has another schema by now does not refuse it.
 */
export function replyReader<Output>(agent: AgentWith<Output>): (reply: MessageReply) => Promise<Reply<Output>> {
  const parts = partsOfAgent(agent)
  const hasOutput = parts?.output !== undefined || parts?.fields.output !== undefined
  const { output: schema } = parts ?? {}
  return async (reply) => {
    if (reply.status !== 'completed' || !hasOutput) return reply as Reply<Output>
    const { output } = reply
    if (output === undefined) return { ...reply, outdated: 'The answer is a text.' } as Reply<Output>
    const read = schema ? await readOutput(schema, output) : { value: output }
    if ('value' in read) return { ...reply, output: read.value } as Reply<Output>
    return { ...reply, outdated: `The answer does not fit the present output: ${read.wrong}.` } as Reply<Output>
  }
}
