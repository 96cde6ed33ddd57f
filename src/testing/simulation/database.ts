import type Libsql from 'libsql'
import type { Database, Value, Write } from '../../store/database.ts'
import type { openWriter } from '../../store/writer.ts'
import type { Life } from './life.ts'
import type { Fault } from './plan.ts'
import type { Scheduler } from './scheduler.ts'

/** Flushes over the whole trial, and what goes wrong with which. */
export type Disk = {
  readonly scheduler: Scheduler
  /** the faults of the next flush */
  nextFlush(): readonly Extract<Fault, { flush: number }>[]
  /** Called for a flush whose process must not hear of it. */
  crash(): void
}

type Options = {
  readonly writer: ReturnType<typeof openWriter>
  readonly reader: Libsql.Database
  readonly life: Life
  readonly disk: Disk
}

/** A database that flushes, and tells of it, in steps of the scheduler: what was not flushed when its life ends was never written. */
export function simulatedDatabase({ writer, reader, life, disk }: Options): Database {
  const waiting: Write[] = []
  let busy = false
  let broken = false
  let closed = false
  let written = (_seq: number) => {}
  let failed = (_error: Error) => {}

  async function work(): Promise<void> {
    busy = true
    for (let write = waiting.shift(); write && !broken; write = waiting.shift()) await flush(write)
    busy = false
  }

  async function flush(write: Write): Promise<void> {
    const faults = disk.nextFlush()
    const slow = faults.find(({ type }) => type === 'slow') as Extract<Fault, { type: 'slow' }> | undefined
    await disk.scheduler.turn(`flush ${describe(write)}`, { life, ...(slow && { delay: slow.ms }) })
    const refused = faults.find(({ type }) => type === 'refuse') as Extract<Fault, { type: 'refuse' }> | undefined
    if (!refused || refused.written) writer.write(write)
    if (faults.some(({ type }) => type === 'unheard')) return disk.crash()
    await disk.scheduler.turn(refused ? `${refused.reason} ${write.seq}` : `flushed ${write.seq}`, { life })
    if (!refused) return written(write.seq)
    broken = true
    failed(new Error(refused.reason))
  }

  return {
    write(write) {
      if (!life.alive) return
      waiting.push(write)
      if (!busy) void work()
    },
    onWritten: (listener) => void (written = listener),
    onFailed: (listener) => void (failed = listener),
    all: <Row>(sql: string, parameters: readonly Value[] = []) =>
      life.alive ? (reader.prepare(sql).all([...parameters]) as Row[]) : [],
    async close() {
      if (!closed) writer.close()
      closed = true
    },
  }
}

const describe = ({ seq, log, rows }: Write) => `${seq} ${log}${rows ? ` with ${rows.map(([name]) => name)}` : ''}`
