import { ACTORS, DEAD_LETTERS } from '../contract/actors.ts'
import { CATALOGUE, TOOLS } from '../contract/catalogue.ts'
import { CACHE, SYSTEM } from '../contract/system.ts'
import type { Described } from '../house/describe.ts'
import { ROOMS, WORK_ROOMS } from './rooms.ts'

const { access, ...rooms } = ROOMS
const { pipeline, run, inbox, agent, thread } = WORK_ROOMS

/** Every operation over HTTP, in the order of the OpenAPI document. */
export const CONTRACT: readonly Described[] = [
  pipeline.contract,
  run.contract,
  inbox.contract,
  TOOLS,
  ...Object.values(rooms).map(({ contract }) => contract),
  thread.contract,
  agent.contract,
  CACHE,
  CATALOGUE,
  ACTORS,
  DEAD_LETTERS,
  access.contract,
  SYSTEM,
].flatMap((group): readonly Described[] => Object.values<Described>(group))
