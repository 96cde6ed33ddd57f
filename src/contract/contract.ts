import { AUDIT, KEYS, LINKS } from './access.ts'
import { ACTORS, DEAD_LETTERS } from './actors.ts'
import { ASKS } from './asks.ts'
import { BUDGETS } from './budgets.ts'
import { CATALOGUE, TOOLS } from './catalogue.ts'
import { ENVIRONMENTS } from './environments.ts'
import { GOALS, PLAYBOOKS } from './goals.ts'
import type { Contract } from './operation.ts'
import { PIPELINES, UPLOADS } from './pipelines.ts'
import { RUNS } from './runs.ts'
import { CACHE, SYSTEM } from './system.ts'
import { THREADS } from './threads.ts'

/** Every operation over HTTP, in the order of the OpenAPI document. */
export const CONTRACT: readonly Contract[] = [
  PIPELINES,
  UPLOADS,
  RUNS,
  TOOLS,
  GOALS,
  PLAYBOOKS,
  ENVIRONMENTS,
  THREADS,
  ASKS,
  BUDGETS,
  CACHE,
  CATALOGUE,
  ACTORS,
  DEAD_LETTERS,
  LINKS,
  KEYS,
  AUDIT,
  SYSTEM,
].flatMap((group): readonly Contract[] => Object.values(group))
