import { AGENTS } from '../agent/room/agents/contract.ts'
import { CONVERSATIONS } from '../agent/room/conversation/contract.ts'
import { GOALS } from '../agent/room/goals/contract.ts'
import { ACTORS, DEAD_LETTERS } from '../contract/actors.ts'
import { CATALOGUE, TOOLS } from '../contract/catalogue.ts'
import { APPROVALS, INBOX } from '../contract/inbox.ts'
import { CACHE, SYSTEM } from '../contract/system.ts'
import type { Described } from '../house/describe.ts'
import { CHANGES, PIPELINES, UPLOADS } from '../pipeline/room/contract.ts'
import { RUN_STEERING, RUNS } from '../run/room/contract.ts'
import { ASKS } from '../thread/room/asks-contract.ts'
import { THREADS } from '../thread/room/threads-contract.ts'
import { ROOMS } from './rooms.ts'

const { access, ...rooms } = ROOMS

/** Every operation over HTTP, in the order of the OpenAPI document. */
export const CONTRACT: readonly Described[] = [
  PIPELINES,
  UPLOADS,
  RUNS,
  APPROVALS,
  CHANGES,
  RUN_STEERING,
  INBOX,
  TOOLS,
  AGENTS,
  GOALS,
  ...Object.values(rooms).map(({ contract }) => contract),
  THREADS,
  ASKS,
  CONVERSATIONS,
  CACHE,
  CATALOGUE,
  ACTORS,
  DEAD_LETTERS,
  access.contract,
  SYSTEM,
].flatMap((group): readonly Described[] => Object.values<Described>(group))
