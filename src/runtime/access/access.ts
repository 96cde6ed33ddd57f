import type { Clock, Engine } from '../../engine/engine.ts'
import type { AccessPort } from '../ports/access.ts'
import { runtimeAudit } from './audit.ts'
import { runtimeKeys } from './keys.ts'
import { type LinkedRuns, runtimeLinks } from './links.ts'

type Parts = { readonly engine: Engine; readonly clock: Clock; readonly runs: LinkedRuns }

/** Keys, links and the audit of a runtime. */
export function createAccessPort({ engine, clock, runs }: Parts): AccessPort {
  return {
    keys: runtimeKeys({ engine, clock }),
    links: runtimeLinks({ engine, clock, runs }),
    audit: runtimeAudit({ engine, clock }),
  }
}
