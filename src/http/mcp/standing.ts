import type { CallToolResult } from '@modelcontextprotocol/server'
import type { GoalEvent } from '../../agent/protocol/goal-event.ts'
import type { RunEvent } from '../../run/event.ts'
import type { Client } from '../client/client.ts'
import { ownerGone } from '../client/transport/errors.ts'
import { type CallWork, itemsBelow, readWork, type WorkItem } from './work.ts'

/** Work that ended, that waits for people, or that still goes on when the patience is over. */
type Standing =
  | { readonly type: 'ended'; readonly result: CallToolResult }
  | { readonly type: 'waits'; readonly items: readonly WorkItem[] }
  | { readonly type: 'works' }

/** `tell` is given words about how far the work got. `patience`: ms to wait at most; absent: as long as it takes. */
type Watch = {
  readonly signal: AbortSignal
  tell(words: string): Promise<void>
  readonly patience?: number
}

/** Waits until a run or a goal ends, or until it, or work below it, waits for a person. */
export async function standingOf(client: Client, work: CallWork, watch: Watch): Promise<Standing> {
  const { signal, tell, patience } = watch
  await tell(`The ${work.kind} is ${work.id}.`)
  const impatient = patience === undefined ? [] : [AbortSignal.timeout(patience)]
  const isOver = () => impatient.some(({ aborted }) => aborted) && !signal.aborted
  try {
    const within = { tell, signal: AbortSignal.any([signal, ...impatient]) }
    const rest = await (work.kind === 'goal' ? followGoal : followRun)(client, work.id, within)
    const { result } = rest?.type === 'ended' ? await readWork(client, work.id) : NOT_ENDED
    if (result) return { type: 'ended', result }
    if (rest?.type === 'waits') return rest
  } catch (error) {
    if (!isOver()) throw error
  }
  signal.throwIfAborted()
  if (isOver()) return { type: 'works' }
  throw ownerGone()
}

const NOT_ENDED: { readonly result?: CallToolResult } = {}

/** The end of the followed work, or the people that it waits for; undefined: it has no further events. */
type Rest = { readonly type: 'ended' } | Extract<Standing, { readonly type: 'waits' }> | undefined
type Follow = (client: Client, id: string, watch: Omit<Watch, 'patience'>) => Promise<Rest>

const followRun: Follow = async (client, run, { signal, tell }) => {
  for await (const { n, body } of client.runs.events(run, { signal })) {
    if (n === undefined) continue
    const event = body as RunEvent
    if (event.type === 'run-end') return { type: 'ended' }
    if (event.type === 'step-end') await tell(`${event.step} has ended.`)
    if (event.type !== 'signal-wait' && event.type !== 'goal-wait') continue
    // an earlier wait may be over by now
    const items =
      event.type === 'goal-wait'
        ? await ownItems(client, event.goal)
        : (await client.inbox.list({ run: event.run ?? run })).filter(isForPeople)
    if (items.length > 0) return { type: 'waits', items }
  }
  return undefined
}

const followGoal: Follow = async (client, goal, watch) => {
  for await (const { n, body } of client.goals.events(goal, { signal: watch.signal })) {
    if (n === undefined) continue
    const event = body as GoalEvent
    if (event.type === 'goal-end') return { type: 'ended' }
    if (event.type === 'round-end') await watch.tell(`Round ${event.round} has ended.`)
    const rest = await restBelow(client, goal, event, watch)
    if (rest?.type === 'waits') return rest
  }
  return undefined
}

/** Follows what an event of a goal began. */
async function restBelow(
  client: Client,
  goal: string,
  event: GoalEvent,
  watch: Omit<Watch, 'patience'>,
): Promise<Rest> {
  if (event.type === 'hand-off') return followGoal(client, event.goal, watch)
  if (event.type === 'playbook') return followRun(client, event.run, watch)
  if (event.type === 'round' && event.calls.some(({ step }) => step !== undefined))
    return followRun(client, `${goal}.${event.round}`, watch)
  if (event.type !== 'goal-wait' && event.type !== 'goal-pause') return undefined
  const items = await ownItems(client, goal)
  return items.length > 0 ? { type: 'waits', items } : undefined
}

/** Work that waits for its provider or for its code continues without an answer. */
const isForPeople = ({ kind }: WorkItem) => kind !== 'provider' && kind !== 'code'

/** The wait of a goal itself. */
async function ownItems(client: Client, goal: string): Promise<readonly WorkItem[]> {
  return (await itemsBelow(client, { kind: 'goal', id: goal })).filter((item) => 'goal' in item && item.goal === goal)
}
