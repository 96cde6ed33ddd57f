import type { Database, Value, Write } from '../../../src/store/database/database.ts'
import type { openWriter } from '../../../src/store/database/writer.ts'
import type { FaultSchedule } from '../plan/faults.ts'
import type { EngineLife } from './life.ts'
import type { StepScheduler } from './scheduler.ts'

/** Shared by all databases of a trial. */
export type SimulatedDisk = {
  readonly scheduler: StepScheduler
  readonly nextFlush: FaultSchedule['nextFlush']
  /** The process dies at this point. */
  crash(): void
}

type DatabaseSettings = {
  readonly writer: ReturnType<typeof openWriter>
  /** Runs a statement on the flushed data. */
  readonly read: (sql: string, parameters: readonly Value[]) => readonly unknown[]
  readonly life: EngineLife
  readonly disk: SimulatedDisk
}

/**
 * A database that flushes and reports in steps of the scheduler. Data
 * that was not flushed when its life ends was never written.
 */
export function simulatedDatabase({ writer, read, life, disk }: DatabaseSettings): Database {
  const { scheduler, nextFlush, crash } = disk
  const waiting: Write[] = []
  let busy = false
  let closed = false
  let written = (_seq: number) => {}
  let failed = (_error: Error) => {}

  async function work(): Promise<void> {
    busy = true
    for (let write = waiting.shift(); write; write = waiting.shift()) await flush(write)
    busy = false
  }

  async function flush(write: Write): Promise<void> {
    const faultOf = nextFlush()
    const slow = faultOf('slow')
    await scheduler.turn(`flush ${describe(write)}`, { life, ...(slow && { delay: slow.ms }) })
    if (closed) return
    if (faultOf('torn')) return tear(write)
    const refusal = faultOf('refuse')
    if (!refusal || refusal.written) writer.write(write)
    if (faultOf('unheard')) return crash()
    await scheduler.turn(`${refusal ? refusal.reason : 'flushed'} ${write.seq}`, { life })
    if (refusal) failed(new Error(refusal.reason))
    else written(write.seq)
  }

  // half a row, and no other row of the same flush
  function tear({ seq, log, ids }: Write): void {
    writer.write({ seq, log, ...(ids !== undefined && { ids }) })
    read('update log set data = ? where seq = ?', [log.slice(0, log.length / 2), seq])
    crash()
  }

  const all = <Row>(sql: string, parameters: readonly Value[] = []) =>
    (life.alive ? read(sql, parameters) : []) as readonly Row[]

  return {
    write(write) {
      if (!life.alive) return
      waiting.push(write)
      if (!busy) void work()
    },
    onWritten: (listener) => void (written = listener),
    onFailed: (listener) => void (failed = listener),
    all,
    first: <Row>(sql: string, parameters: readonly Value[] = []) => all<Row>(sql, parameters)[0],
    async close() {
      if (!closed) writer.close()
      closed = true
    },
  }
}

const describe = ({ seq, log, ids = '', rows = [] }: Write) => `${seq} ${log} ${ids} ${rows.map(([name]) => name)}`
