import type { MessageReply } from '../../agent/room/conversation/documents.ts'
import type { GoalDocument } from '../../agent/room/goals/documents.ts'
import { type Json, tryParse } from '../../kernel/json.ts'

/** A call of an agent, with the parameters that it was made with. */
export type TranscriptCall = {
  readonly tool: string
  readonly input: { readonly [name: string]: Json | undefined }
  readonly agent: string
  readonly round: number
  /** absent: it was not over */
  readonly outcome?: string
  /** what the model read of it */
  readonly result?: Json
  /** whether a tool made it: a goal answers some calls itself, and a person may reject one */
  readonly made: boolean
}

/** A message, and how it ended. `why` says why it failed or waits. */
export type TranscriptMessage = {
  readonly text: string
  readonly status: MessageReply['status']
  readonly answer?: string
  readonly output?: Json
  readonly why?: string
}

/** The messages, calls and costs of a case; its judge gets them. */
export type AgentTranscript = {
  readonly messages: readonly TranscriptMessage[]
  /** the calls of the agent and of those that it asked, in the order of their rounds */
  readonly calls: readonly TranscriptCall[]
  /** the status, the answer and the output of the last message that was sent */
  readonly status: MessageReply['status']
  readonly answer?: string
  readonly output?: Json
  readonly rounds: number
  /** the models that were paid, the most expensive first; if none cost anything, the id that the test names */
  readonly models: readonly string[]
  readonly tokens: number
  /** dollars */
  readonly cost: number
}

/** The transcript of messages that goals answered. `followed`: calls of playbooks. `models`: those that answered. */
export function transcriptOf(
  messages: readonly TranscriptMessage[],
  goals: readonly GoalDocument[],
  followed: readonly TranscriptCall[] = [],
  models: readonly string[] = [],
): AgentTranscript {
  const last = messages.at(-1)
  const rounds = goals.flatMap(({ agent, startedAt, rounds: own }) =>
    own.map((round) => ({ ...round, agent, at: round.at ?? startedAt })),
  )
  const calls = rounds
    .toSorted((one, other) => one.at - other.at)
    .flatMap(({ agent, round, calls: made }) =>
      made.map(({ tool, parameters, step, outcome, result }): TranscriptCall => {
        const ended = {
          ...(outcome !== undefined && { outcome }),
          ...(result !== undefined && { result: resultValue(result) }),
        }
        return {
          tool,
          input: parameters,
          agent,
          round,
          made: step !== undefined && outcome !== 'rejected' && outcome !== 'refused',
          ...ended,
        }
      }),
    )
  return {
    messages,
    calls: [...followed, ...calls],
    status: last?.status ?? 'waiting',
    ...(last?.answer !== undefined && { answer: last.answer }),
    ...(last?.output !== undefined && { output: last.output }),
    rounds: rounds.length,
    models,
    tokens: sum(goals.map(({ tokens }) => tokens)),
    cost: sum(goals.map(({ cost }) => cost)),
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

/** A goal keeps results as the text that its model reads. */
function resultValue(result: Json): Json {
  if (typeof result !== 'string' || !/^[[{]/.test(result)) return result
  return (tryParse(result) as Json | undefined) ?? result
}
