import { type EngineView, inspectOne } from '../../../engine/engine.ts'
import { FILES_KIND, filesRef, MAX_NAMED } from '../../../file/actor.ts'
import { type FileRecord, RECORDS } from '../../../file/record.ts'
import { freeRemoved } from '../../../file/room/disk-usage.ts'
import { goalRef, runRef, threadRef } from '../../../house/actors.ts'
import { unlessDamaged } from '../../../kernel/faults.ts'
import { getOrInsert } from '../../../lib/collections/get-or-insert.ts'
import type { ByteStore } from '../../../store/blobs/blobs.ts'
import { type CollectionTerms, DAY, type Gone } from './limits.ts'
import { listedOf, rest } from './scan.ts'

type Parts = Omit<CollectionTerms, 'limits'>

/**
 * Removes the records of files that no stored run, goal or conversation uses, some days after their last use. The sweep
 * of values then removes their bytes, unless another owner has them.
 */
export async function expireFiles({ engine, clock, unusedDays, dryRun }: Parts): Promise<readonly Gone[]> {
  const { view } = engine
  const usedBefore = clock.now() - unusedDays * DAY
  const why = `not used for ${unusedDays} days`
  const isStored = rememberStored(view)
  const gone: Gone[] = []
  for await (const { key: owner } of listedOf(view, FILES_KIND, clock)) {
    const of = filesRef(owner)
    const old: FileRecord[] = []
    for await (const [, part] of view.parts(of, { prefix: RECORDS })) {
      const record = part as FileRecord
      if (record.usedAt < usedBefore && !(await isSome(record.uses, isStored))) old.push(record)
    }
    for (let from = 0; from < old.length; from += MAX_NAMED) {
      const portion = old.slice(from, from + MAX_NAMED)
      const message = { type: 'remove', files: portion.map(({ file }) => file), usedBefore }
      // one that was used since then stays
      if (!dryRun && !(await unlessDamaged(() => engine.ask(of, message), undefined))) break
      gone.push(...portion.map(({ file, bytes }) => ({ what: 'file', why, id: `${owner}/${file}`, bytes }) as const))
      await rest(clock)
    }
  }
  return gone
}

/** Frees the bytes of removed files of all owners that nothing can read any more. */
export async function freeFiles({ engine, clock }: Pick<Parts, 'engine' | 'clock'>, bytes: ByteStore): Promise<void> {
  for await (const { key } of listedOf(engine.view, FILES_KIND, clock))
    await unlessDamaged(() => freeRemoved(engine, bytes, key), 0)
}

/** Whether the work of a use is stored: `run/ID`, a run or a goal, or `thread/KEY`. */
function rememberStored(view: EngineView): (use: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>()
  const look = async (use: string) => {
    const id = use.slice(use.indexOf('/') + 1)
    for (const ref of use.startsWith('thread/') ? [threadRef(id)] : [runRef(id), goalRef(id)])
      if (await inspectOne(view, ref)) return true
    return false
  }
  return (use) => getOrInsert(known, use, look)
}

async function isSome<T>(items: readonly T[], is: (item: T) => Promise<boolean>): Promise<boolean> {
  for (const item of items) if (await is(item)) return true
  return false
}
