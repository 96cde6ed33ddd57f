import { AGENTS } from '../agent/room/agents-contract.ts'
import { ACTORS, DEAD_LETTERS } from '../contract/actors.ts'
import { ASKS } from '../contract/asks.ts'
import { CATALOGUE, TOOLS } from '../contract/catalogue.ts'
import { CONVERSATIONS } from '../contract/conversations.ts'
import { GOALS } from '../contract/goals.ts'
import { PIPELINES, UPLOADS } from '../contract/pipelines.ts'
import { RUNS } from '../contract/runs.ts'
import { CACHE, SYSTEM } from '../contract/system.ts'
import { THREADS } from '../contract/threads.ts'
import type { Described } from '../house/describe.ts'
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
