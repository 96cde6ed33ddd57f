import type { Actor } from '../kernel/types.ts'
import { auditActor } from './audit.ts'
import { keyActor } from './key.ts'
import { linkActor } from './link.ts'

/** The kinds `api-key`, `link` and `audit`: who may ask, who may answer, and who has asked. */
export function accessActors(): Actor[] {
  return [keyActor(), linkActor(), auditActor()]
}
