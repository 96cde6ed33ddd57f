import type { Actor } from '../../../src/kernel/types.ts'
import type { FileLedger } from '../../../trials/index.ts'
import { alarms } from '../load/alarms.ts'
import { counters } from '../load/counters.ts'
import { jobs } from '../load/jobs.ts'
import { logs } from '../load/logs.ts'
import type { Strand, Write } from '../load/strand.ts'
import { runs } from './runs.ts'

/** All kinds of work that a cluster does at the same time. */
export const strands: readonly Strand[] = [runs, counters, alarms, logs, jobs]

/** The actors of a node, which write down what they do. */
export const actorsOf = (ledger: FileLedger): readonly Actor[] =>
  strands.flatMap((strand) => strand.actors(writeOf(ledger, strand)))

/** How a strand writes into the ledger. */
export function writeOf(ledger: FileLedger, { name }: Strand): Write {
  return (note) => ledger.write({ strand: name, ...note })
}
