/**
 * The types of events as a user meets them. Nothing here runs. Each line below `@ts-expect-error` is wrong, and must not compile.
 */
import type {
  App,
  ChainEvent,
  Conversation,
  ConversationEvent,
  FollowedGoalEvent,
  FollowedRunEvent,
  GoalDelta,
  GoalEvent,
  RunEvent,
} from 'antiphon'
import type { Client } from 'antiphon/client'

export async function follow(chat: Conversation): Promise<string> {
  for await (const { cursor, goal, live, body } of chat.stream({ after: '12.3' })) {
    if (body.type === 'text-delta') return `${live} ${body.round satisfies number} ${body.text.trim()}`
    if (body.type === 'round') return body.calls.map(({ tool, step = '' }) => tool + step).join()
    if (body.type === 'round-end') return body.results.map(({ tool, outcome }) => tool + outcome).join()
    if (body.type === 'goal-needs')
      return `${body.title} ${body.run?.trim()} ${body.signal?.trim()} ${body.goal?.trim()}`
    if (body.type === 'ask-goal') return body.goal + body.agent + goal
    if (body.type === 'ask-end') return body.problem?.message ?? body.status + cursor
    if (body.type === 'phase-end') return body.phase
    if (body.type === 'deltas-lost') return String(body.count)
    if (body.type === 'goal-end' && body.status === 'completed') return body.answer ?? body.needs.join()
  }
  return ''
}

export function wrongFollow({ body }: ConversationEvent): void {
  // @ts-expect-error a type that does not exist
  if (body.type === 'goal-call') return
  // @ts-expect-error only some events have a text
  body.text
  // @ts-expect-error an ask has a status when it has ended
  if (body.type === 'ask-start') body.status
  // @ts-expect-error a call that the goal answers itself has no step
  if (body.type === 'round') body.calls.map(({ step }) => step.trim())
  // @ts-expect-error another goal may wait, and no run
  if (body.type === 'goal-needs') body.run.trim()
  // @ts-expect-error an answer may be absent
  if (body.type === 'goal-end') body.answer.trim()
  // @ts-expect-error an event is what was recorded
  if (body.type === 'round') body.text = ''
}

export async function run(app: App<'audit'>, client: Client): Promise<void> {
  await app.run('audit', {
    onEvent({ n, body }) {
      if (body.type === 'step-end') n?.toFixed() ?? body.problem?.message ?? body.ms.toFixed()
      if (body.type === 'signal-wait') body.signal.trim()
      if (body.type === 'run-end') body.done.toFixed()
      if (body.type === 'step-retry') body.delay.toFixed()
      // @ts-expect-error a type that does not exist
      if (body.type === 'step-stop') return
      // @ts-expect-error a step that has begun has no duration
      if (body.type === 'step-start') body.ms
      // @ts-expect-error a step that has completed has no problem
      if (body.type === 'step-end') body.problem.message
    },
  })
  for await (const event of client.runs.events('r')) event satisfies FollowedRunEvent
  for await (const { body } of client.goals.events('g')) if (body.type === 'hand-off') body.goal.trim()
  for await (const { body } of app.goals.events('g')) body satisfies FollowedGoalEvent['body']
  for await (const { n, body } of app.runtime?.runs.events('r') ?? []) [n.toFixed(), body satisfies RunEvent]
  for await (const { body } of app.conversations.events('c')) body satisfies ConversationEvent['body']
}

/** Each durable type, so that an editor can complete a table of them. */
export const TITLES: { readonly [Type in (ChainEvent | GoalEvent | GoalDelta)['type']]?: string } = {
  'goal-start': 'begins',
  'hand-off': 'hands over',
  'ask-end': 'ends',
  // @ts-expect-error a type that does not exist
  'goal-stop': 'stops',
}
