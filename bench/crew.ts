import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild } from './children.ts'
import { LOADS } from './engine/loads.ts'
import type { Figures, Task } from './task.ts'

/** The processes that measure. */
export interface Crew {
  /** Rejects when nothing could be measured. */
  measure(name: string): Promise<Figures>
  /** Ends them all. */
  end(): Promise<void>
}

const SCRIPT = join(import.meta.dirname, 'child.ts')
/** ms that a measurement may take */
const LONGEST = 20_000

type Member = { readonly child: Child; readonly task: Task }

/**
 * A process for each measurement. One with a load keeps its files open from round to round, so that it has to warm up only once; what
 * is measured in a way of its own begins anew each time.
 */
export function createCrew({ folder, seconds }: { readonly folder: string; readonly seconds: number }): Crew {
  const members = new Map<string, Member>()

  async function enlist(name: string): Promise<Member> {
    const child = startChild(SCRIPT, { NODE_COMPILE_CACHE: join(folder, 'compiled') })
    const task = { name, seconds, folder: await mkdtemp(join(folder, 'measurement-')), id: randomUUID() }
    return { child, task }
  }

  return {
    async measure(name) {
      const member = members.get(name) ?? (await enlist(name))
      members.set(name, member)
      try {
        return await member.child.ask<Figures>(member.task, LONGEST)
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

const isLoad = (name: string) => name.slice(name.indexOf('/') + 1) in LOADS
