import type { Actor } from '../kernel/types.ts'
import { keyActor } from './api-key.ts'
import { auditActor } from './audit.ts'
import { requestActor } from './idempotency.ts'
import { linkActor } from './link.ts'

/** The kinds `api-key`, `link`, `request` and `audit`: who may ask, who may answer, what was asked before, and by whom. */
export function accessActors(): Actor[] {
  return [keyActor(), linkActor(), requestActor(), auditActor()]
}
