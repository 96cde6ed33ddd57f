/**
 * Access control: API keys with their scopes, logins by wallet, sessions of browsers, links for people without a key,
 * the audit, and the idempotency keys of requests, each an actor. Use it to decide what a caller may do. The rules for
 * single runs, goals and threads are in `http/authorize/`.
 */

import { ACT_KIND } from '../house/act.ts'
import type { Room } from '../house/room.ts'
import { keyActor } from './api-key.ts'
import { actActor, auditActor } from './audit.ts'
import { requestActor } from './idempotency.ts'
import { linkActor } from './link.ts'
import { LOGIN_KIND, loginActor } from './login.ts'
import { ACCESS_CONTRACT } from './room/contract.ts'
import { type AccessNeeds, forgetKnown, openAccess } from './room/open-port.ts'
import type { AccessPort, AccessView } from './room/port.ts'
import { sessionActor } from './session.ts'

export const accessActors = () => [
  ...[keyActor(), loginActor(), sessionActor(), linkActor(), requestActor(), auditActor(), actActor()],
]

export const accessRoom: Room<AccessPort, AccessView, AccessNeeds> = {
  contract: ACCESS_CONTRACT,
  actors: accessActors,
  ownsFirst: [
    // a login makes keys
    { kind: LOGIN_KIND, place: 'logins by wallet', isKeyedByOwner: true },
    { kind: 'api-key', place: 'keys' },
    { kind: 'session', place: 'sessions of browsers' },
    { kind: 'link', place: 'links' },
  ],
  owns: [
    { kind: 'request', place: 'idempotency keys' },
    { kind: ACT_KIND, place: 'days of acts' },
    { kind: 'audit', stays: 'it says who did what, until its days are over; each report names it' },
  ],
  open: openAccess,
  // the actors of its keys are gone, and this process may remember them
  async forgetOwner(port, _, { dryRun }) {
    if (!dryRun) forgetKnown(port)
    return {}
  },
}
