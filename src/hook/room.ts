/**
 * Webhooks that come in: a signed request of another service starts a run or a goal, or signals a run. A hook is
 * defined in antiphon.yaml or in the program, with its signature, its secret and the owner of its work. Use one where
 * another service knows first that something happened.
 */

import type { Room } from '../house/room.ts'
import { DELIVERY_KIND, deliveryActor, NONCE_KIND, nonceActor } from './delivery.ts'
import { checkHooks } from './room/check.ts'
import { HOOKS } from './room/contract.ts'
import type { HookNeeds } from './room/needs.ts'
import { openHooks, viewHooks } from './room/open-port.ts'
import type { HooksPort, HooksView } from './room/port.ts'

export const hookRoom: Room<HooksPort, HooksView, HookNeeds> = {
  contract: HOOKS,
  actors: () => [deliveryActor(), nonceActor()],
  owns: [
    { kind: DELIVERY_KIND, place: 'deliveries' },
    { kind: NONCE_KIND, stays: "it holds a random text, which is nobody's" },
  ],
  open: openHooks,
  view: viewHooks,
  async begin(house) {
    await checkHooks(house)
    return undefined
  },
}
