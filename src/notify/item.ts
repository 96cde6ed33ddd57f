import { hash } from 'node:crypto'
import { z } from 'zod'

/** The reasons for a notice, as `events` of a receiver names them. */
export const NOTICE_EVENTS = ['approval', 'question', 'failed', 'budget'] as const
export type NoticeEvent = (typeof NOTICE_EVENTS)[number]

const text = z.string().max(2000)

/** The facts of a notice: ids and names, and never arguments, prompts or answers. Times in ms since the epoch. */
export const noticeItem = z.object({
  /** names the item: the same in each process and on each node */
  id: z.string().length(32),
  event: z.enum(NOTICE_EVENTS),
  /** the kind of the inbox item, or `run`, `goal` or `ask` for work that has failed */
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
  /** the error code of work that has failed */
  code: text.exactOptional(),
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
