import { hash } from 'node:crypto'
import { z } from 'zod'

/** The reasons for a notice that a receiver without `events` gets. */
export const USUAL_EVENTS = ['approval', 'question', 'failed', 'budget'] as const
/** The reasons for a notice, as `events` of a receiver names them. */
export const NOTICE_EVENTS = [...USUAL_EVENTS, 'completed', 'cancelled'] as const
export type NoticeEvent = (typeof NOTICE_EVENTS)[number]

/** The reasons for a notice about work that has ended. */
export const END_EVENTS = ['completed', 'failed', 'cancelled'] as const
export type EndEvent = (typeof END_EVENTS)[number]
export const isEndEvent = (event: unknown): event is EndEvent => END_EVENTS.some((one) => one === event)

const text = z.string().max(2000)

/** The facts of a notice: ids and names, and never arguments, prompts or answers. Times in ms since the epoch. */
export const noticeItem = z.object({
  /** names the item: the same in each process and on each node */
  id: z.string().length(32),
  event: z.enum(NOTICE_EVENTS),
  /** the kind of the inbox item, or `run`, `goal` or `ask` for work that has ended */
  kind: z.string().max(100),
  owner: text,
  since: z.number(),
  until: z.number().exactOptional(),
  run: text.exactOptional(),
  step: text.exactOptional(),
  /** the signal that answers it; absent: no signal does */
  signal: text.exactOptional(),
  pipeline: text.exactOptional(),
  goal: text.exactOptional(),
  agent: text.exactOptional(),
  /** the conversation or thread */
  thread: text.exactOptional(),
  ask: text.exactOptional(),
  /** the proposed fact */
  record: text.exactOptional(),
  /** the error code of work that has failed or was cancelled */
  code: text.exactOptional(),
  /** ms from the start of ended work to its end */
  duration: z.number().exactOptional(),
  /** the dollars that its models took, as far as they are known */
  cost: z.number().exactOptional(),
})
export type NoticeItem = z.infer<typeof noticeItem>

/** The id of an item: a hash of what tells it from all others. */
export function noticeId(identity: readonly (string | number)[]): string {
  return hash('sha256', JSON.stringify(identity)).slice(0, 32)
}

/** The name of a receiver in keys of actors. Its address may be a secret, and is stored nowhere. */
export const receiverId = (url: string): string => hash('sha256', url).slice(0, 8)

/** The address of a notice: one actor for each item and receiver, so there is one notice on a cluster, too. */
export const noticeRef = (item: string, receiver: string) => ({ kind: 'notice', key: `${receiver}.${item}` })

/** Work that has ended, as `onEnd` of a program gets it. */
export type EndedWork = {
  readonly status: EndEvent
  readonly kind: 'run' | 'goal' | 'ask'
  /** of the run, goal or ask */
  readonly id: string
  /** of the pipeline, the workflow or the agent; of an ask: its thread */
  readonly name: string
  readonly owner: string
  /** ms since the epoch */
  readonly endedAt: number
  /** ms from its start to its end, with the time that it waited */
  readonly duration: number
  /** the dollars that its models took; absent: not known */
  readonly cost?: number
  /** the code of its error, if it has failed or was cancelled */
  readonly code?: string
}

/** Called when work has ended and that is on disk. What it throws is tried again. */
export type OnEnd = (work: EndedWork) => void | Promise<void>

export function endedWorkOf({ event, kind, owner, since, duration = 0, cost, code, ...item }: NoticeItem): EndedWork {
  return {
    status: event as EndEvent,
    kind: kind as EndedWork['kind'],
    id: item.run ?? item.goal ?? item.ask ?? '',
    name: item.pipeline ?? item.agent ?? item.thread ?? '',
    owner,
    endedAt: since,
    duration,
    ...(cost !== undefined && { cost }),
    ...(code !== undefined && { code }),
  }
}
