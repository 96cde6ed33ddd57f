import type { RestateConfig } from '../../config/engine.ts'
import type { Contents } from '../../engine/move/contents.ts'
import { type Counts, differences, type Tally, tally } from '../../engine/move/tally.ts'
import { locateBinary } from '../../engine/restate/binary.ts'
import { removeKept } from '../../engine/restate/kept-server.ts'
import { silence } from '../../engine/restate/mover.ts'
import { findPorts } from '../../engine/restate/ports.ts'
import { loadSdk } from '../../engine/restate/sdk.ts'
import { askServers } from '../../engine/restate/server-info.ts'
import { InvalidError, NotFoundError, type Problem, problemOf, TerminalError } from '../../errors.ts'
import { folderStore } from '../../store/blobs/folder.ts'
import { sharedStore } from '../../store/blobs/shared.ts'
import { copyBlobs } from '../../store/copy-blobs.ts'
import { placesIn } from '../backup.ts'
import { isNode, newNamespace, readNode } from '../engines/node.ts'
import {
  type EngineName,
  type GraduationRecord,
  isGraduating,
  type RestateSide,
  readGraduation,
  removeGraduation,
  writeGraduation,
} from './record.ts'
import {
  hasLibsql,
  hasServer,
  openFilledLibsql,
  openFilledRestate,
  openLibsqlSide,
  openRestateSide,
  openServer,
  removeDraft,
  type Side,
  serverIn,
} from './sides.ts'
import { switchSides } from './switch.ts'

/** A move of a data folder from one engine to the other. The folder is the caller's own, and stays so until this is over. */
export type GraduateOptions = {
  readonly data: string
  /** absent: where the move goes that is under way */
  readonly to?: EngineName | undefined
  /** the server that is configured; absent: one whose data lie in the data folder */
  readonly restate?: RestateConfig | undefined
  /** what the keys of an object store are taken from */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** only counts */
  readonly dryRun?: boolean
  /** told what is being done */
  onProgress?(doing: Progress): void
}
export type Progress =
  | { readonly doing: 'reading' | 'copying' | 'verifying' | 'switching'; readonly counts?: Counts }
  /** what is left on the server, used by nobody, could not be ended there */
  | { readonly doing: 'leaving'; readonly namespace: string; readonly problem: Problem }

/** What was moved, or would be; `aside`: where the old side is kept. */
export type Graduated = {
  readonly to: EngineName
  readonly counts: Counts
  readonly dryRun: boolean
  readonly aside?: string
  /** the server, unless its data lie in the data folder, and what the application is called there */
  readonly admin?: readonly string[]
  readonly namespace: string
}

/**
 * Moves everything durable to the other engine; what an earlier process did not come to the end of is taken up. Rejects with nothing
 * changed, unless the new side was found to be the same: then only the switch is left, and running it again ends it.
 */
export async function graduate(options: GraduateOptions): Promise<Graduated> {
  const { data, dryRun = false } = options
  const left = await readGraduation(data)
  if (left && (dryRun || left.to !== (options.to ?? left.to))) throw underWay(left)
  if (left?.phase === 'switching') return finish(options, left)
  if (left) await discard(options, left)
  return begin({ ...options, ...(left && { to: left.to, restate: options.restate ?? configOf(left.restate) }) })
}

async function begin(options: GraduateOptions): Promise<Graduated> {
  const { data, dryRun = false } = options
  await checkGraduation(options)
  const record = await plan(options)
  if (dryRun) return { to: record.to, counts: await count(data, record), dryRun, ...placeOf(record.restate) }
  await writeGraduation(data, record)
  const copied = await copy(options, record).catch(async (error: unknown) => {
    await discard(options, record)
    throw error
  })
  const verified = { ...record, phase: 'switching', counts: copied } as const
  await writeGraduation(data, verified)
  return finish(options, verified)
}

/** Throws what can be known before the folder is one's own: that there is nothing to move, or nowhere to. */
export async function checkGraduation({ data, to, restate }: GraduateOptions): Promise<void> {
  if (isGraduating(data)) return
  if (to === undefined) throw new InvalidError('It was not said where to.', { hint: 'antiphon graduate --to restate' })
  checkFrom(data, to)
  await loadSdk()
  if (restate) await askServers(restate.admin)
  else locateBinary()
}

/** Goes back from a move that is under way: the old side goes on. A TerminalError when it is too late for that. */
export async function abortGraduation(options: Pick<GraduateOptions, 'data' | 'onProgress'>): Promise<void> {
  const { data } = options
  const left = await readGraduation(data)
  if (!left) throw new NotFoundError(`No move of ${data} is under way.`)
  if (left.phase === 'switching')
    throw new TerminalError(
      `Everything is on the engine ${left.to} already, and was found to be the same. To end the move: antiphon graduate`,
      { code: 'moving' },
    )
  await discard(options, left)
}

function underWay({ to }: GraduationRecord): InvalidError {
  return new InvalidError(`A move to the engine ${to} is under way.`, {
    hint: 'To go on with it: antiphon graduate. To go back: antiphon graduate --abort',
  })
}

/** What an attempt wrote goes, and the old side counts as before. */
async function discard(options: Pick<GraduateOptions, 'data' | 'onProgress'>, record: GraduationRecord): Promise<void> {
  const { data } = options
  const { to, restate } = record
  if (to === 'libsql') await removeDraft(data)
  else if (restate.admin === undefined) await removeKept(serverIn(data))
  else await leave(options, restate)
  await removeGraduation(data)
}

