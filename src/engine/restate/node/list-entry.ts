import type { ObjectContext } from '@restatedev/restate-sdk'
import type { ActorIndex, ActorRef } from '../../../kernel/types.ts'
import { shardOf } from '../names.ts'
import type { RestateNode } from './node.ts'
import { sendInvocation } from './send.ts'

/** Updates the row of an actor in the list of its kind, during one invocation. */
interface ListEntry {
  note(before: ActorIndex | null, after: ActorIndex | null): void
  /** Runs work of the invocation. If the work takes long, a new actor is listed before it ends. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Updates the list if the row has changed. */
  end(): void
}

/** ms after which a running new actor is listed. */
const LIST_DELAY_MS = 100

export function openListEntry({ names, client }: RestateNode, ctx: ObjectContext, { kind, key }: ActorRef): ListEntry {
  const place = { service: names.directory, key: shardOf(kind, key) }
  let before: ActorIndex | null | undefined
  let row: ActorIndex | null = null

  /** Outside the journal, so `claim` never overwrites a row. A list that cannot be reached is updated by `end`. */
  const tell = () => client.call({ ...place, handler: 'claim', body: { key, row } }).catch(() => {})

  return {
    note(found, after) {
      if (before === undefined) before = found
      row = after
    },
    async during(work) {
      if (before || !row) return work()
      let told: Promise<unknown> | undefined
      const timer = setTimeout(() => {
        told = tell()
      }, LIST_DELAY_MS)
      try {
        return await work()
      } finally {
        clearTimeout(timer)
        await told
      }
    },
    end() {
      if (JSON.stringify(before) !== JSON.stringify(row)) sendInvocation(ctx, { ...place, method: 'put' }, { key, row })
    },
  }
}
