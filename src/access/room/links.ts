import type { Clock, Engine } from '../../engine/engine.ts'
import { is, NotFoundError, TerminalError } from '../../errors.ts'
import { nameIn } from '../../house/by.ts'
import type { StepItem } from '../../run/room/documents.ts'
import { runOver } from '../../run/room/errors.ts'
import { isFinished, peekRun } from '../../run/run.ts'
import type { LinkState } from '../link.ts'
import { newToken, readToken, sameHash } from '../token.ts'
import type { Link } from './documents.ts'
import type { Links } from './port.ts'

/** The runs whose questions links answer. */
export type LinkedRuns = {
  /** NotFoundError when there is no such run. */
  get(run: string): Promise<unknown>
  resume(run: string): Promise<void>
  /** the steps of the run that wait for people, with their whole contents */
  waiting(run: string): Promise<readonly StepItem[]>
}

type Parts = { readonly engine: Engine; readonly clock: Clock; readonly runs: LinkedRuns }

export function openLinks({ engine, clock, runs }: Parts): Links {
  /** A link that is still open, and whose run has not ended. */
  async function find(token: string): Promise<LinkState & { readonly id: string }> {
    const read = readToken('lk', token)
    const state = read && ((await engine.view.peek(linkRef(read.id))) as LinkState | null | undefined)
    if (!read || !state || !sameHash(state.hash, read.hash)) throw missing()
    // the timer that expires the link may be late: a machine sleeps, a clock is set
    if (state.expiresAt <= clock.now()) throw missing()
    if (state.usedAt !== undefined) throw used()
    if (state.since !== undefined && !(await waitingAt(state))) throw answered()
    await ofNow(() => checkOpen(state.run))
    return { id: read.id, ...state }
  }

  async function checkOpen(run: string): Promise<void> {
    const state = await peekRun(engine.view, run)
    if (!state || isFinished(state)) throw runOver(run, state?.status ?? 'gone')
  }

  async function waitingAt({ run, signal, step, since }: Question): Promise<StepItem | undefined> {
    const items = await runs.waiting(run)
    return items.find((item) => item.signal === signal && (since === undefined || isSame(item, { step, since })))
  }

  return {
    async create({ ttl, owner = 'local', id: given, ...link }) {
      // the run may have been acknowledged a moment ago, so this waits for it
      await runs.get(link.run)
      await checkOpen(link.run)
      const { id, token, hash } = newToken('lk', given)
      const body = { type: 'create', ...link, owner, hash, ttl }
      const { expiresAt } = (await engine.ask(linkRef(id), body)) as { readonly expiresAt: number }
      return { id, ...link, owner, createdAt: expiresAt - ttl, expiresAt, token }
    },
    async read(token) {
      const { hash: _, user: __, ...link } = await find(token)
      const item = await waitingAt(link)
      return { ...link, ...(item && { item }) }
    },
    async use(token, value, { typed = '' } = {}) {
      const found = await find(token)
      const { id, run, hash, owner, kind } = found
      if (kind === 'approval' && !(await waitingAt(found))) throw notWaiting()
      const named = typed.trim() !== '' && { typed: nameIn(typed) }
      // an earlier process may have left the run, which continues only when resumed
      await runs.resume(run)
      // work of the run: after a crash, the run goes on with the answer of a link that is spent
      const asked = () => engine.ask(linkRef(id), { type: 'use', hash, value, ...named }, { correlationId: run })
      const { status } = (await ofNow(asked)) as { readonly status: string }
      await runs.resume(run)
      return { link: { id, owner }, status }
    },
  }
}

type Question = Pick<Link, 'run' | 'signal' | 'step' | 'since'>

const isSame = (item: StepItem, { step, since }: { readonly step: string | undefined; readonly since: number }) =>
  item.step === step && item.since === since

const linkRef = (key: string) => ({ kind: 'link', key })
const missing = () => new NotFoundError('The link does not exist.')
const used = () => new TerminalError('The link was already used.', { code: 'link_used', hint: ASK_SENDER })
const answered = () =>
  new TerminalError('The question of this link was answered elsewhere, or its time is over.', { code: 'link_over' })
const ASK_SENDER = 'Whoever sent the link can tell what became of it.'

const notWaiting = () =>
  new TerminalError('Nothing waits for this answer.', { code: 'not_waiting', hint: 'Try again later.' })

/** For a person who has only a link, an ended run means that the link is no longer useful. */
async function ofNow<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!is(error) || error.code !== 'run_over') throw error
    throw new TerminalError('The run of this link has ended.', { code: 'link_over', hint: ASK_SENDER })
  }
}