/** What stays on a server of others comes to an end there; should that not be possible, it is told. */
async function leave(
  { data, onProgress }: Pick<GraduateOptions, 'data' | 'onProgress'>,
  side: RestateSide,
): Promise<void> {
  const { namespace } = side
  try {
    const { client } = await openServer(data, side)
    await silence(client, namespace)
  } catch (error) {
    onProgress?.({ doing: 'leaving', namespace, problem: problemOf(error) })
  }
}

function checkFrom(data: string, to: EngineName): void {
  const from = isNode(data) ? 'restate' : hasLibsql(data) ? 'libsql' : undefined
  if (from === undefined) throw new NotFoundError(`There is nothing to move in ${data}: nothing was run here yet.`)
  if (from === to) throw new InvalidError(`The data folder ${data} is one of the engine ${to} already.`)
}

async function plan({ data, restate, ...options }: GraduateOptions): Promise<GraduationRecord> {
  const to = options.to!
  const id = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-to-${to}`
  const side = to === 'restate' ? await newSide(restate) : await oldSide(data, restate)
  return { v: 1, id, to, phase: 'copying', restate: side }
}

/** The server of an attempt that was killed: the next one goes there, too. */
function configOf({ admin, namespace: _, ...rest }: RestateSide): RestateConfig | undefined {
  return admin && { admin, ...rest }
}

/** Each attempt has a name of its own on the server, so that none meets what another left. */
async function newSide(restate: RestateConfig | undefined): Promise<RestateSide> {
  if (restate?.namespace !== undefined)
    throw new InvalidError(`\`namespace\` is given, and what is moved gets a new one`, {
      hint: 'Take `namespace` out of antiphon.yaml; the data folder keeps the new one.',
    })
  const port = restate?.port ?? (await findPorts(1))[0]!
  return { ...reached(restate), namespace: newNamespace(), port }
}

async function oldSide(data: string, restate: RestateConfig | undefined): Promise<RestateSide> {
  if (!restate && !hasServer(data))
    throw new InvalidError('it is not known on which Restate server this application is', {
      hint: 'Name it: --restate http://127.0.0.1:9070',
    })
  const { namespace, port } = (await readNode(data))!
  return { ...reached(restate), namespace, port }
}

function reached({ admin, ingress, address, host, shared, identity }: Partial<RestateConfig> = {}) {
  return {
    ...(identity !== undefined && { identity }),
    ...(admin !== undefined && { admin }),
    ...(ingress !== undefined && { ingress }),
    ...(address !== undefined && { address }),
    ...(shared !== undefined && { shared }),
    host: host ?? '127.0.0.1',
  }
}

async function count(data: string, record: GraduationRecord): Promise<Counts> {
  return withSide(openSource(data, record), async ({ contents }) => (await tally(contents)).counts)
}

/** Everything to the new side, and read back from there. */
function copy(options: GraduateOptions, record: GraduationRecord): Promise<Counts> {
  const { data, onProgress = () => {} } = options
  return withSide(openSource(data, record), async ({ contents }) => {
    onProgress({ doing: 'reading' })
    const expected = await tally(contents)
    const { counts } = expected
    onProgress({ doing: 'copying', counts })
    await moveBlobs(options, record)
    await withSide(openTarget(data, record, contents), async (target) => {
      onProgress({ doing: 'verifying', counts })
      checkSame(expected, await tally(target.contents))
    })
    return counts
  })
}

async function withSide<Result>(opening: Promise<Side>, work: (side: Side) => Promise<Result>): Promise<Result> {
  const side = await opening
  try {
    return await work(side)
  } finally {
    await side.close()
  }
}

function openSource(data: string, { to, restate }: GraduationRecord): Promise<Side> {
  return to === 'restate' ? openLibsqlSide(placesIn(data).database) : openRestateSide(data, restate)
}

function openTarget(data: string, { to, restate }: GraduationRecord, contents: Contents): Promise<Side> {
  return to === 'restate' ? openFilledRestate(data, restate, contents) : openFilledLibsql(data, contents)
}

/** Blobs lie in the data folder, or on Restate where all nodes share them. */
async function moveBlobs(
  { data, environment = {} }: GraduateOptions,
  { to, restate }: GraduationRecord,
): Promise<void> {
  if (restate.shared === undefined) return
  const shared = sharedStore(restate.shared, environment)
  const own = folderStore(placesIn(data).blobs)
  if (to === 'libsql') return copyBlobs(shared, own)
  if ((await shared.marks()).length > 0) throw othersStorage(restate.shared)
  await copyBlobs(own, shared)
}

function othersStorage(shared: string): InvalidError {
  return new InvalidError(`${shared} is the storage of another namespace, and what is moved gets a new one`, {
    code: 'other_storage',
    hint: 'Name a folder or a prefix that is new: engine: { restate: { shared: … } }',
  })
}

function checkSame(expected: Tally, found: Tally): void {
  const differing = differences(expected, found)
  if (differing.length === 0) return
  throw new TerminalError(`what was copied is not the same, so that nothing was moved: ${differing.join('; ')}`, {
    code: 'unverified',
  })
}

const placeOf = ({ admin, namespace }: RestateSide) => ({ ...(admin !== undefined && { admin }), namespace })

async function finish(options: GraduateOptions, record: GraduationRecord): Promise<Graduated> {
  const { to, restate, counts } = record
  const { data, onProgress } = options
  onProgress?.({ doing: 'switching' })
  if (to === 'libsql' && restate.admin !== undefined) await leave(options, restate)
  const aside = await switchSides(data, record)
  return { to, counts: counts!, dryRun: false, aside, ...placeOf(restate) }
}
