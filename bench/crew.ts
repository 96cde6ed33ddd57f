import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild } from './children.ts'
import { isCounted } from './count/subjects.ts'
import { traceInto } from './count/trace.ts'
import { LOADS } from './engine/loads.ts'
import { subjectOf } from './peers/peers.ts'
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

/** Where and how long to measure, and which server a measurement needs. */
export type CrewOptions = {
  readonly folder: string
  readonly warmUp: number
  readonly seconds: number
  serverOf(name: string): Server | undefined
}
/** Where a server listens, and the file with its writes if they are counted. */
type Server = { readonly address?: string; readonly trace?: string }

type Member = { readonly child: Child; readonly task: Task }

/**
 * A process for each measurement. One with a load keeps its files open from round to round, so that it has to warm up only once; what
 * is measured in a way of its own begins anew each time.
 */
export function createCrew({ folder, warmUp, seconds, serverOf }: CrewOptions): Crew {
  const members = new Map<string, Member>()

  async function enlist(name: string): Promise<Member> {
    const own = await mkdtemp(join(folder, 'measurement-'))
    const trace = isCounted(subjectOf(name)) ? `${own}.trace` : undefined
    const environment = { ...QUIET, NODE_COMPILE_CACHE: join(folder, 'compiled') }
    const child = startChild(SCRIPT, environment, trace === undefined ? [] : traceInto(trace))
    const { address, trace: server } = serverOf(name) ?? {}
    const task: Task = {
      name,
      folder: own,
      warmUp,
      seconds,
      id: randomUUID(),
      ...(address !== undefined && { address }),
      ...(trace !== undefined && { traces: server === undefined ? [trace] : [trace, server] }),
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
