import { NotFoundError } from '../../errors.ts'
import { deriveId } from '../../kernel/commit.ts'
import type { Envelope } from '../../kernel/types.ts'
import type { DeadLetter, DeadLetters } from '../engine.ts'
import { newId, resumeMessage } from '../envelope.ts'
import { openShards } from './admin/sharded-rows.ts'
import type { RestateClient } from './client/client.ts'
import { type ServiceNames, shardOf } from './names.ts'

type Dependencies = {
  readonly client: RestateClient
  readonly names: ServiceNames
  checkOpen(kind: string): void
  /** Resolves when the server has accepted the message, or had it already. */
  post(envelope: Envelope): Promise<void>
}

export function restateDeadLetters({ client, names, checkOpen, post }: Dependencies): DeadLetters {
  const shards = openShards(client, names.letters)
  const callFor = (handler: string, id: string) => ({
    service: names.letters,
    key: shardOf('letter', id),
    handler,
    body: id,
  })

  async function drop(id: string): Promise<void> {
    // sent under an id, so that a repeated request after a lost response gets the same result
    const { body: wasThere } = await client.call({ ...callFor('drop', id), id: newId() })
    if (!wasThere) throw new NotFoundError(`There is no dead letter ${id}.`)
  }

  return {
    async list() {
      const rows = await shards.read('letter')
      return rows.map(([, row]) => row as DeadLetter).sort(byTime)
    },
    async retry(id) {
      const { body } = await client.call(callFor('get', id))
      const found = body as DeadLetter | null
      if (!found) throw new NotFoundError(`There is no dead letter ${id}.`)
      checkOpen(found.letter.to.kind)
      const again = deriveId(id, 'retry')
      // a retry after a crash, or a concurrent one, sends the same id again, which is ignored
      await post(resumeMessage(found.letter))
      await post({ ...withoutAsker(found.letter), id: again })
      await drop(id)
      return again
    },
    drop,
  }
}

const byTime = (a: DeadLetter, b: DeadLetter) => a.at - b.at || a.letter.createdAt - b.letter.createdAt

/** An external caller has already received the error. */
function withoutAsker({ replyTo, ...letter }: Envelope): Envelope {
  return replyTo && replyTo.kind !== 'reply' ? { ...letter, replyTo } : letter
}
