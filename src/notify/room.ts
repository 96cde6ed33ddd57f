/**
 * Notices: signed messages to receivers outside, about work that waits for a person, is out of money or has ended. An
 * actor for each item and receiver sends the message until the receiver takes it. Use it where nobody looks at the
 * inbox all day. `onEnd` of a program is a receiver, too.
 */

import type { Room } from '../house/room.ts'
import { noticeActor } from './actor.ts'
import { HORIZONS, horizonActor } from './horizon.ts'
import { NOTICES_CONTRACT } from './room/contract.ts'
import type { NoticeNeeds } from './room/needs.ts'
import { openNotices } from './room/open-port.ts'
import type { NoticesPort } from './room/port.ts'

/** Notices: messages about work that waits for a person or has ended, an actor for each. */
export const noticeRoom: Room<NoticesPort, NoticesPort, NoticeNeeds> = {
  contract: NOTICES_CONTRACT,
  actors(_config, house) {
    const deliver = async () => (await import('./room/deliver.ts')).deliveryOf(house()).deliver
    return [noticeActor(async (notice, signal) => (await deliver())(notice, signal)), horizonActor()]
  },
  owns: [
    { kind: 'notice', place: 'notices' },
    { kind: HORIZONS.failed.kind, stays: 'it holds a time, and no item' },
  ],
  open: openNotices,
  async begin(house) {
    if (!house.config.notify?.length && !house.onEnd) return undefined
    return (await import('./room/watch.ts')).watchWaiting(house)
  },
}
