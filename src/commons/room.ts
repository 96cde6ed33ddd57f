/**
 * The room of shared prompts: `runtime.priors`, and its operations. Asks share their prompts where antiphon.yaml says
 * `ledger: { sharing: public }`. The commons compares and copies them, and sends the rewards to the ledger.
 */

import type { Room } from '../house/room.ts'
import { scopeMissing } from '../house/scope.ts'
import { openMemories } from '../memory/room/open-port.ts'
import { COMMONS, commonsActor } from './actor.ts'
import { PRIORS_CONTRACT } from './room/contract.ts'
import { openPriors, type PriorNeeds } from './room/open-port.ts'
import type { PriorsPort, PriorsView } from './room/port.ts'
import { PUBLIC } from './share.ts'

export const commonsRoom: Room<PriorsPort, PriorsView, PriorNeeds> = {
  contract: PRIORS_CONTRACT,
  actors: ({ ledger }, house) => [commonsActor(() => openMemories(house())(PUBLIC), ledger?.sharing !== undefined)],
  owns: [{ kind: COMMONS.kind, stays: '`forgetOwner` removes what it holds of an owner' }],
  open: openPriors,
  view: (priors, { caller, isAdmin }) => {
    const own = isAdmin ? {} : { owner: caller.owner }
    const self = { owner: caller.owner }
    return {
      sharing: () => priors.sharing(self),
      setSharing: (agreed) => priors.setSharing(agreed, self),
      get: (id) => priors.get(id),
      forget: (id) => priors.forget(id, own),
      rewards: (ask) => priors.rewards(ask, own),
      recordCitation(request) {
        if (!isAdmin) throw scopeMissing('admin')
        return priors.recordCitation(request)
      },
    }
  },
  forgetOwner: async (priors, owner, options) => ({ 'shared prompts': await priors.forgetOwner(owner, options) }),
}
