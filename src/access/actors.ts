import type { Actor } from '../kernel/types.ts'
import { keyActor } from './api-key.ts'
import { auditActor } from './audit.ts'
import { requestActor } from './idempotency.ts'
import { linkActor } from './link.ts'

/** The actors of access control: API keys, links, idempotency requests and the audit. */
export function accessActors(): Actor[] {
  return [keyActor(), linkActor(), requestActor(), auditActor()]
}
