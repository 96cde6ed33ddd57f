import { NotFoundError } from '../../errors.ts'
import type { DeadLetter, DeadLetters } from '../engine.ts'
import type { Client } from './client.ts'
import { type Names, shardOf } from './names.ts'
import type { Retried } from './rows.ts'
import { readShards } from './view.ts'

/** Dead letters as rows by their ids. */
export function restateLetters(client: Client, names: Names): DeadLetters {
  const ask = async (id: string, handler: string): Promise<unknown> => {
    const call = { service: names.letters, key: shardOf('letter', id), handler, body: id }
    return (await client.call(call)).body
  }
  return {
    async list() {
      const rows = await readShards(client, names.letters, 'letter')
      return rows.map(([, row]) => row as unknown as DeadLetter).sort((a, b) => a.at - b.at)
    },
    async retry(id) {
      const retried = (await ask(id, 'retry')) as Retried
      if ('missing' in retried) throw new NotFoundError(`no ${retried.missing}`)
      return retried.id
    },
    async drop(id) {
      if (!(await ask(id, 'drop'))) throw new NotFoundError(`no dead letter ${id}`)
    },
  }
}
