/**
 * Operations on many runs: cancel, resume or fork up to 10,000 runs, by their ids or by a filter. An actor for each
 * records how far it is, so it continues after a kill. Use one for what a bad deploy or a bad input has left.
 */

import type { Room } from '../house/room.ts'
import { BULK_KIND, bulkActor } from './actor.ts'
import { BULKS } from './room/contract.ts'
import { type BulkNeeds, openBulks, viewBulks } from './room/open-port.ts'
import type { BulksPort, BulksView } from './room/port.ts'

export const bulkRoom: Room<BulksPort, BulksView, BulkNeeds & { resumeBulks(): Promise<void> }> = {
  contract: BULKS,
  actors: () => [bulkActor()],
  owns: [{ kind: BULK_KIND, place: 'operations on many runs' }],
  forgetOwner: async (port, owner, options) => ({ 'runs in operations': await port.forgetOwner(owner, options) }),
  open: openBulks,
  view: viewBulks,
  async begin(house) {
    await house.resumeBulks()
    return undefined
  },
  close: (port) => port.close(),
}
