import type { MessageReply } from '../../../../agent/room/conversation/port.ts'
import type { FollowedEvent } from '../../../../house/describe.ts'
import type { Json } from '../../../../kernel/json.ts'
import type { Session } from '../../../connect/session.ts'
import { type LiveView, viewGoal } from '../../../render/live-view.ts'
import type { Terminal } from '../../../terminal/terminal.ts'
import { sayOnward, sayWhoAnswers, watchGoal } from '../../agent/follow-goal.ts'
import type { GrowingAnswer } from './growing-answer.ts'

type ShownConversation = {
  readonly terminal: Terminal
  readonly session: Session
  readonly conversation: string
  /** the goals that were shown: one may answer several messages */
  readonly goals: Set<string>
  /** At a terminal: shows the answer while it grows. */
  readonly growing?: GrowingAnswer
  /** At a terminal: stops the reading of messages while an approval is asked. A reply that waits is awaited. */
  readonly pauses?: Pick<LiveView, 'hold' | 'release'>
}

/** Shows the goals that answer a message; resolves with its reply, or `waiting` for a person without a terminal. */
export async function followMessage(shown: ShownConversation, id: string): Promise<MessageReply> {
  const { session, conversation, goals, pauses } = shown
  const { client, signal } = session
  for await (const { body } of client.threads.askEvents(conversation, id, { signal })) {
    const goal = goalIn(body)
    if (goal === undefined || goals.has(goal)) continue
    goals.add(goal)
    if (!(await showGoal(shown, goal)) && !pauses) break
  }
  return client.conversations.get(conversation, id)
}

function goalIn(body: FollowedEvent['body']): string | undefined {
  const event = body as { readonly type: string; readonly goal?: string }
  return event.type === 'ask-goal' ? event.goal : undefined
}

/** Shows a goal until it has ended; false: it waits for a person elsewhere. */
async function showGoal({ terminal, session, growing, pauses }: ShownConversation, goal: string): Promise<boolean> {
  const { client, signal } = session
  const whole = await viewGoal(terminal, client, { id: goal, opening: 'begins' })
  const take = (body: Json) => whole.take(growing ? growing.take(body) : body)
  const view = { ...whole, take, ...pauses }
  signal.addEventListener('abort', view.close, { once: true })
  const end = await watchGoal({ terminal, session, view }, goal, false).finally(view.close)
  if (end === 'over' || signal.aborted) return true
  const exit = pauses ? '' : ' (exit code 1)'
  if (typeof end === 'object') sayWhoAnswers(terminal, session, end.asks, exit)
  sayOnward(terminal, session, await client.goals.get(goal), exit)
  return false
}

/** Prints a reply: the answer, or all of it as a line of JSON. The view of its goal has shown why it has none. */
export function printReply(terminal: Terminal, reply: MessageReply, json: boolean): void {
  if (json) terminal.jsonLine(reply)
  else if (reply.status === 'completed' && reply.output !== undefined) terminal.json(reply.output)
  else if (reply.status === 'completed') terminal.out(reply.answer)
  else if ('problem' in reply && reply.goal === undefined) terminal.say(`${reply.status}: ${reply.problem.message}`)
}
