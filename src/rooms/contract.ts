import { AGENTS } from '../agent/room/agents/contract.ts'
import { CONVERSATIONS } from '../agent/room/conversation/contract.ts'
import { GOALS } from '../agent/room/goals/contract.ts'
import { ACTORS, DEAD_LETTERS } from '../contract/actors.ts'
import { CATALOGUE, TOOLS } from '../contract/catalogue.ts'
import { PIPELINES, UPLOADS } from '../contract/pipelines.ts'
import { RUNS } from '../contract/runs.ts'
import { CACHE, SYSTEM } from '../contract/system.ts'
import type { Described } from '../house/describe.ts'
import { ASKS } from '../thread/room/asks-contract.ts'
import { THREADS } from '../thread/room/threads-contract.ts'
import { ROOMS } from './rooms.ts'

const { access, ...rooms } = ROOMS

/** Every operation over HTTP, in the order of the OpenAPI document. */
export const CONTRACT: readonly Described[] = [
  PIPELINES,
  UPLOADS,
  RUNS,
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
