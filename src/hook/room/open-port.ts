import { createHmac, hash } from 'node:crypto'
import { InvalidError, is, NotFoundError, TerminalError } from '../../errors.ts'
import { goalRef, runRef } from '../../house/actors.ts'
import type { Viewer } from '../../house/viewer.ts'
import { isJsonObject, type Json, parseExact } from '../../kernel/json.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { SECRET_SCHEME } from '../../secret/names.ts'
import { type HookDefinition, secretsOf } from '../definition.ts'
import { type DeliveryState, deliveryRef, NONCE_REF } from '../delivery.ts'
import { type Verified, verifyDelivery } from '../verify.ts'
import type { HookHouse } from './needs.ts'
import type { DeliveryReceipt, HookDocument, HooksPort, HooksView } from './port.ts'
import { receiveSignal } from './receive-signal.ts'
import { doWork } from './work.ts'

const DAY_MS = 86_400_000
/** How long a delivery is remembered: senders repeat one for days. Nothing signs the time of GitHub. */
const REMEMBERED_MS = { standard: 7 * DAY_MS, stripe: 7 * DAY_MS, github: 30 * DAY_MS } as const

export function openHooks(house: HookHouse): HooksPort {
  const { engine, clock, config, checkOwner } = house
  const { hooks = {} } = config

  function find(name: string): HookDefinition {
    const hook = Object.hasOwn(hooks, name) ? hooks[name] : undefined
    if (hook) return hook
    throw new NotFoundError(`There is no hook ${JSON.stringify(name.slice(0, 100))}.`, {
      hint: 'The operator names hooks in antiphon.yaml: hooks: { NAME: … }',
    })
  }

  /** @throws `hook_secret`; the message names no secret, since a stranger reads it */
  async function secretsFor(name: string, hook: HookDefinition): Promise<readonly string[]> {
    const found = await Promise.all(secretsOf(hook).map((secret) => house.secret(secret.slice(SECRET_SCHEME.length))))
    const values = found.filter((value) => value !== undefined)
    if (values.length > 0) return values
    throw new TerminalError(`The hook ${name} has no secret here.`, {
      code: 'hook_secret',
      hint: 'See: antiphon hooks',
    })
  }

  let folderNonce: string | undefined
  /** It outlives each secret, so that a delivery that is signed by the old and by the new one is one run. */
  async function nonce(): Promise<string> {
    folderNonce ??= ((await engine.view.peek(NONCE_REF)) ?? (await engine.ask(NONCE_REF, { type: 'read' }))) as string
    return folderNonce
  }

  return {
    async list({ owner } = {}) {
      const own = Object.entries(hooks).filter(([, hook]) => owner === undefined || hook.owner === owner)
      return Promise.all(own.map(async ([name, hook]) => documentOf(name, hook, await problemOfSecret(name, hook))))
    },
    async deliver(name, { header, body: read }) {
      const hook = find(name)
      const secrets = await secretsFor(name, hook)
      const bytes = await read()
      const known = verifyDelivery(hook.verify, secrets, { header, body: bytes }, clock.now())
      const body = jsonIn(bytes)
      if (!isAwaited(hook, known, body)) return { status: 'ignored' }
      const ids = idsOf(hook, known, body, bytes)
      for (const id of ids) {
        const before = (await engine.view.peek(deliveryRef(name, id))) as DeliveryState | undefined
        if (before?.id) return { status: 'repeated', id: before.id }
      }
      await checkOwner(hook.owner)
      const [id] = ids
      const secretId = createHmac('sha256', await nonce())
        .update(`${name}\n${id}`)
        .digest('hex')
        .slice(0, 32)
      const work = { ...known, id: `${name}-${secretId}`, body }
      const receipt = await doWork(house, hook, work).catch((error) => beganBefore(engine.view, error, work.id))
      await note(deliveryRef(name, id), hook, receipt)
      return receipt
    },
    signal: async (address, read) => receiveSignal(house, address, async () => jsonIn(await read())),
  }

  async function note(record: ReturnType<typeof deliveryRef>, hook: HookDefinition, receipt: DeliveryReceipt) {
    if (receipt.status === 'ignored') return
    const keep = REMEMBERED_MS[hook.verify]
    await engine.ask(record, { type: 'note', id: receipt.id, owner: hook.owner, keep })
  }

  async function problemOfSecret(name: string, hook: HookDefinition): Promise<string | undefined> {
    try {
      await secretsFor(name, hook)
      return undefined
    } catch (error) {
      if (!is(error) || error.code !== 'hook_secret') throw error
      const [first] = secretsOf(hook)
      return `its secret is missing: antiphon keys set ${first!.slice(SECRET_SCHEME.length)}`
    }
  }
}

function documentOf(name: string, hook: HookDefinition, problem: string | undefined): HookDocument {
  const { owner = LOCAL_OWNER, verify, events, agent, signal, file, pipeline, workflow } = hook
  const work = signal
    ? `signal ${signal.name}`
    : agent === undefined
      ? `run ${file ?? pipeline ?? workflow}`
      : `agent ${agent}`
  return {
    name,
    owner,
    verify,
    ...(events && { events }),
    path: `/v1/hooks/${name}`,
    work,
    ...(problem !== undefined && { problem }),
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

function jsonIn(bytes: Uint8Array): Json {
  try {
    return parseExact(UTF8.decode(bytes)) as Json
  } catch (cause) {
    throw new InvalidError('The body of the delivery is not JSON in UTF-8.', { cause })
  }
}

/**
 * Nobody else can take the id, so an earlier process began the work, with inputs of its own, and noted nothing.
 * Otherwise the error is about the key of a queue.
 */
async function beganBefore(view: HookHouse['engine']['view'], error: unknown, id: string): Promise<DeliveryReceipt> {
  const isTaken = is(error) && error.code === 'id_taken'
  if (isTaken && ((await view.peek(runRef(id))) ?? (await view.peek(goalRef(id))))) return { status: 'repeated', id }
  throw error
}

/** Whether the hook takes events of this type. GitHub sends `ping` when a hook is made. */
function isAwaited({ events, verify }: HookDefinition, { unsigned }: Verified, body: Json): boolean {
  if (verify === 'github' && unsigned?.event === 'ping') return false
  const type = unsigned?.event ?? (isJsonObject(body) ? body.type : undefined)
  return events === undefined || (typeof type === 'string' && events.includes(type))
}

/**
 * The ids under which a delivery may have counted, its own first. Nothing signs the event of GitHub: it belongs to the
 * id only where the hook lists its events, so that a copy counts at most once for each of them.
 */
function idsOf(
  { events, verify }: HookDefinition,
  { id: signed, unsigned }: Verified,
  body: Json,
  bytes: Uint8Array,
): readonly [id: string, ...earlier: string[]] {
  const inBody = isJsonObject(body) && typeof body.id === 'string' && body.id !== '' ? body.id : undefined
  const id = signed ?? inBody ?? hash('sha256', bytes)
  const isOfEvent = verify === 'github' && events !== undefined && unsigned?.event !== undefined
  // a hook without a list notes the body alone
  return isOfEvent ? [hash('sha256', `${unsigned.event}\n${id}`), id] : [id]
}

/** The hooks of the caller, or of all owners for an admin. A signature or a token is the right of a delivery. */
export const viewHooks = (hooks: HooksPort, { seen }: Pick<Viewer, 'seen'>): HooksView => ({
  deliver: (...given) => hooks.deliver(...given),
  signal: (...given) => hooks.signal(...given),
  async list() {
    const all = await hooks.list()
    return { items: seen === 'all' ? all : all.filter(({ owner }) => seen.includes(owner)) }
  },
})
