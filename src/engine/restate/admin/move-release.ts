import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidError, NotFoundError } from '../../../errors.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import type { QueryRow } from '../client/client.ts'
import type { Admin } from './admin-api.ts'
import { readJournalState } from './journal-query.ts'
import { sqlText } from './mail.ts'
import type { Release } from './releases.ts'
import { isOwnColumn, targetOf } from './service-names.ts'
import { failureOf, type TurnFailure } from './stuck-turns.ts'

/**
 * The result for one turn of a release. moved: the newest release continues it · put-back: the
 * journal does not match the new code, so the turn waits for the old release again · failing: moved,
 * but its attempts fail · left: not moved · over: it ended in the meantime
 */
export type MovedTurn = {
  readonly invocation: string
  /** kind/key of the actor */
  readonly target: string
  readonly outcome: 'moved' | 'put-back' | 'failing' | 'left' | 'over'
  /** why it was not moved */
  readonly why?: 'running' | 'no newer release'
  readonly failure?: TurnFailure
}

/** Finds the release with this name, address or server id. InvalidError for the newest one, which cannot be moved. */
export function chooseRelease(releases: readonly Release[], given: string): Release {
  const found = releases.filter(({ id, name, uri }) => given === id || given === name || given === uri)
  if (found.length === 0) throw unknown(releases, given)
  if (found.length > 1)
    throw new InvalidError(`There are ${found.length} releases ${given}.`, {
      hint: `Choose one by its address: ${found.map(({ uri }) => uri).join(', ')}`,
    })
  if (found[0]!.isNewest) throw new InvalidError(`${given} is the newest release: there is no newer one to move to.`)
  return found[0]!
}

function unknown(releases: readonly Release[], given: string): NotFoundError {
  const names = releases.map(({ name }) => name)
  const near = nearestWord(given, names)
  const hint = near === undefined ? `There are: ${names.join(', ') || 'none'}` : `Did you mean ${near}?`
  return new NotFoundError(`There is no release ${given} on the server. ${hint}`)
}

const MAX_CONCURRENT_MOVES = 16

/**
 * Moves sleeping and failing turns of an old release to the newest release with their kind, and reports each. Running
 * turns stay. An interrupted move may leave turns paused; the next move continues them. `dryRun` only reports.
 */
export async function moveRelease(
  admin: Admin,
  namespace: string,
  release: Release,
  { dryRun = false, onMoved }: { readonly dryRun?: boolean; onMoved?(moved: MovedTurn): void } = {},
): Promise<readonly MovedTurn[]> {
  const work = await workOn(admin, namespace, release)
  const done: MovedTurn[] = []
  const queue = work.values()
  async function moveNext(): Promise<void> {
    for (const each of queue) {
      const moved = { ...nameOf(each), ...(await moveOne(admin, release, each, dryRun)) }
      done.push(moved)
      onMoved?.(moved)
    }
  }
  await Promise.all(Array.from({ length: MAX_CONCURRENT_MOVES }, moveNext))
  return done
}

type Work = {
  readonly invocation: string
  readonly target: string
  readonly status: string
  /** whether a newer release has its kind */
  readonly canMove: boolean
}
type MoveOutcome = Pick<MovedTurn, 'outcome' | 'why' | 'failure'>

const nameOf = ({ invocation, target }: Work) => ({ invocation, target })

async function workOn(admin: Admin, namespace: string, release: Release): Promise<readonly Work[]> {
  const rows = await admin.query(
    `select id, target_service_name as service, target_service_key as key, status from sys_invocation
     where pinned_deployment_id = ${sqlText(release.id)} and status <> 'completed'
       and ${isOwnColumn(namespace, 'target_service_name')} order by created_at`,
  )
  return rows.map((row) => ({
    invocation: String(row.id),
    target: targetOf(namespace, row),
    status: String(row.status),
    canMove: !release.serves.includes(String(row.service)),
  }))
}

async function moveOne(admin: Admin, release: Release, work: Work, dryRun: boolean): Promise<MoveOutcome> {
  const { invocation, status, canMove } = work
  if (!canMove) return { outcome: 'left', why: 'no newer release' }
  const rests = RESTING_STATUSES.has(status) || (status === 'running' && (await sleeps(admin, invocation)))
  if (!rests) return { outcome: 'left', why: 'running' }
  if (dryRun) return { outcome: 'moved' }
  if (!(await resumeOn(admin, invocation, 'latest'))) return { outcome: 'over' }
  const found = await watch(admin, invocation, release.id)
  if (found.failure?.code !== JOURNAL_MISMATCH_CODE) return found
  await resumeOn(admin, invocation, release.id)
  return { ...found, outcome: 'put-back' }
}

const JOURNAL_MISMATCH_CODE = 'RT0016'
const RESTING_STATUSES: ReadonlySet<string> = new Set(['suspended', 'backing-off', 'paused'])

/** Whether a turn only sleeps: it has a wake-up time and no running effect. */
async function sleeps(admin: Admin, invocation: string): Promise<boolean> {
  const { effects, until } = await readJournalState(admin, invocation)
  return effects.length === 0 && until !== undefined
}

/** Resumes an invocation on another deployment; false if it is over. Work that started meanwhile finishes first. */
async function resumeOn(admin: Admin, invocation: string, deployment: string): Promise<boolean> {
  for (;;) {
    const row = await lookAt(admin, invocation)
    if (!row || row.status === 'completed') return false
    if (row.status === 'paused' || row.status === 'suspended') {
      const status = await admin.patch(`/invocations/${invocation}/resume?deployment=${deployment}`)
      if (status === 200) return true
    } else await admin.patch(`/invocations/${invocation}/pause`)
    // a resume before the pause took effect is ignored, so the status is polled
    await sleep(POLL_INTERVAL_MS)
  }
}

const POLL_INTERVAL_MS = 50
/** ms after which a running turn has replayed its journal, and a failing turn will keep failing. */
const SETTLED_AFTER_MS = 1_500

/** Waits for the first attempt under the other release. */
async function watch(admin: Admin, invocation: string, old: string): Promise<MoveOutcome> {
  for (let since = performance.now(), start: unknown; ; await sleep(POLL_INTERVAL_MS)) {
    const row = await lookAt(admin, invocation)
    if (!row || row.status === 'completed') return { outcome: 'moved' }
    const failure = row.release !== old && row.attempted === row.release ? failureOf(row) : undefined
    if (failure?.code === JOURNAL_MISMATCH_CODE) return { outcome: 'failing', failure }
    if (row.start !== start) [since, start] = [performance.now(), row.start]
    const isSettled = performance.now() - since > SETTLED_AFTER_MS
    if (isSettled && row.status === 'backing-off') return { outcome: 'failing', ...(failure && { failure }) }
    if (isSettled) return { outcome: 'moved' }
  }
}

async function lookAt(admin: Admin, invocation: string): Promise<QueryRow | undefined> {
  const [row] = await admin.query(
    `select status, pinned_deployment_id as release, last_attempt_deployment_id as attempted, last_start_at as start,
       last_failure as message, last_failure_error_code as code
     from sys_invocation where id = ${sqlText(invocation)}`,
  )
  return row
}
