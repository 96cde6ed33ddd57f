import { nameOf } from '../../kernel/ref.ts'
import type { NoticeState } from '../actor.ts'
import { type Delivery, deliveryOf } from './deliver.ts'
import type { NoticeHouse } from './needs.ts'
import type { NoticeDocument, NoticesPort } from './port.ts'
import { PROGRAM } from './receivers.ts'

export function openNotices(house: NoticeHouse): NoticesPort {
  const { view } = house.engine
  return {
    async list() {
      const found: NoticeDocument[] = []
      for (const status of ['pending', 'failed'])
        for (const { key } of await view.list('notice', { where: { status }, sort: 'since' })) {
          const of = { kind: 'notice', key }
          const state = (await view.peek(of)) as NoticeState | null | undefined
          if (state && state.status !== 'delivered') found.push(documentOf(nameOf(of), state, deliveryOf(house)))
        }
      return found.toSorted((a, b) => a.since - b.since)
    },
    async test() {
      const { receivers, tryOut } = deliveryOf(house)
      return Promise.all([...receivers.values()].map(tryOut))
    },
  }
}

const GONE = 'not in antiphon.yaml any more'

function documentOf(id: string, state: NoticeState, { receivers }: Delivery): NoticeDocument {
  const { item, attempts, isReminder, problem, status } = state
  return {
    id,
    status: status === 'failed' ? 'failed' : 'pending',
    receiver: state.receiver === PROGRAM ? 'the program' : (receivers.get(state.receiver)?.origin ?? GONE),
    event: item.event,
    about: item.run ?? item.goal ?? item.ask ?? '',
    owner: item.owner,
    since: item.since,
    attempts,
    ...(isReminder && { reminder: true as const }),
    ...(problem && { problem }),
  }
}
