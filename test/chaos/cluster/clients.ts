import type { Engine } from '../../../src/engine/engine.ts'
import type { FileLedger } from '../../../trials/index.ts'
import { clientsOf, type Strand } from '../load/strand.ts'
import { strands, writeOf } from './load.ts'

/** All clients of a cluster, from outside of it. */
export interface Clients {
  /** How many pieces of work of a strand were acknowledged. */
  count(strand: string): number
  /** What they were told instead of being served. */
  readonly errors: readonly string[]
  /** No new work; resolves when all that was begun is acknowledged. */
  stop(): Promise<void>
}

/** Every so many pieces of work one that was acknowledged is done again: the same ids must come to the same. */
const AGAIN = 8

/** Lets clients work, each piece through one engine after the other; of all strands but the first at most `beside` each. */
export function startClients(engines: readonly Engine[], ledger: FileLedger, beside: number): Clients {
  const counts = new Map<string, number>()
  const errors: string[] = []
  let isOver = false

  async function work(strand: Strand, client: string): Promise<void> {
    const write = writeOf(ledger, strand)
    const act = async (n: number, turn: number) => {
      const engine = engines[turn % engines.length]!
      write({ what: 'done', client, n, result: await strand.act(engine, { client, n, life: 1 }, write) })
    }
    for (let n = 1; !isOver; n++) {
      try {
        await act(n, n)
        if (n % AGAIN === 0) await act(n, n + 1)
      } catch (error) {
        errors.push(`${client}-${n}: ${error}`)
      }
      counts.set(strand.name, (counts.get(strand.name) ?? 0) + 1)
    }
  }

  const working = strands.flatMap((strand, index) =>
    clientsOf(strand)
      .slice(0, index === 0 ? undefined : beside)
      .map((client) => work(strand, client)),
  )
  return {
    count: (strand) => counts.get(strand) ?? 0,
    errors,
    async stop() {
      isOver = true
      await Promise.all(working)
    },
  }
}
