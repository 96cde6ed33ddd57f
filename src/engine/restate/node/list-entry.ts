import type { ObjectContext } from '@restatedev/restate-sdk'
import type { ActorIndex, ActorRef } from '../../../kernel/types.ts'
import { shardOf } from '../names.ts'
import type { RestateNode } from './node.ts'
import { sendInvocation } from './send.ts'

/** The row of an actor in the list of its kind, as one invocation changes it. */
export interface ListEntry {
  note(before: ActorIndex | null, after: ActorIndex | null): void
  /** Before the end. Should it take long, the list is told of a new actor by then. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Tells the list, if anything is different. */
  end(): void
}

/** ms after which what is still under way is to be seen in a list. */
const LIST_DELAY_MS = 100

export function openListEntry({ names, client }: RestateNode, ctx: ObjectContext, { kind, key }: ActorRef): ListEntry {
  const place = { service: names.directory, key: shardOf(kind, key) }
  let before: ActorIndex | null | undefined
  let row: ActorIndex | null = null

  /** Beside the journal, so never over a row that is there; who cannot be reached is told at the end. */
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
