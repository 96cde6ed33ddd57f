import type { ContentCounts, ContentDigest, EngineContents } from '../../engine/transfer.ts'
import { compareDigests, digestContents } from '../../engine/transfer.ts'
import { InvalidError, TerminalError } from '../../errors.ts'
import { copyBlobs } from '../../store/blobs/blobs.ts'
import { folderStore } from '../../store/blobs/folder-store.ts'
import { openSharedStore } from '../../store/blobs/shared-store.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import type { MigrationRecord } from '../data-folder/migration-record.ts'
import type { MigrateOptions } from './options.ts'
import { openFilledLibsql, openFilledRestate, openLibsqlSide, openRestateSide, type Side } from './sides.ts'

/** How much has to be moved. */
export async function count(data: string, record: MigrationRecord): Promise<ContentCounts> {
  return withSide(openSource(data, record), async ({ contents }) => (await digestContents(contents)).counts)
}

/** Copies everything to the new side, and reads it back from there. Error `unverified` when the two differ. */
export function copy(options: MigrateOptions, record: MigrationRecord): Promise<ContentCounts> {
  const { data, onProgress = () => {} } = options
  return withSide(openSource(data, record), async ({ contents }) => {
    onProgress({ doing: 'reading' })
    const expected = await digestContents(contents)
    const { counts } = expected
    onProgress({ doing: 'copying', counts })
    await moveBlobs(options, record)
    await withSide(openTarget(data, record, contents), async (target) => {
      onProgress({ doing: 'verifying', counts })
      checkSame(expected, await digestContents(target.contents))
    })
    return counts
  })
}

async function withSide<Result>(opening: Promise<Side>, work: (side: Side) => Promise<Result>): Promise<Result> {
  const side = await opening
  return work(side).finally(() => side.close())
}

function openSource(data: string, { to, restate }: MigrationRecord): Promise<Side> {
  return to === 'restate' ? openLibsqlSide(placesIn(data).database) : openRestateSide(data, restate)
}

function openTarget(data: string, { to, restate }: MigrationRecord, contents: EngineContents): Promise<Side> {
  return to === 'restate' ? openFilledRestate(data, restate, contents) : openFilledLibsql(data, contents)
}

/** Blobs are in the data folder, or on Restate where all nodes share them. */
async function moveBlobs({ data, environment = {} }: MigrateOptions, { to, restate }: MigrationRecord): Promise<void> {
  if (restate.shared === undefined) return
  const shared = openSharedStore(restate.shared, environment, placesIn(data).blobs)
  const own = folderStore(placesIn(data).blobs)
  if (to === 'libsql') return copyBlobs(shared, own)
  if ((await shared.marks()).length > 0) throw othersStorage(restate.shared)
  await copyBlobs(own, shared)
}

function othersStorage(shared: string): InvalidError {
  return new InvalidError(`${shared} is the storage of another namespace; moved data needs a new storage.`, {
    code: 'other_storage',
    hint: 'Name a new folder or prefix: engine: { restate: { shared: … } }',
  })
}

function checkSame(expected: ContentDigest, found: ContentDigest): void {
  const differing = compareDigests(expected, found)
  if (differing.length === 0) return
  throw new TerminalError(`The copy differs from the original, so nothing was moved: ${differing.join('; ')}.`, {
    code: 'unverified',
  })
}
