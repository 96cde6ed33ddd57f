import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild } from './children.ts'
import { LOADS } from './engine/loads.ts'
import { findLoad } from './pipeline/loads.ts'
import type { Figures, Task } from './task.ts'

/** The processes that measure. */
export interface Crew {
  /** Rejects when nothing could be measured, and after `limit` ms. */
  measure(name: string, limit: number): Promise<Figures>
  /** Ends them all. */
  end(): Promise<void>
}

const SCRIPT = join(import.meta.dirname, 'child.ts')
/** No peer tells its makers that it is measured. */
const QUIET = {
  MASTRA_TELEMETRY_DISABLED: '1',
  LANGSMITH_TRACING: 'false',
  SCARF_ANALYTICS: 'false',
  DO_NOT_TRACK: '1',
}

/** Where and how long to measure, and where the servers of a measurement listen, if it needs any. */
export type CrewOptions = {
  readonly folder: string
  readonly warmUp: number
  readonly seconds: number
  addressOf(name: string): string | undefined
}
type Member = { readonly child: Child; readonly task: Task }

/**
 * A process for each measurement. One with a load keeps its files open from round to round, so that it has to warm up only once; what
 * is measured in a way of its own begins anew each time.
 */
export function createCrew({ folder, warmUp, seconds, addressOf }: CrewOptions): Crew {
  const members = new Map<string, Member>()

  async function enlist(name: string): Promise<Member> {
    const child = startChild(SCRIPT, { ...QUIET, NODE_COMPILE_CACHE: join(folder, 'compiled') })
    const address = addressOf(name)
    const task: Task = {
      name,
      folder: await mkdtemp(join(folder, 'measurement-')),
      warmUp,
      seconds,
      id: randomUUID(),
      ...(address !== undefined && { address }),
    }
    return { child, task }
  }

  return {
    async measure(name, limit) {
      const member = members.get(name) ?? (await enlist(name))
      members.set(name, member)
      try {
        return await member.child.ask<Figures>(member.task, limit)
      } finally {
        if (!isLoad(name)) {
          members.delete(name)
          await member.child.end()
        }
      }
    },
    async end() {
      await Promise.all([...members.values()].map(({ child }) => child.end()))
    },
  }
}

function isLoad(name: string): boolean {
  const load = name.slice(name.indexOf('/') + 1)
  return load in LOADS || findLoad(load) !== undefined
}
