import type {
  ObjectContext,
  ObjectSharedContext,
  WorkflowContext,
  WorkflowSharedContext,
} from '@restatedev/restate-sdk'
import type { ActorRef, Envelope } from '../../../kernel/types.ts'
import { ID_RETENTION_MS } from '../../envelope.ts'
import { partitionOf } from '../admin/mail.ts'
import { ABORT_TIMEOUT_MS, INACTIVITY_TIMEOUT_MS, MAX_RETRY_ATTEMPTS, REPLY_INACTIVITY_TIMEOUT_MS } from '../limits.ts'
import { readState, type StateEntry, writeState } from '../state/raw-state.ts'
import { readCell, readEvents, readParts } from '../state/read.ts'
import { claim, drop, get, put } from '../state/rows.ts'
import type { LateReply, TurnInput, TurnReply } from '../turn-io.ts'
import { giveUp } from './give-up.ts'
import { inspectActor } from './inspect.ts'
import { overtake } from './interrupt.ts'
import type { RestateNode } from './node.ts'
import { clearTombstone } from './tombstones.ts'
import { takeMessage } from './turn.ts'

/** All services of a node: an object for each kind of actors, and the engine's own. */
export function servicesOf(node: RestateNode) {
  const kinds = [...node.actors.keys()].map((kind) => actorObject(node, kind))
  return [...kinds, replies(node), directory(node), letters(node)]
}

const OPTIONS = {
  enableLazyState: true,
  journalRetention: 0,
  idempotencyRetention: ID_RETENTION_MS,
  ingressPrivate: false,
  inactivityTimeout: INACTIVITY_TIMEOUT_MS,
  abortTimeout: ABORT_TIMEOUT_MS,
  retryPolicy: { initialInterval: 50, exponentiationFactor: 2, maxInterval: 5_000, maxAttempts: MAX_RETRY_ATTEMPTS },
} as const

function actorObject(node: RestateNode, kind: string) {
  const { object, handlers } = node.sdk
  const reading = { enableLazyState: !node.eager }
  return object({
    name: node.names.ofKind(kind),
    handlers: {
      take: handlers.object.exclusive(reading, (ctx: ObjectContext, handed: TurnInput) =>
        takeMessage(node, ctx, handed),
      ),
      forget: (ctx: ObjectContext) => clearTombstone(ctx),
      overtake: handlers.object.shared((ctx: ObjectSharedContext, control: Envelope) => overtake(node, ctx, control)),
      inspect: handlers.object.shared((ctx: ObjectSharedContext, of: ActorRef) => inspectActor(node, ctx, of)),
      giveUp: handlers.object.shared((ctx: ObjectSharedContext, turn: string) => giveUp(node, ctx, turn)),
      cell: handlers.object.shared(readCell),
      parts: handlers.object.shared(readParts),
      events: handlers.object.shared(readEvents),
      ...stateHandlers(node),
    },
    options: OPTIONS,
  })
}

/** Reads and writes the raw state of an object, for a move between engines. */
function stateHandlers(node: RestateNode) {
  return {
    state: node.sdk.handlers.object.shared(readState),
    fill: (ctx: ObjectContext, entries: readonly StateEntry[]) => writeState(node, ctx, entries),
  }
}

const ASKED = 'asked'

/** Replies that arrive after the turn of the ask; waiting callers attach to them. */
function replies({ sdk, names }: RestateNode) {
  const { ingressPrivate: _, idempotencyRetention: __, ...options } = OPTIONS
  return sdk.workflow({
    name: names.reply,
    handlers: {
      async run(ctx: WorkflowContext, asked: ActorRef): Promise<LateReply> {
        ctx.set(ASKED, asked)
        const reply = await ctx.promise<TurnReply>('answer').get().orTimeout(ID_RETENTION_MS)
        return { ...reply, asked }
      },
      asked: sdk.handlers.workflow.shared((ctx: WorkflowSharedContext) => ctx.get<ActorRef>(ASKED)),
      receive: sdk.handlers.workflow.shared(async (ctx: WorkflowSharedContext, reply: TurnReply) => {
        await ctx.promise<TurnReply>('answer').resolve(reply)
      }),
    },
    options: { ...options, inactivityTimeout: REPLY_INACTIVITY_TIMEOUT_MS, workflowRetention: ID_RETENTION_MS },
  })
}

/** The actors of a kind by their index. */
function directory(node: RestateNode) {
  const { sdk, names } = node
  const { object } = sdk
  return object({
    name: names.directory,
    handlers: { put, claim, partition: partition(node), ...stateHandlers(node) },
    options: OPTIONS,
  })
}

function letters(node: RestateNode) {
  const { sdk, names } = node
  const { object, handlers } = sdk
  return object({
    name: names.letters,
    handlers: {
      put,
      drop,
      get: handlers.object.shared(get),
      partition: partition(node),
      ...stateHandlers(node),
    },
    options: OPTIONS,
  })
}

function partition({ sdk, client }: RestateNode) {
  return sdk.handlers.object.shared((ctx: ObjectSharedContext) => partitionOf(client, ctx.request().id))
}
