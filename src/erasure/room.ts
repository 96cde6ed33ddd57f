/**
 * Erasures of owners: keys, work and everything that the data folder holds of an owner, removed for good. A room says
 * by `owns` and `forgetOwner` what it holds. Use `memory.forget` for single records.
 */

import type { Room } from '../house/room.ts'
import { ERASURE, erasureActor } from './actor.ts'
import { ERASURES_CONTRACT } from './room/contract.ts'
import type { ErasureNeeds, ErasuresPort, ErasuresView } from './room/open-port.ts'
import { openErasures, viewErasures } from './room/open-port.ts'

export const erasureRoom: Room<ErasuresPort, ErasuresView, ErasureNeeds & { resumeErasures(): Promise<void> }> = {
  contract: ERASURES_CONTRACT,
  actors: () => [erasureActor()],
  owns: [{ kind: ERASURE, stays: 'it names the owner only until everything of it is removed' }],
  open: openErasures,
  view: viewErasures,
  async begin(house) {
    await house.resumeErasures()
    return undefined
  },
  close: (port) => port.close(),
}
