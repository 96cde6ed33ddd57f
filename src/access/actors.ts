import type { Actor } from '../kernel/types.ts'
import { auditActor } from './audit.ts'
import { keyActor } from './key.ts'

/** The kinds `api-key` and `audit`: who may ask, and who has. */
export function accessActors(): Actor[] {
  return [keyActor(), auditActor()]
}
