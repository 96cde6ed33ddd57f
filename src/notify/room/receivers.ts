import { type NoticeEvent, receiverId, USUAL_EVENTS } from '../item.ts'
import type { Receiver } from '../settings.ts'
import type { NoticeNeeds } from './needs.ts'

export type KnownReceiver = Receiver & {
  readonly id: string
  /** the address without its path, which may be a secret */
  readonly origin: string
  readonly wants: ReadonlySet<NoticeEvent>
}

/** The id of the receiver that is the program itself. An address has another form of id. */
export const PROGRAM = 'program'

/** The receivers of a configuration, by id. */
export function receiversIn({
  notify = [],
}: Pick<NoticeNeeds['config'], 'notify'>): ReadonlyMap<string, KnownReceiver> {
  const all = notify.map((receiver): [string, KnownReceiver] => {
    const { url, events = USUAL_EVENTS } = receiver
    const id = receiverId(url)
    return [id, { ...receiver, id, origin: new URL(url).origin, wants: new Set(events) }]
  })
  return new Map(all)
}
