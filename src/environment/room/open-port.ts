import { z } from 'zod'
import type { NumberedEvent } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import type { House } from '../../house/house.ts'
import { nameIn } from '../../house/paging.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { parse } from '../../kernel/schema.ts'
import { validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { ownerFilter } from '../../lib/owner.ts'
import type { ProcessHealth } from '../../observe/metrics/health.ts'
import { type EnvironmentRules, noEnvironment } from '../actor.ts'
import type { EnvironmentSettings } from '../settings.ts'
import {
  CHANGE_PREFIX,
  changePart,
  ENVIRONMENT_LIMITS,
  ENVIRONMENT_NAME,
  type EnvironmentChange,
  type EnvironmentState,
  environmentRef,
  KEYS_PART,
  NO_COUNTS,
  readEnvironmentName,
  VALUES_PART,
} from '../state.ts'
import type {
  EnvironmentDocument,
  EnvironmentHistory,
  EnvironmentsPort,
  EnvironmentVersion,
  HistoryQuery,
} from './port.ts'

/** The needs of environments: the rules of antiphon.yaml, and whether this process is well. */
export type EnvironmentNeeds = {
  readonly config: { readonly environments?: EnvironmentSettings }
  health(): Promise<ProcessHealth>
}

export function createEnvironments({
  engine,
  clock,
  health,
  checkOwner,
}: Pick<House, 'engine' | 'checkOwner'> &
  Pick<EnvironmentNeeds, 'health'> & { readonly clock: Pick<House['clock'], 'now'> }): EnvironmentsPort {
  const { view } = engine
  const stateOf = async (of: ActorRef) => (await view.peek(of)) as EnvironmentState | undefined
  const partOf = (of: ActorRef, name: string) => readSinglePart((actor, page) => view.parts(actor, page), of, name)

  async function existing(name: string): Promise<ActorRef> {
    const of = refOf(name)
    if (!(await stateOf(of))) throw noEnvironment(name)
    return of
  }

  async function read(of: ActorRef): Promise<EnvironmentDocument> {
    const { name, owner } = readEnvironmentName(of.key)
    for (;;) {
      const before = await stateOf(of)
      if (!before) throw noEnvironment(of.key)
      const state = (await partOf(of, VALUES_PART)) as JsonObject
      const keys = (await partOf(of, KEYS_PART)) as EnvironmentDocument['keys']
      // both parts are of one version if no commit came between
      if ((await stateOf(of))?.version !== before.version) continue
      const { snapshotDue, counts = NO_COUNTS, ...facts } = before
      return { name, owner, ...facts, counts, state, keys }
    }
  }

  const changeOf = async (of: ActorRef, version: number) => {
    const change = (await partOf(of, changePart(version))) as EnvironmentChange | undefined
    return change?.version === version ? change : undefined
  }

  return {
    async list({ owner, after, limit = 100 } = {}) {
      const listed = await view.list('environment', { where: ownerFilter(owner), limit, ...nameIn(after) })
      return listed.map(({ key, index }) => ({
        ...readEnvironmentName(key),
        version: Number(index.version),
        updatedAt: Number(index.updatedAt),
      }))
    },
    async get(name) {
      const of = await existing(name)
      const found = await read(of)
      const isDue = Object.values(found.keys).some(
        ({ expiresAt }) => expiresAt !== undefined && expiresAt <= clock.now(),
      )
      if (!isDue) return found
      // its timer may be late, for example after a restart
      await engine.ask(of, { type: 'expire' })
      return read(of)
    },
    async update(name, patch, { id, source = 'program', ...options } = {}) {
      await checkOwner(readEnvironmentName(name).owner)
      const message = { type: 'update', patch, source, ...options }
      return (await engine.ask(refOf(name), message, id === undefined ? {} : { id })) as EnvironmentVersion
    },
    async *watch(name, { after = 0, signal } = {}) {
      const of = await existing(name)
      const oldest = (await stateOf(of))!.version - ENVIRONMENT_LIMITS.changes
      const start = Math.max(after, oldest)
      if (start > after) yield lost(after + 1, start)
      for await (const { n, correlationId } of view.events(of, { after: start, ...(signal && { signal }) })) {
        const change = await changeOf(of, n)
        yield change ? { n, correlationId, body: change } : lost(n, n)
      }
    },
    async history(name, query = {}) {
      const asked = await parse(historyQuery, query, 'query')
      const of = await existing(name)
      const recorded = await Array.fromAsync(
        view.parts(of, { prefix: CHANGE_PREFIX }),
        ([, part]) => part as EnvironmentChange,
      )
      return pageOfHistory(recorded, { from: 0, to: Number.POSITIVE_INFINITY, after: 0, limit: 100, ...asked })
    },
    snapshot: async (name) => (await engine.ask(await existing(name), { type: 'snapshot' })) as EnvironmentVersion,
    async restore(name, version, { source = 'program' } = {}) {
      return (await engine.ask(await existing(name), { type: 'restore', version, source })) as EnvironmentVersion
    },
    health,
  }
}

const when = z.number().exactOptional()
const historyQuery: z.ZodType<HistoryQuery> = z.object({
  from: when,
  to: when,
  after: when,
  limit: z.int().min(1).exactOptional(),
})

function pageOfHistory(
  recorded: readonly EnvironmentChange[],
  { from, to, after, limit }: Required<HistoryQuery>,
): EnvironmentHistory {
  const all = recorded.toSorted((one, other) => one.version - other.version)
  const found = all.filter(({ version, at }) => version > after && at >= from && at <= to)
  const changes = found.slice(0, limit)
  const [oldest] = all
  // the changes before the oldest one are no longer kept, and may be of the time that is asked for
  const isLost = oldest !== undefined && oldest.version > 1 && oldest.version > after + 1 && oldest.at >= from
  return {
    changes,
    ...(found.length > limit && { next: changes.at(-1)!.version }),
    ...(isLost && { lost: { from: after + 1, to: oldest.version - 1 } }),
  }
}

/** Stands for changes that are no longer kept. */
const lost = (from: number, to: number): NumberedEvent => ({
  n: to,
  correlationId: '',
  body: { type: 'changes-lost', from, to },
})

function refOf(key: string): ActorRef {
  const found = readEnvironmentName(key)
  if (ENVIRONMENT_NAME.test(found.name)) return environmentRef(found)
  throw new InvalidError(
    `Expected a name of letters, digits, dots, hyphens and underscores, got ${key.slice(0, 100)}.`,
    {
      place: { path: 'name' },
    },
  )
}

/** The rules of antiphon.yaml. Those of a name hold for the environments of all owners with this name. */
export function rulesOf(environments: EnvironmentSettings = {}): EnvironmentRules {
  const checks = new Map(
    Object.entries(environments).flatMap(([name, { schema }]) =>
      schema === undefined ? [] : [[name, z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])] as const],
    ),
  )
  return {
    faultOf(name, state) {
      const issues = checks.get(name)?.safeParse(state).error?.issues
      const [fault] = issues ? validationIssues(issues, state) : []
      return fault && `${fault.path.join('.') || 'the state'}: ${fault.message}`
    },
    snapshotEvery(name) {
      const seconds = Object.hasOwn(environments, name) ? environments[name]!.snapshot : undefined
      return seconds === undefined ? undefined : seconds * 1000
    },
  }
}
