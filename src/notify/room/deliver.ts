import type { LinkState } from '../../access/link.ts'
import { readToken } from '../../access/token.ts'
import type { Clock, Engine } from '../../engine/engine.ts'
import { is, NotFoundError, problemOf } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { SECRET_SCHEME } from '../../secret/names.ts'
import type { InboxItem } from '../../thread/room/documents/inbox.ts'
import { type Deliver, type DeliveryOutcome, NOTICES, type NoticeState } from '../actor.ts'
import { endedWorkOf, isEndEvent, noticeId, type OnEnd } from '../item.ts'
import { linkToken, signingKey } from '../signature.ts'
import type { NoticeTrial } from './documents.ts'
import type { NoticeHouse, NoticeNeeds } from './needs.ts'
import { createPoster } from './post.ts'
import { type KnownReceiver, PROGRAM, receiversIn } from './receivers.ts'
import { createTurns } from './turns.ts'
import { identityOf } from './waiting.ts'

export interface Delivery {
  readonly receivers: ReadonlyMap<string, KnownReceiver>
  readonly deliver: Deliver
  /** Sends a test message to a receiver. */
  tryOut(receiver: KnownReceiver): Promise<NoticeTrial>
  close(): Promise<void>
}

const deliveries = new WeakMap<NoticeHouse, Delivery>()

/** The delivery of a house: its actors and its port share one. */
export const deliveryOf = (house: NoticeHouse): Delivery => getOrInsert(deliveries, house, createDelivery)

/** ms until the link of a notice ends, unless the wait ends earlier. */
const LINK_TTL_MS = 7 * 24 * 3_600_000
/** Messages that a receiver gets at a time: as many as requests to one host, so that none waits there out of turn. */
const AT_ONCE = 4
/** Items that are looked through for one. */
const MAX_ITEMS = 10_000

function createDelivery(house: NoticeHouse): Delivery {
  const { config, engine, clock, shown, onEnd } = house
  const receivers = receiversIn(config)
  const poster = createPoster(config)
  // each has places of its own: one that hangs delays no other
  const turns = new Map([...receivers.keys(), PROGRAM].map((id) => [id, createTurns(AT_ONCE)]))

  async function keyOf({ secret, origin }: KnownReceiver): Promise<Buffer> {
    const value = await house.secret(secret.slice(SECRET_SCHEME.length))
    if (value === undefined) throw missing(secret, origin)
    return signingKey(value)
  }

  async function waiting({ id, run, owner }: NoticeState['item']): Promise<InboxItem | undefined> {
    const of = run === undefined ? { owner, content: 'none' as const } : { run }
    return (await house.inbox({ ...of, limit: MAX_ITEMS })).find((item) => noticeId(identityOf(item)) === id)
  }

  /** Creates the link of a question, if that has not happened yet. */
  async function linkFor({ item, nonce }: NoticeState, key: Buffer): Promise<NoticeLink | undefined> {
    const { run, step, signal, since, until, owner, event } = item
    const base = config.serve?.publicUrl
    if (base === undefined || run === undefined || step === undefined || signal === undefined) return undefined
    if (event !== 'approval' && event !== 'question') return undefined
    const { id, token } = linkToken(key, nonce)
    const expiresAt = Math.min(since + LINK_TTL_MS, until ?? Number.POSITIVE_INFINITY)
    const ttl = Math.max(1000, expiresAt - clock.now())
    await openNoticeLink(engine, { id, token, run, step, signal, since, owner, ttl })
    return { url: `${base.replace(/\/+$/, '')}/v1/links/${token}`, expiresAt }
  }

  async function send(notice: NoticeState, receiver: KnownReceiver, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { item, isReminder } = notice
    const isWaiting = !isEndEvent(item.event)
    const found = isWaiting ? await waiting(item) : undefined
    if (isWaiting && !found) return { status: 'over' }
    const key = await keyOf(receiver)
    const link = await linkFor(notice, key)
    const content = receiver.include === 'content' ? contentOf(found) : undefined
    const id = `msg_${item.id}${isReminder ? '_reminder' : ''}`
    const message = { id, at: clock.now(), body: composeBody(notice, link, content, shown) }
    const status = await poster.post(receiver, key, message, signal)
    if (status >= 200 && status < 300) {
      const { remind } = receiver
      return { status: 'delivered', ...(remind !== undefined && isWaiting && { remindAfter: remind * 1000 }) }
    }
    return { status: 'failed', ...refusal(receiver, status) }
  }

  return {
    receivers,
    async deliver(notice, signal) {
      const { item } = notice
      if (notice.receiver === PROGRAM)
        return turns.get(PROGRAM)!(item.owner, () => callProgram(onEnd, item, clock, signal))
      const receiver = receivers.get(notice.receiver)
      if (!receiver) return { status: 'over' }
      try {
        return await turns.get(receiver.id)!(item.owner, () => send(notice, receiver, signal))
      } catch (error) {
        if (signal.aborted || !is(error)) throw error
        const { code, message } = problemOf(error)
        return { status: 'failed', code, message }
      }
    },
    async tryOut(receiver) {
      const { origin: at } = receiver
      try {
        const now = clock.now()
        const message = { id: `msg_test_${now}`, at: now, body: testBody(now) }
        const status = await poster.post(receiver, await keyOf(receiver), message, new AbortController().signal)
        if (status >= 200 && status < 300) return { receiver: at, ok: true, status }
        return { receiver: at, ok: false, status, problem: refusal(receiver, status) }
      } catch (error) {
        if (!is(error)) throw error
        const { code, message, hint } = problemOf(error)
        return { receiver: at, ok: false, problem: { code, message, ...(hint !== undefined && { hint }) } }
      }
    },
    close: poster.close,
  }
}

