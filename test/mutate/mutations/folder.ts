import type { Mutation } from '../mutation.ts'

const OWNER = 'test/store/owner.test.ts'
const BACKUP = 'test/store/backup.long.test.ts'
const BLOBS = 'test/store/blobs/blobs.test.ts'
const SWEEP = 'test/store/blobs/gc.test.ts'
const REFERENCES = 'test/store/blobs/references.test.ts'

/** The data folder: its one owner, its blobs and which of them go, its backups. */
export const folder: readonly Mutation[] = [
  {
    name: 'two may own a folder at once',
    file: 'src/store/data-folder/owner.ts',
    find: "database.exec('PRAGMA locking_mode = EXCLUSIVE')",
    replace: '',
    caughtBy: [OWNER, 'tells a second process which one holds the folder'],
  },
  {
    name: 'the folder of a dead owner is not taken over',
    file: 'src/store/data-folder/owner.ts',
    find: 'if (lock) return ownOrClose(',
    replace: 'if (lock && !readRecord(folder)) return ownOrClose(',
    caughtBy: [OWNER, 'is given up by a kill -9'],
  },
  {
    name: 'a dead owner passes for a living one',
    file: 'src/store/data-folder/owner-record.ts',
    find: 'record && isAlive(record.pid) ? record',
    replace: 'record ? record',
    caughtBy: ['test/store/data-folder/owner-record.test.ts', 'the record of an owner counts as long as that lives'],
  },
  {
    name: 'a copied folder takes the owner of the original for its own',
    file: 'src/store/data-folder/owner-record.ts',
    find: 'record.identity === identityOf(folder) ? record',
    replace: 'record.identity ? record',
    caughtBy: [
      'test/store/data-folder/owner-record.test.ts',
      'a copy of a folder does not have the owner of the original',
    ],
  },
  {
    name: 'each owner has the same epoch',
    file: 'src/store/data-folder/owner.ts',
    find: 'run([(last ?? 0) + 1])',
    replace: 'run([last ?? 0])',
    caughtBy: [OWNER, 'counts owners up'],
  },
  {
    name: 'who gives a folder up twice gives up that of another',
    file: 'src/store/data-folder/owner.ts',
    find: '      if (released) return\n',
    replace: '',
    caughtBy: [OWNER, 'counts owners up'],
  },
  {
    name: 'a damaged backup is restored',
    file: 'src/store/backup/restore.ts',
    find: 'if (verification.faults.length > 0)',
    replace: 'if (verification.faults.length > 1_000)',
    caughtBy: [BACKUP, 'verification finds a row of a table'],
  },
  {
    name: 'a backup is restored over what is there',
    file: 'src/store/backup/restore.ts',
    find: '.some((name) => !besides.test(name))',
    replace: ".includes('')",
    caughtBy: [BACKUP, 'is restored only where nothing is'],
  },
  {
    name: 'a half restored folder passes as an empty one',
    file: 'src/store/data-folder/owner.ts',
    find: 'restores || !isHalfRestored(folder)',
    replace: 'restores || folder',
    caughtBy: ['test/store/restore-killed.long.test.ts', 'a restore that is killed before the first blob'],
  },
  {
    name: 'verification does not look at the checksums of the log',
    file: 'src/store/database/row-checks.ts',
    find: 'logChecksum(data, ids ?? null, Number(seq)) === numberIn(sum)',
    replace: 'logChecksum(data, ids ?? null, Number(seq)) !== undefined',
    caughtBy: [BACKUP, 'verification finds a checksum of the log'],
  },
  {
    name: 'verification does not look into blobs',
    file: 'src/store/backup/verify.ts',
    find: 'hashOf(value) !== String(hash)',
    replace: "hashOf(value) === ''",
    caughtBy: [BACKUP, 'verification finds a blob'],
  },
  {
    name: 'a backup replaces what came there meanwhile',
    file: 'src/store/backup.ts',
    find: 'else await link(draft, file)',
    replace: 'else await rename(draft, file)',
    caughtBy: ['test/store/backup-meanwhile.test.ts', 'a file that comes when the backup has begun is not replaced'],
  },
  {
    name: 'a backup holds damaged blobs',
    file: 'src/store/backup/draft.ts',
    find: 'if (hashOf(first) !== hash)',
    replace: "if (hashOf(first) === '')",
    caughtBy: [BACKUP, 'names a blob that is damaged'],
  },
  {
    name: 'a damaged blob is given as if it were whole',
    file: 'src/store/blobs/blobs.ts',
    find: 'if ((await hashOf(text)) !== hash)',
    replace: "if (text === '')",
    caughtBy: [BLOBS, 'a blob that cannot be given is reported by hash when the file is changed'],
  },
  {
    name: 'what a blob gives can be changed by its readers',
    file: 'src/store/blobs/blobs.ts',
    find: 'const value = await freeze(JSON.parse(text))',
    replace: 'const value = JSON.parse(text)',
    caughtBy: [BLOBS, 'blobs gives the same frozen value to all readers'],
  },
  {
    name: 'a sweep takes blobs that are in use',
    file: 'src/store/blobs/folder-store.ts',
    find: '!used.has(shard + rest)',
    replace: '!used.has(rest)',
    caughtBy: [SWEEP, 'removes blobs that are old and not in use, and no others'],
  },
  {
    name: 'a sweep takes blobs that were put a moment ago',
    file: 'src/store/blobs/folder-store.ts',
    find: 'found.mtimeMs < before)',
    replace: 'found.mtimeMs < before + 86_400_000)',
    caughtBy: [SWEEP, 'removes blobs that are old and not in use, and no others'],
  },
  {
    name: 'a dry sweep takes blobs',
    file: 'src/store/blobs/gc.ts',
    find: 'if (!dryRun) await remove(item)',
    replace: 'await remove(item)',
    caughtBy: [SWEEP, 'a dry sweep only counts, and a missing folder counts as empty'],
  },
  {
    name: 'a blob that is put again counts as old',
    file: 'src/store/blobs/folder-store.ts',
    find: ' || (await isOld(path, Date.now() - RECENT_MS))',
    replace: '',
    caughtBy: [SWEEP, 'spares what another process puts again while it is swept'],
  },
  {
    name: 'a blob that another process puts again while it is swept is gone',
    file: 'src/store/blobs/folder-store.ts',
    find: 'if (await isOld(taken, before)) await rm(taken',
    replace: 'if (taken) await rm(taken',
    caughtBy: [SWEEP, 'spares what another process put again between being found'],
  },
  {
    name: 'a blob that is put while it is swept is gone',
    file: 'src/store/blobs/blobs.ts',
    find: 'await alone(hash, () => {',
    replace: 'await inTurn()(hash, () => {',
    caughtBy: [SWEEP, 'a blob put during its removal is stored afterwards'],
  },
  {
    name: 'a call after the end of a copy is in no doubt',
    file: 'src/engine/libsql/log/doubts.ts',
    find: 'if (since <= 0) return undefined',
    replace: 'if (since <= Infinity) return undefined',
    caughtBy: ['test/store/replica/doubts.long.test.ts', 'a machine that is lost anywhere'],
  },
  {
    name: 'only the first hash of a text keeps its blob',
    file: 'src/store/blobs/gc.ts',
    find: '=> text.match(HASH) ?? []',
    replace: '=> text.match(HASH)?.slice(0, 1) ?? []',
    caughtBy: [REFERENCES, 'all hashes of a text are found'],
  },
  {
    name: 'a blob is let go though one of the tables names it',
    file: 'src/store/blobs/gc.ts',
    find: 'for (const table of tablesOf(database)) {',
    replace: 'for (const table of tablesOf(database).slice(2)) {',
    caughtBy: [REFERENCES, 'all hashes of a text are found'],
  },
  {
    name: 'what was used last is let go first',
    file: 'src/store/lru.ts',
    find: 'if (entry && key !== newest) put(key, entry)',
    replace: '',
    caughtBy: ['test/store/lru.test.ts', 'evicts the least recently used entries above the limit'],
  },
]
