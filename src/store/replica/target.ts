/**
 * A copy of a data folder in a bucket, away from its machine. Use it where the loss of the machine must not lose the
 * work. `replica.ts` writes it while work goes on, and `restore.ts` makes a folder of it. In the bucket are
 *
 * - `antiphon/lineage/NUMBER`, which identifies the folder and those that are restored from it
 * - `antiphon/claims/EPOCH-START`, one for each start and each restore: only the owner of the last one may write
 * - `antiphon/copies/EPOCH-START-N/`: `base-HASH` is a backup, `NUMBER-HASH` are writes since then, `blobs/HASH` their
 *   blobs, and `memory/TIME-HASH` the memories of that time if they have changed since the base
 */

import { hash as digest, randomInt } from 'node:crypto'
import { statSync } from 'node:fs'
import { InvalidError, TerminalError } from '../../errors.ts'
import type { S3Bucket } from '../blobs/s3-bucket.ts'

const LINEAGE = 'antiphon/lineage/'
const CLAIMS = 'antiphon/claims/'
const COPIES = 'antiphon/copies/'

export const sha = (text: string) => digest('sha256', text)

/** Names with a number in front sort by it. */
export const padded = (number: number): string => String(number).padStart(16, '0')

/** Encoded writes since the segment before, or since the base. `before`: the hash of what they follow. */
export type Segment = { readonly [field in 'number' | 'at']: number } & {
  readonly before: string
  /** the keys of blobs and memories that came since the segment before */
  readonly files: readonly string[]
  readonly writes: readonly string[]
}

async function namesIn(bucket: S3Bucket, prefix: string): Promise<string[]> {
  const names: string[] = []
  for await (const { key } of bucket.list(prefix)) names.push(key.slice(prefix.length))
  return names.sort()
}

const putName = (bucket: S3Bucket, key: string) => bucket.put(key, key, sha(key))

/** Claims the bucket for a restore and gives its epoch. It skips some: the old owner may start again. */
export async function claimAgain(bucket: S3Bucket): Promise<number> {
  const epoch = Number((await namesIn(bucket, CLAIMS)).at(-1)?.slice(0, 16) ?? 0) + randomInt(1_000_000, 2_000_000)
  await putName(bucket, `${CLAIMS}${padded(epoch)}-restore`)
  return epoch
}

/** The bucket, as one owner writes to it. `name`: for messages. `blobs`: the folder of blobs. */
export type ReplicaTarget = { readonly [field in 'name' | 'claim' | 'blobs']: string } & {
  readonly bucket: S3Bucket
  readonly lineage: number
}

/**
 * Checks that this owner may write, and claims the bucket. True: there was no claim of it yet, or all is gone.
 * @throws InvalidError for the copy of another folder, and TerminalError `fenced` for a later claim
 */
export async function claimTarget({ bucket, name, claim, lineage }: ReplicaTarget): Promise<boolean> {
  const [found = padded(lineage)] = await namesIn(bucket, LINEAGE)
  if (found !== padded(lineage))
    throw new InvalidError(`${name} holds the copy of another data folder, so nothing is copied.`, {
      code: 'foreign_replica',
      hint: 'Restore that copy into an empty folder: antiphon restore --from URL --data DIR. Or name another prefix.',
    })
  const last = (await namesIn(bucket, CLAIMS)).at(-1) ?? ''
  if (last > claim)
    throw new TerminalError(`Another owner has taken over: ${name} was restored, or this folder was copied.`, {
      code: 'fenced',
      hint: 'Go on there. To go on with this folder after all, name another prefix under `replica` in antiphon.yaml.',
    })
  if (last === claim) return false
  await putName(bucket, LINEAGE + padded(lineage))
  await putName(bucket, CLAIMS + claim)
  return true
}

/** Adds a base, a blob or memories to a copy, and gives the key. */
export async function addFile({ bucket }: ReplicaTarget, name: string, path: string, hash: string): Promise<string> {
  const key = `${COPIES}${name}${hash}`
  await bucket.putFile(key, { path, hash, bytes: statSync(path).size })
  return key
}

/** Adds the text of a segment, and gives its hash. */
export async function addSegment({ bucket }: ReplicaTarget, copy: string, number: number, text: string) {
  const hash = sha(text)
  await bucket.put(`${COPIES}${copy}/${padded(number)}-${hash}`, text, hash)
  return hash
}

/** Removes what lies beside an object in its folder. */
export async function removeBeside({ bucket }: ReplicaTarget, key: string): Promise<void> {
  const folder = key.slice(0, key.lastIndexOf('/') + 1)
  for (const name of await namesIn(bucket, folder)) if (folder + name !== key) await bucket.remove(folder + name)
}

const REMOVED_AT_ONCE = 50

/** Removes some of what is older than a copy, and tells whether more is left. A later owner keeps its own. */
export async function removeOlder({ bucket, claim }: ReplicaTarget, copy: string): Promise<boolean> {
  const older = async (prefix: string, than: string) =>
    (await namesIn(bucket, prefix)).filter((key) => key < than).map((key) => prefix + key)
  const keys = [...(await older(COPIES, copy)), ...(await older(CLAIMS, claim))]
  await Promise.all(keys.slice(0, REMOVED_AT_ONCE).map((key) => bucket.remove(key)))
  return keys.length > REMOVED_AT_ONCE
}

/** The last copy whose base is there, with its segments in order. @throws InvalidError if there is none */
export async function findCopy(bucket: S3Bucket) {
  const keys = await namesIn(bucket, COPIES)
  const base = keys.findLast((key) => /^[^/]+\/base-/.test(key))
  if (base === undefined)
    throw new InvalidError('There is no copy of a data folder at this address.', { hint: 'Check the prefix.' })
  const of = (start: RegExp) =>
    keys
      .filter((key) => key.startsWith(base.slice(0, base.indexOf('/') + 1)) && start.test(key.slice(base.indexOf('/'))))
      .map((key) => ({ key: COPIES + key, hash: key.slice(-64) }))
  return { base: of(/^\/base-/)[0]!, segments: of(/^\/\d/), blobs: of(/^\/blobs/), memory: of(/^\/memory/) }
}