/** ms that the callback of a program may take. */
const CALLBACK_MS = 60_000

/** A callback that goes on after its time is called again meanwhile. */
async function callProgram(
  onEnd: OnEnd | undefined,
  item: NoticeState['item'],
  clock: Clock,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  signal.throwIfAborted()
  if (!onEnd) return { status: 'failed', code: 'notice_refused', message: 'This process has no `onEnd`.' }
  const { promise: late, reject } = Promise.withResolvers<never>()
  const off = clock.after(CALLBACK_MS, () => reject(new Error('it took more than a minute')))
  const interrupt = () => reject(signal.reason)
  signal.addEventListener('abort', interrupt)
  try {
    await Promise.race([onEnd(endedWorkOf(item)), late])
    return { status: 'delivered' }
  } catch (error) {
    if (signal.aborted) throw error
    return { status: 'failed', code: 'notice_refused', message: `\`onEnd\` failed: ${problemOf(error).message}` }
  } finally {
    signal.removeEventListener('abort', interrupt)
    off()
  }
}

const refusal = ({ origin }: KnownReceiver, status: number) => ({
  code: 'notice_refused',
  message: `${origin} answered with status ${status}, expected 2xx`,
})

function missing(secret: string, origin: string): NotFoundError {
  const name = secret.slice(SECRET_SCHEME.length)
  return new NotFoundError(`There is no secret ${name}, which signs the messages to ${origin}.`, {
    code: 'notice_secret',
    hint: `Keep the secret that the receiver gave you (whsec_…): antiphon keys set ${name}`,
  })
}

type LinkOrder = Pick<LinkState, 'run' | 'signal' | 'owner' | 'step' | 'since'> & {
  readonly id: string
  readonly token: string
  /** ms */
  readonly ttl: number
}

/** Opens the link of one question. An attempt that is repeated finds the link that the first one opened. */
async function openNoticeLink(engine: Engine, { id, token, ...link }: LinkOrder): Promise<void> {
  const { hash } = readToken('lk', token)!
  const body = { type: 'create', kind: 'approval', ...link, hash }
  try {
    await engine.ask({ kind: 'link', key: id }, body, { correlationId: NOTICES, forTurn: true })
  } catch (error) {
    if (!is(error) || error.code !== 'id_taken') throw error
  }
}

/** The link that answers a question, and when it ends (ms since the epoch). */
type NoticeLink = { readonly url: string; readonly expiresAt: number }

/** Characters of a title or a problem in a message. */
const MAX_TEXT = 2_000

/** The body of a message. Without `content`, it has ids and names only. */
function composeBody(
  { item, isReminder }: Pick<NoticeState, 'item' | 'isReminder'>,
  link: NoticeLink | undefined,
  content: object | undefined,
  shown: NoticeNeeds['shown'],
): string {
  const { event, since, until, thread, ...facts } = item
  const data = {
    ...facts,
    ...(thread !== undefined && { thread }),
    since: timeOf(since),
    ...(until !== undefined && { until: timeOf(until) }),
    ...(isReminder && { reminder: true }),
    ...(link && { link: { url: link.url, expires: timeOf(link.expiresAt) } }),
    ...content,
  }
  return JSON.stringify({ type: event, timestamp: timeOf(since), data: shown(data) })
}

/** The body of a message that only tries a receiver out. */
const testBody = (now: number): string =>
  JSON.stringify({ type: 'test', timestamp: timeOf(now), data: { message: 'A test message of antiphon.' } })

/** The fields that `include: content` adds for an item of the inbox. */
function contentOf(item: InboxItem | undefined): object {
  if (!item) return {}
  const { title } = item
  const content: Json | undefined = 'content' in item ? item.content : undefined
  return { title: title.slice(0, MAX_TEXT), ...(content !== undefined && { content }) }
}

const timeOf = (ms: number): string => new Date(ms).toISOString()
